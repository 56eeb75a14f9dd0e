"""The seconds of --max-time, and every wait of the run, which they bound."""

from __future__ import annotations

import time

from twosignal_conformance.engine.api_client._skipped import TimeIsUp

_NAP = 0.5
"""Seconds after which a wait looks whether time is up."""


class Deadline:
    """Starts when the run does; without --max-time it never comes."""

    def __init__(self, most: float | None) -> None:
        self._most = most
        self._end: float | None = None
        self.cut = False
        """Whether it came while there was something to do."""

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
