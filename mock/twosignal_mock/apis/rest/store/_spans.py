"""Spans and the ids of events in the store: their records, and what a repository offers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple, Protocol

from twosignal_mock.engine.store import JsonText


class SpanRecord(NamedTuple):
    """A span, as it came first."""

    trace: str
    id: str
    event: str | None
    """The id of the event that carried it; None when it came as OTLP."""
    parent: str | None
    """Id of its parent span, or of the event that carried that; as it was sent."""
    name: str
    type: str
    start: int
    """Milliseconds since 1970."""
    end: int | None
    """Milliseconds since 1970; None: still open."""
    failed: bool
    tokens: int
    cost: str | None
    """US dollars, a decimal number, perhaps with an exponent."""
    detail: JsonText
    """JSON array of what only the view of a single span shows: input, output, model, ..."""


class TraceEvent(NamedTuple):
    """An event that carried no span."""

    trace: str
    """The trace that it is about."""
    event: str
    """Its id."""


class Arrived(Protocol):
    """What came for a trace: a SpanRecord, or anything else of which only the id of its event is kept."""

    @property
    def trace(self) -> str:
        """The trace that it is about."""
        ...

    @property
    def event(self) -> str | None:
        """The id of the event that carried it; None when it came without one."""
        ...


class Spans(Protocol):
    """The spans of a project, and the ids of the events that came for each trace."""

    def add(self, arrived: Sequence[Arrived], new: Collection[str] = ()) -> Collection[int]:
        """Keeps what arrived, in this order; `new` are traces that have nothing yet, and need not be looked up.

        Gives the indexes of what a trace has already, which leaves all as it is: of an event whose id came before for
        its trace, and of a span whose id did.
        """
        ...

    def of_trace(self, trace: str) -> Sequence[SpanRecord]:
        """All spans of a trace, by start and id."""
        ...

    def has(self, trace: str, name: str) -> bool:
        """True when a span of the trace has this id, or came in an event with this id."""
        ...

    def all(self) -> Iterable[SpanRecord]:
        """All spans, by trace and id."""
        ...

    def all_events(self) -> Iterable[TraceEvent]:
        """All events that carried no span, by trace and id."""
        ...
