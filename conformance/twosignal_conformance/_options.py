"""Makes a run of what plain pytest was told, by options or by the environment."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from twosignal_contract import ContractError, Level, load_contract

from twosignal_conformance._inputs import KEY_VARIABLE, InputError, Inputs, settings_of
from twosignal_conformance._pytest_options import SWITCHES, TEXTS, variable
from twosignal_conformance.apis.rest.checks.creations import creations_of
from twosignal_conformance.engine.judgement import Run, SelectionError, make_run


def run_of(config: pytest.Config) -> Run:
    """The run that the options ask for; UsageError when they do not make one."""
    given = {name: _given(config, name) for name in TEXTS}
    on = {name: bool(_given(config, name)) for name in SWITCHES}
    if given["url"] is None:
        raise pytest.UsageError(f"no server to judge: give --twosignal-url or set {variable('url')}")
    try:
        contract = load_contract(Path(given["contract"]) if given["contract"] else None)
        inputs = Inputs(
            url=given["url"],
            api_key=given["api-key"] or os.environ.get(KEY_VARIABLE),
            other_api_key=given["other-api-key"],
            revoked_api_key=given["revoked-api-key"],
            user=given["user"],
            plan=given["plan"],
            profile=given["profile"] or "standard",
            seed=None if given["seed"] is None else int(given["seed"]),
            run_id=given["run-id"],
            now=given["now"],
            settle=float(given["settle"] or 10),
            max_time=None if given["max-time"] is None else float(given["max-time"]),
            read_only=on["read-only"],
            allow_burst=on["allow-burst"],
            ledger=Path(given["ledger"]) if given["ledger"] else None,
        )
        return make_run(
            settings_of(inputs, contract), contract, creations_of, fail_on=Level(given["fail-on"] or Level.MUST)
        )
    except (InputError, SelectionError, ContractError, ValueError) as error:
        raise pytest.UsageError(str(error)) from None


def _given(config: pytest.Config, name: str) -> str | None:
    """The option, else the variable; where the entry point was not loaded there are no options."""
    return config.getoption(f"--twosignal-{name}", None) or os.environ.get(variable(name)) or None
