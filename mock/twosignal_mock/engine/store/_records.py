"""What the store keeps of a trace, a span and a score: plain values, the same for every implementation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(slots=True)
class TraceRecord:
    """A trace with what its spans and scores add up to, kept up to date at ingestion: a read computes nothing."""

    id: str
    created: int
    """Milliseconds since 1970 at which its first event came in."""
    place: int | None = None
    """Minus its start in milliseconds since 1970, so that newest first is ascending; None: not listed yet."""
    name: str = ""
    own_end: int | None = None
    """The end that was sent with the trace itself, milliseconds since 1970."""
    tags: str | None = None
    """JSON array of strings; None when none were ever sent."""
    metadata: str = "{}"
    """JSON object."""
    extra: str | None = None
    """JSON object: what a trace-create may carry and no answer shows."""
    stamp: int | None = None
    """Microseconds since 1970: the timestamp of the trace-create event that came first; None: none came."""
    stamps: str | None = None
    """JSON object: field to the timestamp of the event it is from, in microseconds; None: `stamp` for all."""
    lead: str | None = None
    """Sort key of the span that names the trace; "" once a trace-create named it, None without spans."""
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
    item: str = "{}"
    """JSON object: what a list shows of it, but for its status and number of scores; made when it is saved."""


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
    detail: str
    """JSON array of what only a reader of single spans wants: input, output, model, ..."""


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
    place: int
    item: str
    failed: int
    scores: int


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """Which traces, in the order of (place, id)."""

    after: tuple[int, str]
    """Only those behind this (place, id)."""
    before: int
    """Only those with a lower place."""
    limit: int
    name: str | None = None
    """Part of the name, taken literally."""
    failed: bool | None = None
    tags: Sequence[str] = ()
    """All of them."""
    created_until: int | None = None
    """Milliseconds since 1970; None: whenever they came in."""
