"""Runs tables of evaluators: what each has to say of an output, asked in as few validations as there can be.

A server need not run every evaluator; which ones it runs is asked once in a run, and the others are left untested.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from twosignal_conformance.apis.rest.checks import ABSENT, MISSING, ApiClient, Exchange, Judge, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.responses import is_number
from twosignal_conformance.engine.api_client import member

TEXT = "Your Refund is on its way"

SWITCHES: dict[str, tuple[Json, Json]] = {
    "REGEX_MATCH": ({"pattern": "refund"}, {"pattern": "banana"}),
    "CONTAINS": ({"value": "refund"}, {"value": "banana"}),
    "STARTS_WITH": ({"value": "your"}, {"value": "banana"}),
    "LENGTH": ({"min": 1}, {"max": 1}),
    "ENDS_WITH": ({"value": "way"}, {"value": "banana"}),
}
"""Type to a configuration with which TEXT passes and one with which it fails. The first ones are not in the order of
their names, so that sorted results can be told from those in the order of the request."""

_PLAIN: dict[str, Json] = {
    **{kind: configs[0] for kind, configs in SWITCHES.items()},
    "JSON_SCHEMA": {"schema": {"type": "object"}},
    "EXACT_MATCH": {},
    "LEVENSHTEIN": {},
    "SIMILARITY": {},
}
"""Every type that a clause is about, with the least configuration."""

_OTHERWISE: dict[str, Json] = {"CONTAINS": {"value": ["refund"]}}
"""Another configuration by which it shows that a type is run, where the least one is refused by mistake."""

_TOLERANCE = 1e-6
"""Of a score: what binary fractions may add to two decimals."""


@dataclass(frozen=True, slots=True)
class Case:
    """What one evaluator has to say, and the clause that it breaks otherwise."""

    clause: str
    type: str
    config: Json = field(default_factory=dict)
    passes: bool | None = None
    """None when the clause is not about that."""
    score: float | None = None
    """None when the clause is not about that."""

    def holds(self, result: Any) -> bool:
        """True when a result says it."""
        score = member(result, "score")
        agrees = self.score is None or (is_number(score) and abs(score - self.score) <= _TOLERANCE)
        return agrees and self.passes in (None, member(result, "pass"))

    @property
    def expected(self) -> str:
        """As a phrase."""
        said = {"pass": self.passes, "score": self.score}
        wanted = ", ".join(f"{name} {value}" for name, value in said.items() if value is not None)
        return f"{self.type} with {self.config}: {wanted}"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Cases of one output. No type stands twice, so that results need not come in order."""

    output: str
    cases: Sequence[Case]
    expected: Any = ABSENT
    """The expectedOutput."""


def runs(client: ApiClient) -> frozenset[str]:
    """The types that the server runs of those that clauses are about."""
    return client.once(_find_types)


def knows(client: ApiClient) -> frozenset[str]:
    """As `runs`, with the types whose least configuration it refuses although it takes another one."""
    return client.once(_find_known)


def results(exchange: Exchange) -> list[Any]:
    """The results of a validation; empty when the response is none."""
    found = responses.data_at(exchange, "results")
    return found if isinstance(found, list) else []


def judge_sheets(client: ApiClient, judge: Judge, sheets: Iterable[Sheet]) -> None:
    """Judge every case whose type the server runs."""
    known = knows(client)
    for sheet in sheets:
        cases = [case for case in sheet.cases if case.type in known]
        for case in sheet.cases:
            if case.type not in known:
                judge.untested(case.clause, f"the server does not run {case.type}")
        if not cases:
            continue
        exchange = _of_sheet(client, sheet, cases)
        if exchange.ok:
            _judge_cases(judge, exchange, cases)
            continue
        # One configuration that the server does not take must not hide the others.
        for case in cases:
            _judge_cases(judge, _of_sheet(client, sheet, [case]), [case])


def said_of(client: ApiClient, sheet: Sheet) -> dict[str, Any]:
    """The result of each type of a sheet; without those that the server does not run."""
    cases = [case for case in sheet.cases if case.type in runs(client)]
    exchange = _of_sheet(client, sheet, cases)
    return {case.type: _result(exchange, cases, case) for case in cases} if exchange.ok else {}


def _find_types(client: ApiClient) -> frozenset[str]:
    if _ask(client, TEXT, _PLAIN.items()).ok:
        return frozenset(_PLAIN)
    # Some may refuse to compare where nothing is expected.
    asked = ((kind, expected) for kind in _PLAIN for expected in (ABSENT, TEXT))
    return frozenset(kind for kind, expected in asked if _ask(client, TEXT, [(kind, _PLAIN[kind])], expected).ok)


def _find_known(client: ApiClient) -> frozenset[str]:
    others = ((kind, config) for kind, config in _OTHERWISE.items() if kind not in runs(client))
    return runs(client) | {kind for kind, config in others if _ask(client, TEXT, [(kind, config)]).ok}


def _judge_cases(judge: Judge, exchange: Exchange, cases: Sequence[Case]) -> None:
    for case in cases:
        result = _result(exchange, cases, case)
        if exchange.ok and result is MISSING:
            # That is validate.answer or validate.results.one-each, not a verdict that is wrong.
            judge.untested(case.clause, f"the response holds no result of {case.type}")
            continue
        judge.check(
            case.clause,
            case.holds(result),
            expected=case.expected,
            actual=result if exchange.ok else f"status {exchange.status}: {exchange.text}",
            evidence=exchange,
        )


def _result(exchange: Exchange, cases: Sequence[Case], case: Case) -> Any:
    """By its type; by its place where results do not tell their types."""
    found = results(exchange)
    named = [result for result in found if member(result, "evaluator") == case.type]
    if not named and len(found) == len(cases):
        return found[cases.index(case)]
    return named[0] if named else MISSING


def _of_sheet(client: ApiClient, sheet: Sheet, cases: Sequence[Case]) -> Exchange:
    return _ask(client, sheet.output, [(case.type, case.config) for case in cases], sheet.expected)


def _ask(client: ApiClient, output: str, evaluators: Iterable[tuple[str, Json]], expected: Any = ABSENT) -> Exchange:
    body: Json = {"output": output, "evaluators": [{"type": kind, "config": config} for kind, config in evaluators]}
    if expected is not ABSENT:
        body["expectedOutput"] = expected
    return client.call("validateOutput", json=body)
