"""Keeps the run below the limits of the server: its own pace for each key, and the waits that answers ask for."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import httpx
from twosignal_contract import RateLimit

from twosignal_conformance.engine.api_client._http_dates import retry_after, seconds_until

LONGEST_WAIT = 60.0
"""Seconds that a header may make the run wait; a server that asks for an hour does not stop it for one."""

SHARE = 0.8
"""Of the plan's rate that the run uses, which leaves room for other users of the key and other ideas of a window."""


class Pace:
    """One for the run; each key has a window and a time of its own."""

    def __init__(self, limit: RateLimit, rate: int, sleep: Callable[[float], None] = time.sleep) -> None:
        self._limit = limit
        self._most = max(1, int(rate * SHARE))
        self._sleep = sleep
        self._lock = threading.Lock()
        self._sent: dict[str, deque[float]] = {}
        self._not_before: dict[str, float] = {}

    def wait(self, key: str) -> None:
        """Return when a request with this key may go out."""
        while (delay := self._delay(key)) > 0:
            self._sleep(delay)

    def heed(self, key: str, exchange_headers: httpx.Headers, status: int | None) -> float:
        """Take note of what a response says; seconds that it asks to wait, 0 when it asks for nothing."""
        wait = self._asked(exchange_headers, refused=status == httpx.codes.TOO_MANY_REQUESTS)
        if wait > 0:
            with self._lock:
                self._not_before[key] = max(self._not_before.get(key, 0.0), time.monotonic() + wait)
        return wait

    def _asked(self, headers: httpx.Headers, *, refused: bool) -> float:
        if (
            refused
            and (seconds := retry_after(headers.get(self._limit.headers.retry_after), headers.get("date"))) is not None
        ):
            return min(seconds, LONGEST_WAIT)
        spent = headers.get(self._limit.headers.remaining) == "0"
        if refused or spent:
            reset = seconds_until(headers.get(self._limit.headers.reset), headers.get("date"))
            if reset is not None:
                return min(reset, LONGEST_WAIT)
        return float(self._limit.window) if refused else 0.0

    def _delay(self, key: str) -> float:
        """Seconds to wait; 0 means that the request was counted as sent now."""
        with self._lock:
            now = time.monotonic()
            blocked = self._not_before.get(key, 0.0) - now
            if blocked > 0:
                return blocked
            sent = self._sent.setdefault(key, deque())
            while sent and sent[0] <= now - self._limit.window:
                sent.popleft()
            if len(sent) >= self._most:
                return sent[0] + self._limit.window - now
            sent.append(now)
            return 0.0
