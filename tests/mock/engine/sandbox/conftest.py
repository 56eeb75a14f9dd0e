"""What the tests of sandboxes share."""

from collections.abc import Callable

import pytest
from twosignal_contract import Contract, load_contract
from twosignal_mock.engine.api import Project
from twosignal_mock.engine.sandbox import RateWindow, Sandbox, Sandboxes


def window_of(sandbox: Sandbox, key: str) -> RateWindow:
    """The rate window of a key."""
    window = sandbox.window("rest", key)
    assert window is not None
    return window


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture
def operation(contract: Contract) -> str:
    """Any operation of the contract."""
    return next(iter(contract.operations))


@pytest.fixture
def other_operation(contract: Contract) -> str:
    return list(contract.operations)[1]


@pytest.fixture
def plan(contract: Contract) -> str:
    """The plan that allows least."""
    return min(contract.plans, key=lambda name: contract.plans[name])


@pytest.fixture
def sandbox_of(contract: Contract, plan: str) -> Callable[..., Sandbox]:
    """Makes the sandbox of a name, in a server of its own with a seed."""

    def make(name: str = "checkout", seed: int = 0) -> Sandbox:
        return Sandboxes([contract], seed=seed).of(Project(1, "id", name, plan))

    return make
