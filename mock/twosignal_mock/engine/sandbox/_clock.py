"""The clock of a sandbox: real, running from an instant, or frozen; everything that the mock dates is dated by it.

Delays and the times of attempts are no business of this clock: those are real, monotonic time.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_RUNNING_PREFIX = "from:"

RANGE = "1970-01-01T00:00:00Z to 2199-12-31T23:59:59Z"
"""What a clock can show: the instants that contracts, dates of HTTP and tokens that expire later all have room for."""
LATEST = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND - 1
"""Microseconds since 1970; a running clock stops there."""


class ClockError(ValueError):
    """An instant that no clock can show; the text says what was sent, what was expected and what to do."""


class ClockKind(StrEnum):
    """How a clock goes."""

    REAL = "real"
    """As the machine's."""
    RUNNING = "running"
    """As fast as the machine's, from another instant."""
    FROZEN = "frozen"
    """Only when it is moved."""


# Each by a name of its own: every request asks, and Python 3.11 takes 50 ns to find a member in its class.
_REAL, _, _FROZEN = ClockKind


class Clock:
    """Tells the time in microseconds since 1970, and can be moved, frozen and set going again."""

    __slots__ = ("_base", "_kind")

    def __init__(self, kind: ClockKind = ClockKind.REAL, at: int | None = None) -> None:
        self._kind = ClockKind.REAL
        self._base = 0
        if kind is ClockKind.FROZEN:
            self.freeze(at)
        elif kind is ClockKind.RUNNING:
            self.run(at)

    @property
    def kind(self) -> ClockKind:
        """How it goes now."""
        return self._kind

    def now(self) -> int:
        """Microseconds since 1970."""
        if self._kind is _REAL:
            return time.time_ns() // 1000
        if self._kind is _FROZEN:
            return self._base
        return min(self._base + time.monotonic_ns() // 1000, LATEST)

    def advance(self, microseconds: int) -> int:
        """The new time, after a move by so many microseconds (may be negative). A real clock becomes a running one."""
        now = _checked(self.now() + microseconds)
        if self._kind is ClockKind.FROZEN:
            self.freeze(now)
        else:
            self.run(now)
        return now

    def freeze(self, at: int | None = None) -> None:
        """Stop at an instant (microseconds since 1970), or at the present one."""
        self._base = self.now() if at is None else _checked(at)
        self._kind = ClockKind.FROZEN

    def run(self, at: int | None = None) -> None:
        """Run from an instant (microseconds since 1970), or from the present one."""
        start = self.now() if at is None else _checked(at)
        self._base = start - time.monotonic_ns() // 1000
        self._kind = ClockKind.RUNNING

    def follow(self) -> None:
        """Go as the machine's clock again."""
        self._kind = ClockKind.REAL


@dataclass(frozen=True, slots=True)
class ClockStart:
    """How the clock of every new sandbox starts."""

    kind: ClockKind = ClockKind.REAL
    at: int | None = None
    """Microseconds since 1970; None for a real clock."""

    def make(self) -> Clock:
        """A clock of its own that starts so."""
        return Clock(self.kind, self.at)


def parse_clock(text: str) -> ClockStart:
    """The start that `real`, `<ISO instant>` (frozen) or `from:<ISO instant>` (running) names; raises ClockError."""
    if text == ClockKind.REAL:
        return ClockStart()
    if text.startswith(_RUNNING_PREFIX):
        return ClockStart(ClockKind.RUNNING, parse_instant(text.removeprefix(_RUNNING_PREFIX)))
    return ClockStart(ClockKind.FROZEN, parse_instant(text))


def parse_instant(text: str) -> int:
    """Microseconds since 1970 of an ISO 8601 instant with a zone; raises ClockError."""
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        expected = f"an ISO 8601 instant with its zone, such as 2026-01-31T12:00:00Z, from {RANGE},"
        raise ClockError(f"{text!r} is no instant: {expected} was expected")
    return _checked((instant - _EPOCH) // _MICROSECOND)


def instant_text(microseconds: int) -> str:
    """ISO 8601 in UTC with six fractional digits and Z."""
    instant = _EPOCH + timedelta(microseconds=microseconds)
    return instant.isoformat(timespec="microseconds").replace("+00:00", "Z")


def _checked(microseconds: int) -> int:
    if not 0 <= microseconds <= LATEST:
        raise ClockError(f"no clock can show {microseconds} microseconds after 1970: {RANGE} was expected")
    return microseconds
