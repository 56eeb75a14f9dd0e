"""Traces as values: what a trace-create event says. A span-create says a SpanRecord, as the store keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class TraceCreate(NamedTuple):
    """One trace-create event. A tuple and no dataclass: a busy server makes thousands in a second."""

    id: str
    name: str
    stamp: int
    """The event's timestamp, microseconds since 1970: of two events the later one has the better values."""
    start: int
    """Milliseconds since 1970: its own, else the event's."""
    end: int | None
    """Milliseconds since 1970."""
    tags: Sequence[str] | None
    """Each once; None: not sent."""
    metadata: Mapping[str, Any] | None
    extra: Mapping[str, Any] | None
    """What no answer shows: sessionId and its like."""
