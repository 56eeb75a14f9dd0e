"""The mock's journal: the requests of a sandbox as chains; and a client judged by what it already did with a mock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from twosignal_contract import Contract

from twosignal_conformance.clients._api import Case
from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._chains import Link, chains
from twosignal_conformance.clients._client_run import ClientRun
from twosignal_conformance.clients._control import Control, JournalPlace
from twosignal_conformance.clients._mock import Mocks
from twosignal_conformance.clients._timelines import all_timelines
from twosignal_conformance.clients._verdicts import Judged, judge_case, why_undecided
from twosignal_conformance.engine.judgement import Judge, Outcome, ScenarioRun

WINDOW = 10.0
"""Seconds, beyond the wait that was asked for, in which the same request is a retry; later it is a new call."""

MOST_DRAWN = 30
"""Journals whose time lines are shown; those of clients that broke something come first."""

_CHECK = "journal::everything"

_UNKNOWN = "it cannot be told from a journal: give the client a scenario with the command `client`"


@dataclass(frozen=True)
class _Seen:
    """A journal, and what became of it."""

    place: JournalPlace
    links: Sequence[Link]
    judged: Judged


def judge_journal(mocks: Mocks, api_key: str, run: ClientRun) -> list[ScenarioRun]:
    """Judge everything that the sandbox of a key saw, and tell what was sent.

    ControlError when the mock knows no such key.
    """
    control = mocks.require(run.contract)
    seen = _judge_place(control, JournalPlace(where={"api_key": api_key}), run, expected=False)
    others = sum(not place.unkeyed for place in control.journals()) if not seen.links else 0
    _leave(run, seen.links, f" with this key; of {others} sandboxes some: --all judges them" if others else "")
    return [_shown(seen, f"{len(seen.links)} requests that the mock has of this key", run)]


def judge_all(mocks: Mocks, expected: Collection[str], run: ClientRun) -> list[ScenarioRun]:
    """Judge what all sandboxes of a mock saw together, dropped ones too: those of a test run.

    In sandboxes whose names are `expected`, or begin so, errors that nothing was sent again after are no failures.
    """
    control = mocks.require(run.contract)
    names: Counter[str] = Counter()
    rows = []
    for place in control.journals():
        names[place.name] += 1
        number = f" ({names[place.name]})" if names[place.name] > 1 else ""
        marked = any(place.name.startswith(name) for name in expected)
        rows.append(_judge_place(control, replace(place, name=place.name + number), run, expected=marked))
    judge = Judge(_CHECK, (), run.register, run.secrets)
    for name in expected:
        if not any(known.startswith(name) for known in names):
            judge.finding(f"--expected {name} marks nothing", "no sandbox has this name or begins so")
    rows = [row for row in rows if row.links]
    _leave(run, [link for row in rows for link in row.links], " to this mock")
    drawn = sorted(rows, key=lambda row: not row.judged.failures)[:MOST_DRAWN]
    return [_shown(row, _told(row), run, drawn=row in drawn) for row in rows]


def _judge_place(control: Control, place: JournalPlace, run: ClientRun, *, expected: bool) -> _Seen:
    api = run.api
    decided = api.without_key if place.unkeyed else api.decided
    clauses = [clause for clause in decided if clause not in api.needs_scenario]
    run.register.cite(_CHECK, api.decided)
    links = read_links(control, place, run, window=WINDOW)
    if place.unkeyed:
        links = [link for link in links if needs_key(link.attempt.operation, run.contract)]
    count(links, run)
    if not links:
        return _Seen(place, links, Judged(0, 0))
    case = Case(run.contract, run.schemas, links, sandbox=place.name, expected=expected)
    return _Seen(place, links, judge_case(case, Judge(_CHECK, clauses, run.register, run.secrets), clauses, api))


def _leave(run: ClientRun, links: Sequence[Link], more: str) -> None:
    """What was not decided is untested; `more` ends the sentence that nothing was sent."""
    api = run.api
    judge = Judge(_CHECK, api.decided, run.register, run.secrets)
    for clause in api.decided:
        reason = why_undecided(clause, links, api) + ("" if links else more)
        judge.untested(clause, _UNKNOWN if clause in api.needs_scenario and links else reason)


def _told(row: _Seen) -> str:
    text = f"{len(row.links)} requests of the sandbox"
    errors = row.judged.expected
    return f"{text}, {errors} of which got an error that its test expects" if errors else text


def _shown(row: _Seen, why: str, run: ClientRun, *, drawn: bool = True) -> ScenarioRun:
    name, links = row.place.name or "journal", row.links
    seconds = links[-1].attempt.ended - links[0].attempt.started if links else 0.0
    lines = all_timelines(name, links, run.api.noun) if drawn else ()
    hidden = tuple(line.hidden(run.secrets.line) for line in lines)
    return ScenarioRun(name, "journal", why, Outcome.DONE, seconds, timelines=hidden)


def read_links(
    control: Control, place: JournalPlace, run: ClientRun, names: Collection[str] = (), window: float | None = None
) -> list[Link]:
    """All requests of a sandbox, linked."""
    stands = control.stands(place)
    rows = control.journal(place)
    attempts = [Attempt.read(entry, control.url, run.contract, stands=stands) for entry in rows]
    return chains(attempts, run.contract, lambda attempt: run.api.items(attempt, names), window)


def needs_key(operation: str | None, contract: Contract) -> bool:
    """True when a request should have had a key, or names nothing that exists."""
    return operation is None or contract.operation(operation).keyed


def count(links: Iterable[Link], run: ClientRun) -> None:
    """Count requests as sent."""
    for link in links:
        run.sent.take(link.attempt.size, run.api.created(link.attempt), cut=link.attempt.cut)
