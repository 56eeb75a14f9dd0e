"""Errors of the server that may pass: how often a request is sent again, and after how long.

The documentation tells every client to send such a request again. What stays is judged when the API itself says it, and
judged by nothing when a gateway does.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
from twosignal_contract import Retry

from twosignal_conformance.engine.api_client._exchange import Exchange
from twosignal_conformance.engine.api_client._http_dates import retry_after
from twosignal_conformance.engine.api_client._pace import LONGEST_WAIT

_PATIENT, _HASTY = 2, 6
"""Requests in a row that no sending again has helped, after which one more is sent once without a wait, or not again: a
server that always fails must not cost seconds for each request."""

_MOST_KEPT = 20
"""Passing errors that are kept for the report."""

_EDGE = range(520, 531)
"""Statuses that no specification has and edges use for an origin that is away or ill (Cloudflare's 520 to 530)."""

GATEWAY = frozenset({httpx.codes.BAD_GATEWAY, httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.GATEWAY_TIMEOUT, *_EDGE})
"""Statuses of what stands before the API when the API is away: no answer of the API, whatever their bodies say."""


@dataclass
class Resending:
    """One for the run; safe to use from several threads."""

    retry: Retry
    """What the contract asks of clients."""

    def __post_init__(self) -> None:
        self.on = False
        """False before the run is open: a server that is ill from the beginning is told at once."""
        self.passed: list[Exchange] = []
        """Errors of the server that were gone when their requests were sent again; the first ones."""
        self._futile = 0
        self._lock = threading.Lock()

    def passing(self, exchange: Exchange) -> bool:
        """True when the documentation tells a client to send this request again after a while."""
        return exchange.status in self.retry.backoff_statuses

    def delays(self) -> Iterator[float]:
        """Seconds before each further attempt, in order; fewer when none has helped for a while."""
        with self._lock:
            futile = self._futile
        if not self.on:
            return
        if futile < _PATIENT:
            yield from map(float, self.retry.delays[: self.retry.most])
        elif futile < _HASTY:
            yield 0.0

    def wait(self, exchange: Exchange, delay: float, header: str) -> float:
        """Seconds before the request is sent again: the delay, or what the response itself asks for."""
        asked = retry_after(exchange.header(header), exchange.header("date"))
        return max(delay, min(asked or 0.0, LONGEST_WAIT)) if delay else 0.0

    def note(self, met: list[Exchange], *, helped: bool) -> None:
        """What came of a request that met passing errors."""
        with self._lock:
            self._futile = 0 if helped else self._futile + 1
            if helped:
                self.passed += met[: _MOST_KEPT - len(self.passed)]
