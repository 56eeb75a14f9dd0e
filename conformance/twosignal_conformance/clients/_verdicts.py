"""Asks every rule about one case, and has a judge record the results."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from twosignal_conformance.clients._api import Case, ClientApi, RuleResult
from twosignal_conformance.clients._chains import Link
from twosignal_conformance.clients._timelines import timeline
from twosignal_conformance.engine.judgement import Judge

MOST_FAILURES = 5
"""Failures of one clause in one case that are recorded; a client that errs once errs everywhere."""


def judge_case(case: Case, judge: Judge, clauses: Collection[str], api: ClientApi) -> None:
    """Have the judge record what the rules say of these clauses: failures, else that the clause was kept."""
    found: dict[str, list[RuleResult]] = {}
    for result in _results(case, clauses, api):
        if result.finding:
            exchanges = [link.attempt.exchange(judge.name) for link in _breaking(result)]
            judge.finding(result.expected, result.actual, evidence=exchanges)
        else:
            found.setdefault(result.clause, []).append(result)
    for results in found.values():
        failures = [result for result in results if not result.holds]
        # One result is enough for a clause that was kept.
        for result in failures[:MOST_FAILURES] or results[:1]:
            _record(result, case, judge, api)
    if case.scenario is not None and case.done:
        for clause in case.scenario.shown:
            if clause not in found and clause in clauses:
                judge.check(clause, True, expected="no request that breaks it", actual="no request at all")


def why_undecided(clause: str, links: Sequence[Link], api: ClientApi) -> str:
    """What a client would have had to do for a clause to be decided."""
    if not links:
        return "the client sent no request"
    cut = sum(link.attempt.cut for link in links)
    bodies = "1 body" if cut == 1 else f"{cut} bodies"
    kept = f"; {bodies} cannot be looked into, because the journal keeps the beginning only" if cut else ""
    return api.missing.get(clause, "nothing that the client did shows it") + kept


def _results(case: Case, clauses: Collection[str], api: ClientApi) -> Iterator[RuleResult]:
    for row in api.rules:
        if not clauses or {*row.clauses} & {*clauses}:
            yield from (result for result in row.look(case) if result.clause in clauses)


def _breaking(result: RuleResult) -> Sequence[Link]:
    return result.broken or result.links[-1:]


def _record(result: RuleResult, case: Case, judge: Judge, api: ClientApi) -> None:
    broken = _breaking(result)
    line = None
    if not result.holds and result.links:
        name = case.scenario.name if case.scenario is not None else "journal"
        line = timeline(name, result.links, case.links[0].attempt.started, api.noun, broken, result.clause)
    judge.check(
        result.clause,
        result.holds,
        expected=result.expected,
        actual=result.actual,
        evidence=[link.attempt.exchange(judge.name) for link in broken],
        timeline=line,
    )
