"""What a client makes of responses: its results, as far as it prints them, and sessions that go on by refresh tokens.

A refresh token is a new one after each use. Results are optional; without them nothing is decided.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from twosignal_conformance.clients import Case, RuleResult, RuleTable

Json = Any

RULES = RuleTable()

_FIELDS, _VALUES = "client.answers.unknown-fields", "client.answers.unknown-values"
_ENVELOPE, _ODD = "client.answers.error-envelope", "client.answers.odd-body"


@RULES.covers(_FIELDS, _VALUES)
def unknown(case: Case) -> Iterator[RuleResult]:
    """The results are those of a response without the unknown fields and values."""
    if case.scenario is None or not case.scenario.expect or not case.results:
        return
    wrong = [
        f"result {number}: {got!r}"
        for number, (expected, got) in enumerate(zip(case.scenario.expect, case.results, strict=False), 1)
        if not _holds(expected, got)
    ]
    for clause in (_FIELDS, _VALUES):
        if clause in case.scenario.clauses:
            actual = "; ".join(wrong) or "as expected"
            yield RuleResult(clause, not wrong, f"results {list(case.scenario.expect)!r}", actual, case.links)


@RULES.covers(_ENVELOPE)
def envelope(case: Case) -> Iterator[RuleResult]:
    """The error that a caller gets has the code and the message of the response."""
    scenario, results = case.scenario, case.results
    if scenario is None or _ENVELOPE not in scenario.clauses or results is None:
        return
    # Its one action is refused, so its one result is an error.
    refused = [link for link in case.links if _error(link.attempt.response) and not link.after]
    for result in results if refused else ():
        told = result.get("error") if isinstance(result, dict) else None
        told = told if isinstance(told, dict) else {}
        errors = [_error(link.attempt.response) for link in refused]
        match = any(told.get("code") == row["code"] and row["message"] in str(told.get("message")) for row in errors)
        expected = f"an error with code {errors[-1]['code']} and message {errors[-1]['message']!r}"
        yield RuleResult(_ENVELOPE, match, expected, f"the result {result!r}", refused)


@RULES.covers(_ODD)
def odd_body(case: Case) -> Iterator[RuleResult]:
    """The client goes on after an error that is not JSON."""
    odd = [link for link in case.links if not link.attempt.ok and isinstance(link.attempt.response, str)]
    if odd and case.scenario is not None:
        actual = "it does" if case.done else "the command failed"
        yield RuleResult(_ODD, case.done, "the client goes on after a response that is not JSON", actual, odd)


def _holds(expected: Json, got: Json) -> bool:
    """True when a result has what was expected; it may have more fields."""
    if isinstance(expected, dict):
        return isinstance(got, dict) and all(key in got and _holds(value, got[key]) for key, value in expected.items())
    return bool(expected == got)


def _error(response: Json) -> Json:
    """The error of a response, when it is the documented object."""
    error = response.get("error") if isinstance(response, dict) else None
    return error if isinstance(error, dict) and {"code", "message"} <= error.keys() else None


_REFRESH, _ROTATION = "client.sessions.refresh", "client.sessions.rotation"


@RULES.covers(_REFRESH)
def refresh(case: Case) -> Iterator[RuleResult]:
    """One sign-in is enough for a session."""
    wanted, logins = len(case.actions("login")), case.of("login")
    if not case.actions("refresh") or not logins:
        return
    refreshed = case.of("refreshSession")
    holds = len(logins) <= wanted and bool(refreshed)
    actual = f"{len(logins)} requests with the password, {len(refreshed)} with a refresh token"
    yield RuleResult(
        _REFRESH, holds, "one request with the password, then refresh tokens", actual, [*logins, *refreshed]
    )


@RULES.covers(_ROTATION)
def rotation(case: Case) -> Iterator[RuleResult]:
    """A used refresh token is refused, so a second refresh succeeds only with the new one."""
    refreshed = case.of("refreshSession")
    for before, link in pairwise(refreshed):
        # The journal hides tokens; the response shows whether it was the new one.
        if before.attempt.ok:
            used = link.attempt.cause == "invalid-refresh-token"
            expected = "the refresh token of the last response"
            actual = "one that was used before" if used else "a valid one"
            yield RuleResult(_ROTATION, not used, expected, actual, (before, link), (link,))
