"""How much a run may send: announced before the first request, counted where requests leave, and never exceeded."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace

from twosignal_conformance.engine.api_client._skipped import BudgetError


@dataclass(frozen=True, slots=True)
class Amount:
    """Requests, things that they create and bytes of their bodies; of a budget the most, of a count what was sent."""

    requests: int
    created: int
    bytes: int
    kind: str = "record"
    """What is counted as created: the kind of Creation of which an API makes the most."""

    def __str__(self) -> str:
        requests, created = (
            f"{count:,} {what}{'' if count == 1 else 's'}"
            for count, what in ((self.requests, "request"), (self.created, self.kind))
        )
        return f"{requests}, {created}, {self.bytes / 1e6:,.1f} MB"


class Budget:
    """Counts what goes out; safe to use from several threads."""

    def __init__(self, most: Amount) -> None:
        self.most = most
        self._lock = threading.Lock()
        self._spent = replace(most, requests=0, created=0, bytes=0)

    @property
    def spent(self) -> Amount:
        """What was sent so far."""
        return self._spent

    def take(self, size: int, created: int) -> None:
        """Count one request with a body of `size` bytes that creates so many things, or refuse to."""
        with self._lock:
            spent, most = self._spent, self.most
            after = replace(
                spent, requests=spent.requests + 1, created=spent.created + created, bytes=spent.bytes + size
            )
            if after.requests > most.requests or after.created > most.created or after.bytes > most.bytes:
                raise BudgetError(f"the next request would make {after}; announced were {most}")
            self._spent = after
