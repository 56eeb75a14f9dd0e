"""The rate limit: an exact sliding window for each key.

A request is allowed when fewer than `limit` allowed requests lie in (now - window, now]; refused ones do not count.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

SECOND = 1_000_000
"""Microseconds."""


class RateVerdict(NamedTuple):
    """What the window says of one request, in the quantities that the headers tell."""

    allowed: bool
    limit: int
    """Requests in a window."""
    remaining: int
    """Requests that would still be allowed at this instant."""
    reset: int
    """Whole seconds, rounded up, until the key may send `limit` requests again; 0 when it may already."""
    retry_after: int
    """Whole seconds, at least 1: after waiting them, one more request is allowed."""


class RateWindow:
    """The allowed requests of one key within the last window. Holds at most `limit` stamps."""

    __slots__ = ("_limit", "_refuses", "_stamps", "_window", "last")

    def __init__(self, limit: int, window: int, *, refuses: bool = True) -> None:
        self._limit = limit
        self._window = window * SECOND
        self._refuses = refuses
        self._stamps: deque[int] = deque()
        self.last: int | None = None
        """When the key was last sent, whatever became of it; microseconds."""

    def take(self, now: int) -> RateVerdict:
        """Whether a request at `now` (microseconds) is allowed; if so it is counted."""
        self.last = now
        if not self._refuses:
            return RateVerdict(True, self._limit, self._limit, 0, 1)
        stamps = self._stamps
        stamp = self._settle(now)
        allowed = len(stamps) < self._limit
        if allowed:
            stamps.append(stamp)
        reset = max(0, _seconds(stamps[-1] + self._window - now))
        retry_after = 1 if allowed else max(1, _seconds(stamps[0] + self._window - now))
        return RateVerdict(allowed, self._limit, self._limit - len(stamps), reset, retry_after)

    def clear(self) -> None:
        """Forget every request."""
        self._stamps.clear()

    def _settle(self, now: int) -> int:
        """Forget what left the window, and give the stamp of a request at `now`.

        A clock set back by less than a window stands still here until it has caught up: a small correction of the
        machine's clock never lets more than `limit` through. One set back further begins a new history.
        """
        stamps = self._stamps
        if stamps and now < stamps[-1]:
            if stamps[-1] - now >= self._window:
                stamps.clear()
            else:
                now = stamps[-1]
        edge = now - self._window
        while stamps and stamps[0] <= edge:
            stamps.popleft()
        return now


def _seconds(microseconds: int) -> int:
    """Whole seconds, rounded up."""
    return -(-microseconds // SECOND)
