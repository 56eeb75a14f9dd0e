"""How long an answer asks a client to wait before it sends the same again: x-retry of the contract, as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from twosignal_contract import Contract

from twosignal_conformance.clients._attempt import Attempt

TOLERANCE = 0.05
"""Seconds that a wait may be shorter than asked: clocks that differ in their steps, and numbers that are rounded."""

DATE_TOLERANCE = 1.0
"""The same for a wait that ends at a date: dates of HTTP and Unix times in seconds have no fraction."""

_UNIX = 1_000_000_000.0
"""A reset beyond so many seconds is no wait but a Unix time; beyond a thousand times that it is one in milliseconds."""

RATE_LIMIT, RESET, BACKOFF = "client.retry.rate-limit-wait", "client.retry.rate-limit-reset", "client.retry.backoff"


WAITS = (RATE_LIMIT, RESET, BACKOFF)
"""The clauses that say how long."""


@dataclass(frozen=True, slots=True)
class Wait:
    """At least so long, by this clause."""

    seconds: float
    clause: str
    tolerance: float = TOLERANCE
    by_date: bool = False
    """Whether it is told as an instant of the server's clock."""

    def kept(self, seen: float) -> bool:
        """Whether so many seconds are enough. Longer ones always are."""
        return seen >= self.seconds - self.tolerance


def wait_after(attempt: Attempt, failures: int, law: Contract) -> Wait | None:
    """What is asked for after an attempt, the `failures`-th of its chain that met a server's error; None: nothing."""
    if attempt.status in law.retry.wait_statuses:
        return _told(attempt, law)
    if attempt.status in law.retry.backoff_statuses and 0 < failures <= len(law.retry.delays):
        return Wait(law.retry.delays[failures - 1], BACKOFF)
    return None


def _told(attempt: Attempt, law: Contract) -> Wait | None:
    names = law.rate_limit.headers
    after = attempt.answer_headers.get(names.retry_after.lower())
    if after is not None:
        return _retry_after(after, attempt)
    reset = attempt.answer_headers.get(names.reset.lower(), "")
    return _reset(float(reset), attempt) if reset.isdigit() else None


def _retry_after(value: str, attempt: Attempt) -> Wait | None:
    if value.isdigit():
        return Wait(float(value), RATE_LIMIT)
    try:
        return _until(parsedate_to_datetime(value), RATE_LIMIT, attempt)
    except ValueError:
        return None


def _reset(value: float, attempt: Attempt) -> Wait:
    if value < _UNIX:
        return Wait(value, RESET)
    return _until(datetime.fromtimestamp(value if value < _UNIX * 1000 else value / 1000, UTC), RESET, attempt)


def _until(instant: datetime, clause: str, attempt: Attempt) -> Wait:
    seconds = (instant - attempt.answered_at).total_seconds()
    return Wait(max(0.0, seconds), clause, DATE_TOLERANCE, by_date=True)
