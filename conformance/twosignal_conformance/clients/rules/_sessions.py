"""Signing in: a session goes on by its refresh token, which is another one after each use."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from twosignal_conformance.clients._case import Case, Rules, Saying

RULES = Rules()

_REFRESH, _ROTATION = "client.sessions.refresh", "client.sessions.rotation"


@RULES.decide(_REFRESH)
def refresh(case: Case) -> Iterator[Saying]:
    """One sign-in is enough for a session."""
    wanted, logins = len(case.actions("login")), case.of("login")
    if not case.actions("refresh") or not logins:
        return
    refreshed = case.of("refreshSession")
    holds = len(logins) <= wanted and bool(refreshed)
    actual = f"{len(logins)} requests with the password, {len(refreshed)} with a refresh token"
    yield Saying(_REFRESH, holds, "one request with the password, then refresh tokens", actual, [*logins, *refreshed])


@RULES.decide(_ROTATION)
def rotation(case: Case) -> Iterator[Saying]:
    """A used refresh token is refused, so a second refresh succeeds only with the new one."""
    refreshed = case.of("refreshSession")
    for before, link in pairwise(refreshed):
        # The journal hides tokens; whether it was the new one shows in the answer.
        if before.attempt.ok:
            used = link.attempt.cause == "invalid-refresh-token"
            expected = "the refresh token of the last answer"
            actual = "one that the server does not take any more" if used else "a valid one"
            yield Saying(_ROTATION, not used, expected, actual, (before, link), (link,))
