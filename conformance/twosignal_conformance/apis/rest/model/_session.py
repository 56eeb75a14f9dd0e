"""What all examples of one run share: the API client, what was found, and the bounds in requests and seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar, Unpack

from twosignal_conformance.apis.rest.model._expected import Point
from twosignal_conformance.engine.api_client import ApiClient, Exchange, Options, Profile, Settled
from twosignal_conformance.engine.judgement import Judge

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one profile does."""

    examples: int
    steps: int
    """Of one example."""
    requests: int
    seconds: float
    """After requests or seconds no further example begins; only a slow server comes to that."""
    shrink_requests: int
    shrink_seconds: float
    """Given to making a sequence shorter that breaks a clause."""


EFFORTS = {
    # About 300 requests, which are 4 s at the pace of the smallest plan.
    Profile.STANDARD: Effort(10, 10, 600, 60.0, 400, 12.0),
    Profile.THOROUGH: Effort(60, 25, 6_000, 300.0, 1_500, 60.0),
}

_FASTEST = 0.4
"""Least seconds that a shortened sequence waits for what it wrote; more when the server was seen to take longer."""


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the server was seen to take before the first example; both ways are legal."""

    camel_case: bool = True
    snake_case: bool = True
    early_spans: bool = True
    """True when spans may come before their trace."""
    scores: bool = True
    """True when nobody else scores traces of this project."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A clause that was seen broken, and the requests that show it."""

    point: Point
    steps: tuple[str, ...]
    evidence: tuple[Exchange, ...]


class ViolationError(Exception):
    """Tells Hypothesis that this sequence of steps breaks something."""


@dataclass
class Session:
    """One run of the machine. After `stopped` or when a bound is reached nothing is sent any more."""

    client: ApiClient
    judge: Judge
    effort: Effort
    abilities: Abilities = field(default_factory=Abilities)
    examples: int = 0
    sent: int = 0
    held: set[str] = field(default_factory=set)
    """Clauses that were looked at and held."""
    violations: dict[str, Violation] = field(default_factory=dict)
    """The shortest one of each clause."""
    stopped: Exception | None = None
    """What ended the run: a reason to skip, or an error of the suite."""
    _began: float = field(default_factory=time.monotonic)
    _first: tuple[float, int] | None = None
    """When the first violation was seen, and after how many requests."""
    _longest: float = 0.0
    """Seconds that the server took at most until something showed."""

    @property
    def idle(self) -> bool:
        """True when nothing may be sent any more; rules then only move the model: Hypothesis sees no difference."""
        if self.stopped is not None:
            return True
        if self._first is not None:
            began, sent = self._first
            spent = time.monotonic() - began > self.effort.shrink_seconds
            return spent or self.sent - sent > self.effort.shrink_requests
        return time.monotonic() - self._began > self.effort.seconds or self.sent > self.effort.requests

    def call(self, operation_id: str, **options: Unpack[Options]) -> Exchange:
        """The response of an operation, counted."""
        self.sent += 1
        return self.client.call(operation_id, **options)

    def settle(self, probe: Callable[[], Result], until: Callable[[Result], bool]) -> Settled[Result]:
        """As the client's; while a sequence is shortened the wait is shorter, too."""
        seconds = None if self._first is None else max(_FASTEST, 4 * self._longest)
        settled = self.client.settle(probe, until=until, seconds=seconds)
        if settled.met:
            self._longest = max(self._longest, settled.seconds)
        return settled

    def taken(self, exchange: Exchange, clause: str, status: int) -> Point:
        """True when a response has its status; an error of the server breaks another clause."""
        if exchange.status is not None and exchange.status >= self.client.contract.error("internal").status:
            clause = "errors.internal.absent"
        return Point(clause, exchange.status == status, f"status {status}", f"status {exchange.status}")

    def look(self, points: Iterable[Point], steps: Iterable[str], evidence: Iterable[Exchange]) -> None:
        """Take down what holds; raise ViolationError for the first point that does not."""
        if self.client.settings.dry:
            return
        for point in points:
            if point.holds:
                self.held.add(point.clause)
            else:
                self._violated(Violation(point, tuple(steps), tuple(evidence)))

    def tell(self) -> None:
        """Hand everything to the judge; then raise what stopped the run."""
        for clause, found in self.violations.items():
            self.judge.check(
                clause,
                False,
                expected=found.point.expected,
                actual=f"{found.point.actual} after: {'; '.join(found.steps)}",
                evidence=found.evidence,
            )
        for clause in sorted(self.held - self.violations.keys()):
            self.judge.check(clause, True, expected="the same as the model says", actual="the same")
        if self.stopped is not None:
            raise self.stopped

    def _violated(self, found: Violation) -> None:
        clause = found.point.clause
        if self._first is None:
            self._first = (time.monotonic(), self.sent)
        elif clause not in self.violations:
            # Seen only with the shorter wait of shortened sequences: the server may just not have come to it.
            return
        before = self.violations.get(clause)
        if before is None or len(found.steps) < len(before.steps):
            self.violations[clause] = found
        raise ViolationError(clause)
