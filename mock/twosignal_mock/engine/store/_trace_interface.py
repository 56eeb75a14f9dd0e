"""What a store offers for the traces of a project, their spans and scores."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from twosignal_mock.engine.store._records import ListedTrace, ScoreRecord, SpanRecord, TraceQuery, TraceRecord


class TraceReader(Protocol):
    """The traces of a project."""

    def find(self, trace: str) -> TraceRecord | None:
        """The trace with this id, listed or not."""
        ...

    def spans(self, trace: str) -> Sequence[SpanRecord]:
        """All spans of a trace, by start and id."""
        ...

    def page(self, query: TraceQuery) -> Sequence[ListedTrace]:
        """The first listed traces that the query asks for, in the order of (place, id)."""
        ...

    def has_span(self, trace: str, name: str) -> bool:
        """Whether a span of the trace has this id, or came in an event with this id."""
        ...


class Traces(TraceReader, Protocol):
    """The traces of a project, to be changed."""

    def find_all(self, traces: Collection[str]) -> Mapping[str, TraceRecord]:
        """Those of the traces that are there, by id."""
        ...

    def claim(self, events: Sequence[str]) -> Collection[int]:
        """At which indexes of `events` stand ids that the project has already; from now on it has all of them."""
        ...

    def add_spans(self, spans: Sequence[SpanRecord]) -> Collection[int]:
        """Keeps spans; at which indexes stand those that their traces have already: they leave all as it is."""
        ...

    def save(self, *traces: TraceRecord) -> None:
        """Keeps traces, each once, as they are now: those that were found in this transaction, and new ones."""
        ...

    def count_score(self, trace: str) -> None:
        """Raises the number of scores of a trace by one."""
        ...


class ScoreReader(Protocol):
    """The scores of a project."""

    def of_trace(self, trace: str) -> Sequence[ScoreRecord]:
        """The scores of a trace and its spans, oldest first."""
        ...


class Scores(ScoreReader, Protocol):
    """The scores of a project, to be changed."""

    def add(self, score: ScoreRecord) -> None:
        """Keeps a score."""
        ...
