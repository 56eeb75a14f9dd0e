"""How much a run may send: announced before the first request, counted at the door, and never exceeded."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from enum import StrEnum

from twosignal_conformance.engine.api_client._skipped import BudgetError


class Profile(StrEnum):
    """How much of the suite runs; each one runs what the one before runs, and more."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"

    def includes(self, other: Profile) -> bool:
        """Whether a run of this profile runs checks of the other one."""
        order = list(Profile)
        return order.index(other) <= order.index(self)


@dataclass(frozen=True, slots=True)
class Amount:
    """Requests, traces and bytes of request bodies; of a budget the most, of a count what was sent."""

    requests: int
    traces: int
    bytes: int

    def __str__(self) -> str:
        requests, traces = (
            f"{count:,} {what}{'' if count == 1 else 's'}"
            for count, what in ((self.requests, "request"), (self.traces, "trace"))
        )
        return f"{requests}, {traces}, {self.bytes / 1e6:,.1f} MB"


BUDGETS = {
    # Measured against the mock on 2026-11-21, several seeds: quick 362 requests, 179 traces, 0.8 MB; standard 815,
    # 330, 42 MB; thorough 5,200, 2,150, 44 MB. The room in requests is for polls (a server that needs nine seconds
    # until what was written shows makes three times as many), in the others for what Hypothesis makes of other seeds.
    # docs/self-hosted.md states these numbers, and a test compares.
    Profile.QUICK: Amount(requests=1_500, traces=400, bytes=3_000_000),
    Profile.STANDARD: Amount(requests=3_000, traces=800, bytes=60_000_000),
    Profile.THOROUGH: Amount(requests=18_000, traces=8_000, bytes=100_000_000),
}

BURST_WINDOWS = 20
"""Windows of the plan's full rate that --allow-burst adds to the requests: a burst is three of them, and several keys,
counts and waits are judged: measured on the free plan, 1,617 requests of 100 a second."""


class Budget:
    """Counts what goes out; safe to use from several threads."""

    def __init__(self, most: Amount) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._requests = self._traces = self._bytes = 0

    @property
    def spent(self) -> Amount:
        """What was sent so far."""
        return Amount(self._requests, self._traces, self._bytes)

    def take(self, size: int, traces: int) -> None:
        """Count one request with a body of `size` bytes that creates `traces` traces, or refuse to."""
        with self._lock:
            after = Amount(self._requests + 1, self._traces + traces, self._bytes + size)
            if after.requests > self.most.requests or after.traces > self.most.traces or after.bytes > self.most.bytes:
                raise BudgetError(f"the next request would make {after}; announced were {self.most}")
            self._requests, self._traces, self._bytes = after.requests, after.traces, after.bytes


def budget_of(profile: Profile, rate: int, *, allow_burst: bool) -> Amount:
    """The most that a run of a profile sends; `rate` is the plan's, in requests of one window."""
    most = BUDGETS[profile]
    extra = BURST_WINDOWS * rate if allow_burst else 0
    return Amount(most.requests + extra, most.traces, most.bytes)
