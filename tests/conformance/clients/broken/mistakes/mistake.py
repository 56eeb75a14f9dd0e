"""What a row of the table of mistakes says."""

from __future__ import annotations

from dataclasses import dataclass

from tests.conformance.clients.broken.careful import Careful


@dataclass(frozen=True)
class Mistake:
    """A client that gets one thing wrong, and who says so."""

    name: str
    clause: str
    """The clause that it breaks: a run must fail it, or say so where it is a `may`."""
    scenarios: tuple[str, ...]
    """Where that shows."""
    client: type[Careful]
    also: tuple[str, ...] = ()
    """Clauses that break with it, since one mistake may be against two sentences."""
    ends: bool = True
    """True when its command still comes to its end."""
