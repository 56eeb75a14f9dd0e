"""How long a response asks a client to wait before it sends the same again: x-retry of the contract, as numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum, auto

from twosignal_contract import Contract

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.engine.api_client import epoch_of, http_date, number

TOLERANCE = 0.05
"""Seconds that a wait may be shorter than asked: clocks that differ in their steps, and numbers that are rounded."""

DATE_TOLERANCE = 1.0
"""The same for a wait that ends at a date: dates of HTTP and Unix times in seconds have no fraction."""


class WaitKind(Enum):
    """What asks for a wait."""

    RATE_LIMIT = auto()
    """The header that says how long."""
    RESET = auto()
    """The header that says when the window ends, where there is no other."""
    BACKOFF = auto()
    """An error of the server."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The least wait that a response asks for."""

    seconds: float
    kind: WaitKind
    tolerance: float = TOLERANCE
    by_date: bool = False
    """True when it is told as an instant of the server's clock."""
    told: str = ""
    """The header that asks for it."""

    def kept(self, seen: float) -> bool:
        """True when so many seconds are enough. Longer waits always are."""
        # Half of a short wait is no wait: a tolerance is always smaller than what it tolerates.
        return seen >= self.seconds - min(self.tolerance, self.seconds / 2)


def wait_after(attempt: Attempt, failures: int, contract: Contract) -> Wait | None:
    """The wait after an attempt, the `failures`-th of its chain that met an error of the server; None for no wait."""
    if attempt.status in contract.retry.wait_statuses:
        return _told(attempt, contract)
    if attempt.status in contract.retry.backoff_statuses and 0 < failures <= len(contract.retry.delays):
        return Wait(contract.retry.delays[failures - 1], WaitKind.BACKOFF)
    return None


def _told(attempt: Attempt, contract: Contract) -> Wait | None:
    names = contract.rate_limit.headers
    for header, read in ((names.retry_after, _retry_after), (names.reset, _reset)):
        value = attempt.response_headers.get(header.lower())
        if value is not None:
            wait = read(value, attempt)
            return None if wait is None else replace(wait, told=f"{header}: {value}")
    return None


def _retry_after(value: str, attempt: Attempt) -> Wait | None:
    seconds = number(value)
    if seconds is not None:
        return Wait(seconds, WaitKind.RATE_LIMIT)
    date = http_date(value)
    return None if date is None else _until(date, WaitKind.RATE_LIMIT, attempt)


def _reset(value: str, attempt: Attempt) -> Wait | None:
    seconds = number(value)
    epoch = None if seconds is None else epoch_of(seconds)
    if epoch is not None:
        try:
            wait = _until(datetime.fromtimestamp(epoch, UTC), WaitKind.RESET, attempt)
        except (OverflowError, ValueError):
            return None
        # Milliseconds are as exact as a number of seconds.
        return wait if epoch == seconds else replace(wait, tolerance=TOLERANCE)
    return None if seconds is None else Wait(seconds, WaitKind.RESET)


def _until(instant: datetime, kind: WaitKind, attempt: Attempt) -> Wait:
    seconds = (instant - attempt.responded_at).total_seconds()
    return Wait(max(0.0, seconds), kind, DATE_TOLERANCE, by_date=True)
