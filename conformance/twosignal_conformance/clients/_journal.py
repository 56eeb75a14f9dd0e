"""The mock's journal: the requests of a sandbox as chains; and a client judged by what it already did with a mock."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from twosignal_conformance.clients._api import Case
from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._chains import Link, chains
from twosignal_conformance.clients._client_run import ClientRun
from twosignal_conformance.clients._control import Control
from twosignal_conformance.clients._mock import Mocks
from twosignal_conformance.clients._timelines import all_timelines
from twosignal_conformance.clients._verdicts import judge_case
from twosignal_conformance.engine.judgement import Judge, Outcome, ScenarioRun

WINDOW = 10.0
"""Seconds, beyond the wait that was asked for, in which the same request is a retry; later it is a new call."""

_CHECK = "journal::everything"

_UNKNOWN = "it cannot be told from a journal: give the client a scenario with the command `client`"
_NOT_SEEN = "no request in the journal shows it"


def judge_journal(mocks: Mocks, api_key: str, run: ClientRun) -> ScenarioRun:
    """Judge everything that the sandbox of a key saw, and tell what was sent.

    ControlError when the mock knows no such key.
    """
    api, decided = run.api, run.api.decided
    run.register.cite(_CHECK, decided)
    control = mocks.require(run.contract)
    run.secrets.learn(api_key, "$TWOSIGNAL_API_KEY")
    links = read_links(control, {"api_key": api_key}, run, window=WINDOW)
    count(links, run)
    judge = Judge(_CHECK, decided, run.register, run.secrets)
    if links:
        seen = [clause for clause in decided if clause not in api.needs_scenario]
        judge_case(Case(run.contract, run.schemas, links), judge, seen, api)
    for clause in decided:
        judge.untested(clause, _UNKNOWN if clause in api.needs_scenario else _NOT_SEEN)
    seconds = links[-1].attempt.ended - links[0].attempt.started if links else 0.0
    lines = tuple(line.hidden(run.secrets.line) for line in all_timelines("journal", links, api.noun))
    why = f"{len(links)} requests that the mock has of this key"
    return ScenarioRun("journal", "journal", why, Outcome.DONE, seconds, timelines=lines)


def read_links(
    control: Control,
    where: Mapping[str, str],
    run: ClientRun,
    names: Collection[str] = (),
    window: float | None = None,
) -> list[Link]:
    """All requests of a sandbox, linked."""
    attempts = [Attempt.read(entry, control.url, run.contract) for entry in control.journal(where)]
    return chains(attempts, run.contract, lambda attempt: run.api.items(attempt, names), window)


def count(links: Iterable[Link], run: ClientRun) -> None:
    """Count requests as sent."""
    for link in links:
        run.sent.take(link.attempt.size, run.api.created(link.attempt))
