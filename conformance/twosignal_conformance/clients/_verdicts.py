"""Asks every rule about one case, and has a judge record the results."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import httpx

from twosignal_conformance.clients._api import Case, ClientApi, RuleResult
from twosignal_conformance.clients._chains import Link
from twosignal_conformance.clients._timelines import timeline
from twosignal_conformance.engine.judgement import Judge

MOST_FAILURES = 5
"""Failures of one clause in one case that are recorded; a client that errs once errs everywhere."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one case."""

    failures: int
    """Of clauses, whatever their level."""
    expected: int
    """Errors that a test expects, which nobody is blamed for."""


def judge_case(case: Case, judge: Judge, clauses: Collection[str], api: ClientApi) -> Judged:
    """Have the judge record what the rules say of these clauses: failures, else that the clause was kept."""
    failed: list[RuleResult] = []
    expected: set[Link] = set()
    found: dict[str, list[RuleResult]] = {}
    for result in _results(case, clauses, api):
        if result.finding:
            exchanges = [link.attempt.exchange(judge.name) for link in _breaking(result)]
            judge.finding(result.expected, result.actual, evidence=exchanges)
        elif case.expected and _lonely_error(result):
            expected.update(_breaking(result))
        else:
            found.setdefault(result.clause, []).append(result)
    for results in found.values():
        failures = [result for result in results if not result.holds]
        failed += failures
        # One result is enough for a clause that was kept.
        for result in failures[:MOST_FAILURES] or results[:1]:
            _record(result, case, judge, api)
    if case.scenario is not None and case.done:
        for clause in case.scenario.shown:
            if clause not in found and clause in clauses:
                judge.check(clause, True, expected="no request that breaks it", actual="no request at all")
    return Judged(len(failed), len(expected))


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


def _lonely_error(result: RuleResult) -> bool:
    """True for a failure that one request shows, which got an error and was not sent again: a test may expect it."""
    links = _breaking(result)
    return not result.holds and len(links) == 1 and _refused(links[0]) and not links[0].before and not links[0].after


def _refused(link: Link) -> bool:
    return link.attempt.status is not None and httpx.codes.is_error(link.attempt.status)


def _hint(result: RuleResult, case: Case) -> str:
    """How to mark an error that a test expects."""
    if case.scenario is not None or not _lonely_error(result):
        return ""
    how = f"--expected {case.sandbox}" if case.sandbox else "a sandbox of its own, and --all --expected with its name"
    status = _breaking(result)[0].attempt.status
    return f" (the client got {status} and sent nothing again; if a test expects that, mark it by {how})"


def _record(result: RuleResult, case: Case, judge: Judge, api: ClientApi) -> None:
    broken = _breaking(result)
    line = None
    if not result.holds and result.links:
        name = case.scenario.name if case.scenario is not None else case.sandbox or "journal"
        line = timeline(name, result.links, case.links[0].attempt.started, api.noun, broken, result.clause)
    judge.check(
        result.clause,
        result.holds,
        expected=result.expected,
        actual=result.actual + _hint(result, case),
        evidence=[link.attempt.exchange(judge.name) for link in broken],
        timeline=line,
    )
