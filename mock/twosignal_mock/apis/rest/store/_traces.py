"""Traces and scores in the store: their records, and what a repository offers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from twosignal_mock.engine.store import JsonText


@dataclass(slots=True)
class TraceRecord:
    """A trace with the sums of its spans and scores. Ingestion keeps them up to date, so a read computes nothing."""

    id: str
    created: int
    """Milliseconds since 1970 at which its first event came in."""
    sort_key: int | None = None
    """Minus its start in milliseconds since 1970, so that newest first is ascending; None: not listed yet."""
    name: str = ""
    own_end: int | None = None
    """The end that was sent with the trace itself, milliseconds since 1970."""
    tags: JsonText | None = None
    """JSON array of strings; None when none were ever sent."""
    metadata: JsonText = "{}"
    """JSON object."""
    extra: JsonText | None = None
    """JSON object: what a trace-create may carry and no answer shows."""
    stamp: int | None = None
    """Microseconds since 1970: the timestamp of the trace-create event that came first; None: none came."""
    stamps: JsonText | None = None
    """JSON object: field to the timestamp of the event it is from, in microseconds; None: `stamp` for all."""
    lead: str | None = None
    """Tells whether another span would rather name the trace: the least one does. "" once a trace-create named it; None
    without spans."""
    earliest: int | None = None
    """Earliest start of a span, milliseconds since 1970."""
    latest: int | None = None
    """Latest end of a span, milliseconds since 1970."""
    spans: int = 0
    open: int = 0
    """Spans without an end."""
    failed: int = 0
    """Spans with an error."""
    tokens: int = 0
    cost: str = "0"
    """US dollars, a plain decimal number."""
    scores: int = 0
    shown: str | None = None
    """The id as the trace-create spelled it, when that is not `id`."""
    item: JsonText = "{}"
    """JSON object: what a list shows of it, but for its status and number of scores; made when it is saved."""


class ScoreRecord(NamedTuple):
    """A score, as it was answered."""

    id: str
    trace: str
    span: str | None
    """As it was sent: the id of the span or of its event."""
    evaluator: str
    value: float
    label: str | None
    reasoning: str | None
    created: int
    """Milliseconds since 1970."""


class ListedTrace(NamedTuple):
    """The columns of a trace that a list shows; as in TraceRecord."""

    id: str
    sort_key: int
    item: str
    failed: int
    scores: int


class TraceQuery(NamedTuple):
    """Which traces, in the order of (sort_key, id)."""

    after: tuple[int, str]
    """Only those behind this (sort_key, id)."""
    before: int
    """Only those with a lower sort key."""
    limit: int
    name: str | None = None
    """Part of the name, taken literally."""
    failed: bool | None = None
    tags: Sequence[str] = ()
    """All of them."""
    created_until: int | None = None
    """Milliseconds since 1970; None: whenever they came in."""
    moves: int | None = None
    """Traces stand where they stood after so many moves; None: where they stand now."""


class Traces(Protocol):
    """The traces of a project."""

    def find(self, trace: str) -> TraceRecord | None:
        """The trace with this id, listed or not."""
        ...

    def find_all(self, traces: Collection[str]) -> Mapping[str, TraceRecord]:
        """Those of the traces that are there, by id."""
        ...

    def unlisted(self, limit: int) -> Sequence[TraceRecord]:
        """Traces that no list shows yet, the one that came last first."""
        ...

    def moves(self) -> int:
        """How often a listed trace has moved to another place in the order so far."""
        ...

    def sort_key(self, trace: str, moves: int) -> int | None:
        """The sort key that a trace had after so many moves; None when it is not listed."""
        ...

    def page(self, query: TraceQuery) -> Sequence[ListedTrace]:
        """The first listed traces that the query asks for, in the order of (sort_key, id)."""
        ...

    def save(self, *traces: TraceRecord) -> None:
        """Keeps traces, each once, as they are now: those that were found in this transaction, and new ones."""
        ...

    def count_score(self, trace: str) -> None:
        """Raises the number of scores of a trace by one."""
        ...

    def all(self) -> Iterable[TraceRecord]:
        """All traces, by id."""
        ...


class Scores(Protocol):
    """The scores of a project."""

    def of_trace(self, trace: str) -> Sequence[ScoreRecord]:
        """The scores of a trace and its spans, oldest first."""
        ...

    def all(self) -> Iterable[ScoreRecord]:
        """All scores, oldest first."""
        ...

    def add(self, score: ScoreRecord) -> None:
        """Keeps a score."""
        ...
