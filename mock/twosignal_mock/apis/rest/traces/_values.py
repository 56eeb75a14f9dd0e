"""Traces as values: what events and their batches say. A span-create says a SpanRecord, as the store keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from twosignal_mock.apis.rest.store import SpanRecord


class TraceCreate(NamedTuple):
    """One trace-create event. A tuple and no dataclass: a busy server makes thousands in a second."""

    trace: str
    """Its id."""
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


class Batch(NamedTuple):
    """The events of one call."""

    now: int
    """When they came in: milliseconds since 1970."""
    events: Sequence[str]
    """Their ids."""
    items: Sequence[TraceCreate | SpanRecord]
    """What they say, in the same order."""
