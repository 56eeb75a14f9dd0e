"""Asks every rule about one case, and has a judge take down what they say."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from twosignal_conformance.clients._case import Case, Saying
from twosignal_conformance.clients._timelines import timeline
from twosignal_conformance.clients.rules import RULES
from twosignal_conformance.engine.api_client import Exchange
from twosignal_conformance.engine.judgement import Judge

MOST_FAILURES = 5
"""Failures of one clause in one case that are taken down; a client that errs once errs everywhere."""


def rule(case: Case, judge: Judge, clauses: Collection[str]) -> None:
    """Have the judge take down what the rules say of these clauses: failures, else that the clause was kept."""
    said: dict[str, list[Saying]] = {}
    for saying in _sayings(case, clauses):
        if saying.finding:
            judge.finding(saying.expected, saying.actual, evidence=_exchanges(saying, judge))
        else:
            said.setdefault(saying.clause, []).append(saying)
    for sayings in said.values():
        failures = [saying for saying in sayings if not saying.holds]
        # One kept clause is enough; of many that were kept nobody reads the second.
        for saying in failures[:MOST_FAILURES] or sayings[:1]:
            _take_down(saying, case, judge)
    scenario = case.scenario
    if scenario is not None and case.done:
        for clause in scenario.shown:
            if clause not in said and clause in clauses:
                judge.check(clause, True, expected="no request that breaks it", actual="no request at all")


def missing(clause: str) -> str:
    """What a client would have had to do for a clause to be decided."""
    return _MISSING.get(clause, "nothing that the client did shows it")


_NOT_AGAIN = "the client sent nothing again"
_MISSING = {
    "client.retry.rate-limit-wait": f"{_NOT_AGAIN} after a 429",
    "client.retry.rate-limit-reset": f"{_NOT_AGAIN} after a 429",
    "client.retry.backoff": f"{_NOT_AGAIN} after the server's error",
    "client.retry.most": f"{_NOT_AGAIN} often enough after the server's errors",
    "client.retry.same-ids": _NOT_AGAIN,
    "client.delivery.not-doubled": f"{_NOT_AGAIN}, so nothing could be doubled",
    "client.paging.cursor": "the client asked for no second page",
    "client.paging.same-filters": "the client asked for no second page",
    "client.answers.error-envelope": "the command printed no result of it",
    "client.answers.unknown-fields": "the command printed no result of it",
    "client.answers.unknown-values": "the command printed no result of it",
}
"""Clause to that, where it can be said shortly."""


def _sayings(case: Case, clauses: Collection[str]) -> Iterator[Saying]:
    for row in RULES:
        if not clauses or {*row.clauses} & {*clauses}:
            yield from (saying for saying in row.look(case) if saying.clause in clauses)


def _take_down(saying: Saying, case: Case, judge: Judge) -> None:
    broken = saying.broken or saying.links[-1:]
    line = None
    if not saying.holds and saying.links:
        name = case.scenario.name if case.scenario is not None else "journal"
        line = timeline(name, saying.links, case.links[0].attempt.started, broken, saying.clause)
    judge.check(
        saying.clause,
        saying.holds,
        expected=saying.expected,
        actual=saying.actual,
        evidence=_exchanges(saying, judge),
        timeline=line,
    )


def _exchanges(saying: Saying, judge: Judge) -> list[Exchange]:
    shown = saying.broken or saying.links[-1:]
    return [link.attempt.exchange(judge.name) for link in shown]
