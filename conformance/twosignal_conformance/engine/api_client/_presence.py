"""The presence of the server: a check ends with its first time-out, so one that hangs would cost hours."""

from __future__ import annotations

from twosignal_conformance.engine.api_client._skipped import StillLimited
from twosignal_conformance.engine.api_client._transport import Incoming

SILENCE = 3
"""Requests in a row without a response, after which the next check begins with a question for health."""

_REFUSALS = 2
"""Requests in a row that were given up with 429, after which no further check begins: each one may wait for minutes."""

_HANGS = 3
"""Time-outs without a response to any request with a key, after which the server counts as gone although its health is
answered."""


class Presence:
    """Not safe by itself: whoever sends notes one response at a time."""

    def __init__(self, url: str, timeout: float) -> None:
        self.gone = ""
        """Why the server stopped answering for good; empty while it answers."""
        self.answered = 0
        """Requests that got any response."""
        self.silent = 0
        """Requests in a row without one."""
        self._url = url
        self._longest = _HANGS * timeout
        self._mute_since: float | None = None
        self._given_up = 0

    def note(self, incoming: Incoming, *, limited: bool) -> None:
        """What came of a request. `limited` is what needs the key: the rest may well be answered all the same."""
        answered = incoming.status is not None
        self.answered += answered
        self.silent = 0 if answered else self.silent + 1
        if limited:
            self._mute_since = None if answered else self._mute_since or incoming.sent
        if limited and self._mute_since is not None and incoming.answered - self._mute_since >= self._longest:
            self.gone = self.gone or f"{self._url} leaves requests with the key unanswered: {incoming.problem}"

    def passed(self) -> None:
        """A request that is limited was let through."""
        self._given_up = 0

    def give_up(self, skipped: StillLimited) -> None:
        """A request was refused for its rate however long it waited."""
        self._given_up += 1
        if self._given_up >= _REFUSALS:
            self.gone = f"{self._url} keeps refusing: {skipped.reason}"

    def leave(self, problem: str | None) -> None:
        """Not even health is answered."""
        self.gone = f"{self._url} stopped answering: {problem}"
