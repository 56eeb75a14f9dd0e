"""Plays one scenario: its sandbox, its command, and what there is to be said of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from twosignal_contract import Contract

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._case import Case, emitted
from twosignal_conformance.clients._chains import Link, chains
from twosignal_conformance.clients._citing import clauses_of
from twosignal_conformance.clients._control import Control, Sandbox
from twosignal_conformance.clients._mock import Mocks
from twosignal_conformance.clients._program import NOT_SUPPORTED, Ended, Programs
from twosignal_conformance.clients._ruling import missing, rule
from twosignal_conformance.clients._scenario import Scenario
from twosignal_conformance.clients._seeding import seed, stored_traces
from twosignal_conformance.clients._timelines import all_timelines
from twosignal_conformance.engine.api_client import Budget, Secrets
from twosignal_conformance.engine.judgement import Judge, Outcome, Register, ScenarioRun

Json = Any

_SHOWN = 2000
"""Characters at the end of what a command printed that a report keeps when it failed."""


class Watching(Protocol):
    """Who shows what is going on."""

    def planned(self, scenarios: int) -> None:
        """So many scenarios will run."""

    def started(self, name: str) -> None:
        """This scenario runs now."""

    def ended(self, row: ScenarioRun) -> None:
        """It ended."""


@dataclass(frozen=True)
class Session:
    """What all scenarios of a run share."""

    programs: Programs
    mocks: Mocks
    law: Contract
    register: Register
    secrets: Secrets
    sent: Budget
    progress: Watching
    salt: str
    """End of the names of sandboxes, on a mock that others may use."""
    rulings: dict[str, Callable[[], None]] = field(default_factory=dict)
    """By name of the scenario, what there is to be said of it: said in the order of the table, whoever ends first."""


def play(session: Session, scenario: Scenario) -> tuple[ScenarioRun, Callable[[], None]]:
    """What became of a scenario, and what there is to be said of it."""
    judge = Judge(scenario.check, clauses_of(scenario), session.register, session.secrets)
    control = session.mocks.speaking(scenario.world.dialects)
    if control is None:
        reason = "the mock of --mock speaks the dialects it was started with; this scenario needs others"
        row = not_run(scenario, reason, Outcome.UNSUPPORTED)
        return row, partial(_leave, judge, scenario, reason, "leave --mock out")
    world = scenario.world
    plan = world.plan or max(session.law.plans, key=lambda name: session.law.plans[name])
    sandbox = control.create(scenario.name + session.salt, plan)
    _learn(session.secrets, sandbox)
    try:
        seed(control, sandbox, world, session.law)
        ended = session.programs.run(scenario.message, _environment(scenario, sandbox), scenario.limit)
        return _judge(session, scenario, judge, control, sandbox, ended)
    finally:
        control.drop(sandbox)


def _judge(
    session: Session, scenario: Scenario, judge: Judge, control: Control, sandbox: Sandbox, ended: Ended
) -> tuple[ScenarioRun, Callable[[], None]]:
    links = read_links(control, {"sandbox": sandbox.id}, session.law, [name for _, name in emitted(scenario)])
    count(links, session.sent)
    outcome, detail = _outcome(ended, scenario, session.secrets)
    row = ScenarioRun(
        name=scenario.name,
        kind=scenario.kind,
        why=scenario.why,
        outcome=outcome,
        seconds=ended.seconds,
        detail=detail,
        output="" if outcome is Outcome.DONE else session.secrets.hide((ended.complaint or ended.output)[-_SHOWN:]),
        timelines=tuple(line.hidden(session.secrets.hide) for line in all_timelines(scenario.name, links)),
    )
    if outcome is Outcome.UNSUPPORTED:
        reason = f"the command does not support the kind {scenario.kind!r}"
        return row, partial(_leave, judge, scenario, reason, "")
    case = Case(
        law=session.law,
        links=links,
        scenario=scenario,
        done=outcome is Outcome.DONE,
        results=ended.results,
        stored=stored_traces(control, sandbox, session.law) if emitted(scenario) else (),
    )
    return row, partial(_rule, case, judge, detail)


def _rule(case: Case, judge: Judge, detail: str) -> None:
    """Say everything of a scenario. `detail`: why the command did not come to its end; else empty."""
    rule(case, judge, judge.clauses)
    for clause in case.scenario.clauses if case.scenario is not None else ():
        reason = detail or (missing(clause) if case.links else "the client sent no request")
        judge.untested(clause, f"{judge.name.partition('::')[2]}: {reason}")


def count(links: Sequence[Link], sent: Budget) -> None:
    """Take down how much a client sent."""
    for link in links:
        sent.take(link.attempt.size, sum(event.get("type") == "trace-create" for event in link.attempt.events))


def read_links(
    control: Control, where: Mapping[str, str], law: Contract, names: Sequence[str] = (), window: float | None = None
) -> list[Link]:
    """All requests of a sandbox, linked."""
    attempts = [Attempt.read(entry, control.url) for entry in control.journal(where)]
    return chains(attempts, law, frozenset(names), window)


def _environment(scenario: Scenario, sandbox: Sandbox) -> dict[str, str]:
    return {
        "TWOSIGNAL_BASE_URL": sandbox.url + scenario.base_path,
        "TWOSIGNAL_API_KEY": sandbox.api_key,
        "TWOSIGNAL_EMAIL": sandbox.email,
        "TWOSIGNAL_PASSWORD": sandbox.password,
        **scenario.environment,
    }


def _outcome(ended: Ended, scenario: Scenario, secrets: Secrets) -> tuple[Outcome, str]:
    """How it ended, and why it is not done."""
    said = secrets.hide(ended.said)
    if ended.code is None:
        return Outcome.TIMEOUT, f"the command was still running after {scenario.limit:g} s and was ended"
    if ended.code == NOT_SUPPORTED:
        return Outcome.UNSUPPORTED, said or f"exit code {NOT_SUPPORTED}"
    if ended.code:
        return Outcome.FAILED, f"the command ended with exit code {ended.code}{f': {said}' if said else ''}"
    return Outcome.DONE, ""


def not_run(scenario: Scenario, reason: str, outcome: Outcome = Outcome.FAILED) -> ScenarioRun:
    """What is told of a scenario whose command was not started."""
    return ScenarioRun(scenario.name, scenario.kind, scenario.why, outcome, 0.0, reason)


def _leave(judge: Judge, scenario: Scenario, reason: str, remedy: str) -> None:
    for clause in scenario.clauses:
        judge.untested(clause, reason, remedy=remedy or None)


def _learn(secrets: Secrets, sandbox: Sandbox) -> None:
    secrets.learn(sandbox.api_key, "$TWOSIGNAL_API_KEY")
    secrets.learn(sandbox.password)
    secrets.learn(sandbox.email, "$TWOSIGNAL_EMAIL")
