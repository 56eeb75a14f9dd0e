"""The exchanges on which the second opinion is asked: the first few of each operation and status."""

from __future__ import annotations

import threading
from collections import Counter

from twosignal_conformance.engine.api_client import Exchange

EACH = 2
"""Of one operation and status: enough for every shape of a response, and the whole stays far under a second."""

LARGEST = 64_000
"""Bytes of a body; openapi-core takes some 4 ms for a page of fifty rows."""

_JSON = "application/json"


class Sample:
    """Sees every exchange of the run and keeps some; safe to use from several threads."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []
        self._counts: Counter[tuple[str, int]] = Counter()
        self._lock = threading.Lock()

    def __call__(self, exchange: Exchange) -> None:
        if exchange.operation_id is None or exchange.status is None or exchange.method == "HEAD":
            return
        small = max(len(exchange.body), len(exchange.request_body)) <= LARGEST
        if not small or exchange.media_type != _JSON or exchange.poll > 1:
            return
        with self._lock:
            kind = exchange.operation_id, exchange.status
            if self._counts[kind] < EACH:
                self._counts[kind] += 1
                self.exchanges.append(exchange)
