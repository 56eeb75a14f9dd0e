"""When a request is sent again, and after how long; tenacity does the sending, the waiting and the loop.

All numbers are of the contract (`generated.policy`). Its `most` counts backoffs: waiting for a rate limit uses up none.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import httpx
from tenacity import RetryCallState

from twosignal_client.generated import policy

BROKEN = (httpx.NetworkError, httpx.TimeoutException, httpx.RemoteProtocolError)
"""The connection failed, or the response broke off."""

_EPOCH_SECONDS = 1_000_000_000
"""From here on a reset is a Unix time in seconds (2001), not a wait (31 years)."""
_EPOCH_MILLISECONDS = 1_000_000_000_000
"""From here on it is one in milliseconds."""


class Retries:
    """The retries of one call. tenacity asks after each attempt whether there is another."""

    def __init__(self, *, longest_wait: float, after_break: bool) -> None:
        self._longest_wait = longest_wait
        self._after_break = after_break
        self._backoffs = 0
        self._waited = 0.0
        self._delay = 0.0

    def again(self, state: RetryCallState) -> bool:
        """Whether to send again after an attempt that ended so."""
        outcome = state.outcome
        if outcome is None:
            return False
        if outcome.failed:
            return self._after_break and isinstance(outcome.exception(), BROKEN) and self._back_off()
        response: httpx.Response = outcome.result()
        if response.status_code in policy.NEVER_STATUSES:
            return False
        if response.status_code in policy.WAIT_STATUSES:
            return self._wait_for(response.headers)
        return response.status_code in policy.BACKOFF_STATUSES and self._back_off()

    def delay(self, _: RetryCallState) -> float:
        """Seconds to wait before the next attempt."""
        return self._delay

    def _back_off(self) -> bool:
        if self._backoffs >= policy.MOST_RETRIES:
            return False
        self._delay = policy.BACKOFF_DELAYS[min(self._backoffs, len(policy.BACKOFF_DELAYS) - 1)]
        self._backoffs += 1
        return True

    def _wait_for(self, headers: Mapping[str, str]) -> bool:
        self._delay = requested_wait(headers)
        # A wait of nothing counts as one of the shortest backoff, so that a server cannot keep us busy for ever.
        self._waited += max(self._delay, policy.BACKOFF_DELAYS[0])
        return self._waited <= self._longest_wait


def requested_wait(headers: Mapping[str, str]) -> float:
    """Seconds that a response asks to wait; the first backoff when it does not say."""
    for name in policy.WAIT_HEADERS:
        seconds = _seconds(headers.get(name), headers)
        if seconds is not None:
            return seconds
    return policy.BACKOFF_DELAYS[0]


def _seconds(value: str | None, headers: Mapping[str, str]) -> float | None:
    """Seconds from now that a header means: a number of them, a Unix time, or a date (RFC 9110 section 10.2.3)."""
    if value is None:
        return None
    try:
        number = float(value)
    except ValueError:
        then = _moment(value)
    else:
        if not math.isfinite(number):
            return None
        if number < _EPOCH_SECONDS:
            return max(number, 0.0)
        then = number / 1000 if number >= _EPOCH_MILLISECONDS else number
    if then is None:
        return None
    # By the server's clock, when the response has its time: ours may differ.
    now = _moment(headers.get("Date", ""))
    return max(then - (time.time() if now is None else now), 0.0)


def _moment(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except ValueError:
        return None
