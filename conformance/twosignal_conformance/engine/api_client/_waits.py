"""Every wait of a run: the seconds of --max-time, which bound them all, and polls until something shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from typing import Generic, TypeVar

from twosignal_conformance.engine.api_client._skipped import TimeIsUp

Result = TypeVar("Result")

POLLS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds before the first polls of a settle; the following ones are a second apart."""

_PATIENCE = ((12, 0.5), (3, 2.0))
"""After so many settles that ended unmet, later ones take three times the longest that was met, but at least so many
seconds: a server that never shows something would else cost the full time in every check."""

_FIRST = 8
"""Settles of a run, the first ones, behind which is looked again."""
_AGAIN = 3
"""Looks behind one of them. A replica that lags shows itself by not knowing what another one has shown."""
_STEADY = 5
"""Looks in a row that must be met where that has happened once, and the seconds before each."""
_STEADY_SECONDS = 0.1

_NAP = 0.5
"""Seconds after which a wait looks whether time is up."""


class Deadline:
    """Starts when the run does; without --max-time it never comes."""

    def __init__(self, most: float | None) -> None:
        self._most = most
        self._end: float | None = None
        self.cut = False
        """True when it came while there was something to do."""

    def start(self) -> None:
        """From now on the seconds count."""
        if self._most is not None:
            self._end = time.monotonic() + self._most

    def check(self) -> None:
        """Raise TimeIsUp when it came."""
        if self._end is not None and time.monotonic() >= self._end:
            self.cut = True
            raise TimeIsUp

    def within(self, seconds: float) -> float:
        """Seconds that something may take, so that it does not end after the deadline."""
        if self._end is None:
            return seconds
        return max(0.1, min(seconds, self._end - time.monotonic()))

    def sleep(self, seconds: float) -> None:
        """Wait; TimeIsUp when the deadline comes first."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.check()
            time.sleep(min(left, _NAP))


@dataclass(frozen=True, slots=True)
class Settled(Generic[Result]):
    """How a settle ended; true when its condition was met."""

    value: Result
    """Of the last poll."""
    met: bool
    seconds: float
    """How long it took."""

    def __bool__(self) -> bool:
        return self.met


class Settling:
    """Remembers how long this server takes, and whether it forgets for a moment what it has shown.

    Behind one address may be several replicas. What one of them shows, the next one asked may not know yet; a check
    that asks again would fail the server for it. From then on something has settled when it is shown again and again.
    """

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._unmet = 0
        self._longest_met = 0.0
        self._looked = 0
        """Settles behind which was looked again."""
        self._forgets = False

    def settle(
        self, probe: Callable[[int], Result], until: Callable[[Result], bool], most: float, *, once: bool = False
    ) -> Settled[Result]:
        """The last result of a probe, which gets the number of its poll, from 1; `once` polls no second time."""
        shortest = next((seconds for unmet, seconds in _PATIENCE if self._unmet >= unmet), most)
        most = min(most, max(shortest, 3 * self._longest_met))
        start = time.monotonic()
        for poll, delay in enumerate(_delays(), 1):
            self._sleep(delay)
            value = probe(poll)
            met = until(value)
            if met and most and not once and (self._forgets or self._looked < _FIRST):
                value, met = self._look_again(partial(probe, poll + 1), until, value)
            took = time.monotonic() - start
            if met or took >= most or once:
                break
        if met:
            self._longest_met = max(self._longest_met, took)
        else:
            self._unmet += 1
        return Settled(value, met, took)

    def _look_again(
        self, look: Callable[[], Result], until: Callable[[Result], bool], value: Result
    ) -> tuple[Result, bool]:
        """The last result, and whether the condition was met by each."""
        self._looked += 1
        for _ in range(_STEADY if self._forgets else _AGAIN):
            self._sleep(_STEADY_SECONDS if self._forgets else 0.0)
            value = look()
            if not until(value):
                self._forgets = True
                return value, False
        return value, True


def _delays() -> Iterator[float]:
    return chain(POLLS, repeat(1.0))
