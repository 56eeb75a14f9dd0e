"""Whatever clients do, in whatever order, the mock says what the model says.

`TWOSIGNAL_MODEL_EXAMPLES` is how many runs each seed makes (12 by default), `TWOSIGNAL_MODEL_STEPS` how long one is,
`TWOSIGNAL_MODEL_SEEDS` a list of seeds separated by commas.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test
from twosignal_contract import Contract, load_contract

from tests.mock.model.direct import Direct
from tests.mock.model.machine import ProjectMachine

EXAMPLES = int(os.environ.get("TWOSIGNAL_MODEL_EXAMPLES", "12"))
STEPS = int(os.environ.get("TWOSIGNAL_MODEL_STEPS", "30"))
SEEDS = [int(text) for text in os.environ.get("TWOSIGNAL_MODEL_SEEDS", "1,2,3").split(",")]

NOON = "2026-03-14T12:00:00Z"
FEW = 5
"""Requests in a window of the plan that the machine meets its limit with."""


@pytest.fixture(scope="module")
def contract(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The contract with one plan of very few requests."""
    text = load_contract().path.read_text(encoding="utf-8")
    plans = yaml.safe_load(text)["x-plans"]
    name, rate = min(plans.items(), key=lambda plan: plan[1])
    path: Path = tmp_path_factory.mktemp("contract") / "openapi.yaml"
    path.write_text(text.replace(f"\n  {name}: {rate}\n", f"\n  {name}: {FEW}\n", 1), encoding="utf-8")
    changed = load_contract(path)
    assert changed.plans[name] == FEW
    return changed


@pytest.fixture(scope="module")
def mock(contract: Contract) -> Iterator[Direct]:
    with Direct(contract=contract, clock=NOON, validate_answers=True) as direct:
        yield direct


@pytest.mark.timeout(900)  # a failing run is made smaller first, which takes minutes
@pytest.mark.parametrize("number", SEEDS)
def test_the_mock_is_the_model(contract: Contract, mock: Direct, number: int) -> None:
    print(f"model: seed {number}, {EXAMPLES} runs of {STEPS} steps, contract {contract.sha256}")
    plans = sorted(contract.plans, key=lambda name: contract.plans[name])

    class Machine(ProjectMachine):
        pass

    Machine.mock, Machine.contract = mock, contract
    Machine.limited_plan, Machine.open_plan = plans[0], plans[-1]
    run_state_machine_as_test(
        seed(number)(Machine),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
