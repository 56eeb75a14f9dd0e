"""What a client makes of answers, as far as its results tell; they are optional, and without them nothing is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from twosignal_conformance.clients._case import Case, Rules, Saying

RULES = Rules()

Json = Any

_FIELDS, _VALUES = "client.answers.unknown-fields", "client.answers.unknown-values"
_ENVELOPE, _ODD = "client.answers.error-envelope", "client.answers.odd-body"


@RULES.decide(_FIELDS, _VALUES)
def unknown(case: Case) -> Iterator[Saying]:
    """The results are what they are without the fields and values that nobody knows."""
    if case.scenario is None or not case.scenario.expect or not case.results:
        return
    wrong = [
        f"result {number}: {got!r}"
        for number, (expected, got) in enumerate(zip(case.scenario.expect, case.results, strict=False), 1)
        if not holds(expected, got)
    ]
    for clause in (_FIELDS, _VALUES):
        if clause in case.scenario.clauses:
            actual = "; ".join(wrong) or "so it is"
            yield Saying(clause, not wrong, f"results {list(case.scenario.expect)!r}", actual, case.links)


@RULES.decide(_ENVELOPE)
def envelope(case: Case) -> Iterator[Saying]:
    """The error that a caller gets says what the answer said."""
    scenario, results = case.scenario, case.results
    if scenario is None or _ENVELOPE not in scenario.clauses or results is None:
        return
    # Its one action is refused, so its one result is an error.
    refused = [link for link in case.links if _error(link.attempt.answer) and not link.after]
    for result in results if refused else ():
        told = result.get("error") if isinstance(result, dict) else None
        told = told if isinstance(told, dict) else {}
        errors = [_error(link.attempt.answer) for link in refused]
        match = any(told.get("code") == row["code"] and row["message"] in str(told.get("message")) for row in errors)
        expected = f"an error with code {errors[-1]['code']} and message {errors[-1]['message']!r}"
        yield Saying(_ENVELOPE, match, expected, f"the result {result!r}", refused)


@RULES.decide(_ODD)
def odd_body(case: Case) -> Iterator[Saying]:
    """An error that is no JSON stops nobody."""
    odd = [link for link in case.links if not link.attempt.ok and isinstance(link.attempt.answer, str)]
    if odd and case.scenario is not None:
        actual = "so it does" if case.done else "the command failed"
        yield Saying(_ODD, case.done, "the client goes on after an answer that is not JSON", actual, odd)


def holds(expected: Json, got: Json) -> bool:
    """Whether a result has what was expected; it may have more fields."""
    if isinstance(expected, dict):
        return isinstance(got, dict) and all(key in got and holds(value, got[key]) for key, value in expected.items())
    return bool(expected == got)


def _error(answer: Json) -> Json:
    """The error of an answer, when it is the documented object."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) and {"code", "message"} <= error.keys() else None
