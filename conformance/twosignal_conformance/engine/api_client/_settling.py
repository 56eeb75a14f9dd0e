"""Waits until something that was written shows: servers queue, and one that takes a moment breaks nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Generic, TypeVar

Result = TypeVar("Result")

POLLS = (0.0, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds before the first polls of a settle; the following ones are a second apart."""

_PATIENCE = 3
_SHORTEST = 2.0
"""After so many settles that ended unmet, later ones take three times the longest that was met, but at least these
seconds: a server that never shows something would else cost the full time in every check."""


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
    """Remembers how long this server takes."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        self._sleep = sleep
        self._unmet = 0
        self._longest_met = 0.0

    def settle(
        self, probe: Callable[[int], Result], until: Callable[[Result], bool], most: float, *, once: bool = False
    ) -> Settled[Result]:
        """The last result of a probe, which gets the number of its poll, from 1; `once` polls no second time."""
        if self._unmet >= _PATIENCE:
            most = min(most, max(_SHORTEST, 3 * self._longest_met))
        start = time.monotonic()
        for poll, delay in enumerate(_delays(), 1):
            self._sleep(delay)
            value = probe(poll)
            met, took = until(value), time.monotonic() - start
            if met or took >= most or once:
                break
        if met:
            self._longest_met = max(self._longest_met, took)
        else:
            self._unmet += 1
        return Settled(value, met, took)


def _delays() -> Iterator[float]:
    return chain(POLLS, repeat(1.0))
