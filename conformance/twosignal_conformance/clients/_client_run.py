"""A run about a client: what is judged and by what, what the scenarios decide, and the report in the end."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from twosignal_contract import About, Clause, Contract, Level

from twosignal_conformance.clients._api import ClientApi
from twosignal_conformance.clients._scenario import Scenario, made_for, read_scenarios
from twosignal_conformance.clients._schemas import Schemas
from twosignal_conformance.engine.api_client import Amount, Budget, Secrets
from twosignal_conformance.engine.judgement import (
    Known,
    Register,
    Report,
    RunFacts,
    ScenarioRun,
    State,
    Subject,
    clauses_about,
    make_report,
    scenario_check,
    select,
)

EVERY_REQUEST = scenario_check("every-request")
"""The check of clauses that no scenario is made for: each request of each scenario shows them."""


@dataclass
class ClientRun:
    """What a run about a client judges, and since when."""

    api: ClientApi
    contract: Contract
    subject: Subject
    target: str
    """The command as it was typed, or the address of the mock whose journal is judged."""
    seed: int
    run_id: str
    fail_on: Level
    register: Register
    only: tuple[str, ...] = ()
    known: Mapping[str, Known] = field(default_factory=dict)
    partial: bool = False
    """True when only some scenarios run: what is kept in them may be broken in others."""
    began: float = field(default_factory=time.monotonic)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    secrets: Secrets = field(init=False)
    sent: Budget = field(init=False)
    """What the client sent, which is counted and not limited."""

    def __post_init__(self) -> None:
        self.secrets = Secrets(self.api.secret_names)
        self.sent = Budget(Amount(sys.maxsize, sys.maxsize, sys.maxsize, self.api.kind))

    @cached_property
    def schemas(self) -> Schemas:
        """Validators of the contract."""
        return Schemas(self.contract)

    @cached_property
    def scenarios(self) -> Mapping[str, Scenario]:
        """All scenarios of the API by name."""
        return read_scenarios(self.api.scenarios, self.api.values, self.contract)

    def report(self, scenarios: Sequence[ScenarioRun], *, state: State = State.COMPLETE, message: str = "") -> Report:
        """The report of the run, which is over; `message` says why no mock could be had."""
        facts = RunFacts(
            run_id=self.run_id,
            seed=self.seed,
            target=self.target,
            fail_on=self.fail_on,
            only=self.only,
            now=self.started,
            started=self.started,
            seconds=time.monotonic() - self.began,
            spent=self.sent.spent,
            state=state,
            message=message,
            wording=self.api.wording,
            subject=self.subject,
            scenarios=tuple(scenarios),
        )
        ended = f"the client was not judged: {message}" if message else ""
        return make_report(facts, self.register, self.contract, self.known, ended=ended, partial=self.partial)


def clauses_about_clients(contract: Contract) -> dict[str, Clause]:
    """The clauses that bind clients, by id."""
    return clauses_about(contract, About.CLIENT)


def register_of(contract: Contract, only: Sequence[str] = ()) -> Register:
    """An empty register of the clauses about clients; SelectionError when `only` names none of them."""
    clauses = clauses_about_clients(contract)
    return Register(clauses, select(only, clauses))


def citations(api: ClientApi) -> dict[str, list[str]]:
    """Clause id to the checks that decide it: the scenarios made for it, else every request."""
    found: dict[str, list[str]] = {}
    for check, clauses in made_for(api.scenarios).items():
        for clause in clauses:
            found.setdefault(clause, []).append(check)
    return {clause: found.get(clause, [EVERY_REQUEST]) for clause in api.decided}


def clauses_of(scenario: Scenario, api: ClientApi) -> tuple[str, ...]:
    """The clauses that a scenario may decide."""
    return scenario.clauses if scenario.only else tuple(dict.fromkeys((*scenario.clauses, *api.decided)))
