"""When a request is sent again, and after how long; tenacity does the sending, the waiting and the loop.

All numbers are of the contract (`generated.policy`). Its `most` counts backoffs: waiting for a rate limit uses up none.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping

from tenacity import RetryCallState

from twosignal_client._connections import Received, SendingError
from twosignal_client._dates import http_date
from twosignal_client.generated import policy

_BLANKS = " \t"
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_UNIX_TIMES = ((1e9, 1e11, 1), (1e12, 1e14, 1000))
"""From 2001 to 5138, in seconds and in milliseconds. Every other number is a wait, most of them a very long one."""


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
            error = outcome.exception()
            return self._after_break and isinstance(error, SendingError) and error.broken and self._back_off()
        received: Received = outcome.result()
        if received.status in policy.NEVER_STATUSES:
            return False
        if received.status in policy.WAIT_STATUSES:
            return self._wait_for(received.headers)
        return received.status in policy.BACKOFF_STATUSES and self._back_off()

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
        self._waited += self._delay
        return self._waited <= self._longest_wait


def requested_wait(headers: Mapping[str, str]) -> float:
    """Seconds that a response asks to wait, by the first header that can be read. Never less than the first backoff.

    So a server that asks for no wait, again and again, comes to the longest wait of a call like any other.
    """
    now = http_date(headers.get("Date", "").strip(_BLANKS), time.time())
    for name in policy.WAIT_HEADERS:
        # By the server's clock, when the response has its time: ours may differ.
        seconds = _seconds(name, headers.get(name, "").strip(_BLANKS), time.time() if now is None else now)
        if seconds is not None:
            return max(seconds, policy.BACKOFF_DELAYS[0])
    return policy.BACKOFF_DELAYS[0]


def _seconds(name: str, value: str, now: float) -> float | None:
    """Seconds from now that a header means: a number of them, for the reset perhaps a Unix time, or a date."""
    if not _NUMBER.fullmatch(value):
        then = http_date(value, now)
        return None if then is None else then - now
    number = float(value)
    for least, most, unit in _UNIX_TIMES if name == policy.RESET_HEADER else ():
        if least <= number < most:
            return number / unit - now
    return number
