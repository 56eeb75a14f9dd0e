"""Spans and ids of events in SQLite, in chunks: one row holds what came together for one trace.

A row for each event and each span, with an index for each, costs a busy server more than all else that it does. Of an
event and a span nothing is ever asked singly but whether its trace has its id. So a chunk has the ids as lines of text,
in which an id is found by one search, and the spans as JSON, which is read when somebody looks at the trace.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any, cast

import apsw
import orjson

from twosignal_mock.apis.rest.store._spans import Arrived, SpanRecord, TraceEvent


class SqliteSpans:
    """The spans of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def add(self, arrived: Sequence[Arrived], new: Collection[str] = ()) -> Collection[int]:
        """Keeps what arrived; gives the indexes of what a trace has already."""
        chunks: dict[str, _Chunk] = {}
        known: set[int] = set()
        for index, item in enumerate(arrived):
            trace = item.trace
            chunk = chunks.get(trace)
            if chunk is None:
                chunk = chunks[trace] = _Chunk(*(("", "") if trace in new else self._known(trace)))
            if not chunk.take(item):
                known.add(index)
        project = self._project
        rows = [(project, trace, *chunk.columns()) for trace, chunk in chunks.items() if chunk.events or chunk.spans]
        self._connection.executemany(_ADD, rows)
        return known

    def of_trace(self, trace: str) -> Sequence[SpanRecord]:
        """All spans of a trace, by start and id."""
        rows = self._connection.execute(_SPANS, (self._project, trace))
        return sorted(_spans(trace, rows), key=_BY_START)

    def has(self, trace: str, name: str) -> bool:
        """True when a span of the trace has this id, or came in an event with this id."""
        line = _line(name)
        for events, ids, heads in self._connection.execute(_HEADS, (self._project, trace)):
            if line in str(ids) or (line in str(events) and any(head[1] == name for head in orjson.loads(str(heads)))):
                return True
        return False

    def all(self) -> Iterable[SpanRecord]:
        """All spans, by trace and id."""
        rows = self._connection.execute(_ALL_SPANS, (self._project,))
        for trace, chunks in groupby(rows, itemgetter(0)):
            yield from sorted(_spans(str(trace), (chunk[1:] for chunk in chunks)), key=_BY_ID)

    def all_events(self) -> Iterable[TraceEvent]:
        """All events that carried no span, by trace and id."""
        rows = self._connection.execute(_ALL_EVENTS, (self._project,))
        for trace, chunks in groupby(rows, itemgetter(0)):
            ids: set[str] = set()
            for _, events, heads in chunks:
                ids.update(set(_ids_of(str(events))) - {head[1] for head in orjson.loads(str(heads))})
            yield from (TraceEvent(str(trace), id_) for id_ in sorted(ids))

    def _known(self, trace: str) -> tuple[str, str]:
        """The lines of the events and of the spans that a trace has."""
        rows = self._connection.execute(_KNOWN, (self._project, trace)).fetchall()
        return "".join([str(events) for events, _ in rows]), "".join([str(ids) for _, ids in rows])


class _Chunk:
    """What comes for one trace; no event and no span of it came before."""

    __slots__ = ("_known_events", "_known_spans", "events", "spans")

    def __init__(self, known_events: str, known_spans: str) -> None:
        self._known_events = known_events
        self._known_spans = known_spans
        self.events: dict[str, None] = {}
        self.spans: dict[str, SpanRecord] = {}

    def take(self, item: Arrived) -> bool:
        """False when the trace has it already."""
        event = item.event
        if event is not None:
            if event in self.events or (self._known_events and _line(event) in self._known_events):
                return False
            self.events[event] = None
        if isinstance(item, SpanRecord):
            id_ = item.id
            if id_ in self.spans or (self._known_spans and _line(id_) in self._known_spans):
                return False
            self.spans[id_] = item
        return True

    def columns(self) -> tuple[str, str, str, str]:
        """Lines of the ids of events and of spans, the heads of the spans, their details."""
        spans = self.spans.values()
        heads = orjson.dumps(list(map(_HEAD, spans))).decode()
        return _lines(self.events), _lines(self.spans), heads, "\n".join(map(_one_line, map(_DETAIL, spans)))


_HEAD = itemgetter(slice(1, -1))
"""What a span says but for its trace and its detail."""
_DETAIL = itemgetter(-1)
_BY_START = attrgetter("start", "id")
_BY_ID = attrgetter("id")

_ADD = "INSERT INTO chunk VALUES (?,?,?,?,?,?)"
"""All columns in the table's order: apsw hashes a statement anew for each of its rows, so it is short."""
_KNOWN = "SELECT events, ids FROM chunk WHERE project = ? AND trace = ?"
_SPANS = "SELECT heads, details FROM chunk WHERE project = ? AND trace = ?"
_HEADS = "SELECT events, ids, heads FROM chunk WHERE project = ? AND trace = ?"
_ALL_SPANS = "SELECT trace, heads, details FROM chunk WHERE project = ? ORDER BY trace"
_ALL_EVENTS = "SELECT trace, events, heads FROM chunk WHERE project = ? ORDER BY trace"


def _spans(trace: str, rows: Iterable[Any]) -> Iterator[SpanRecord]:
    for heads, details in rows:
        for head, detail in zip(orjson.loads(cast(str, heads)), cast(str, details).split("\n"), strict=False):
            id_, event, parent, name, type_, start, end, failed, tokens, cost = head
            yield SpanRecord(trace, id_, event, parent, name, type_, start, end, bool(failed), tokens, cost, detail)


def _one_line(detail: str) -> str:
    """JSON text without line breaks, which it has only between its tokens."""
    return detail.replace("\n", " ") if "\n" in detail else detail


# --- ids as lines: a line break in one is written as \n, a backslash as \\ -------------------------------------------
_ESCAPED = re.compile(r"\\(.)")


def _lines(ids: Collection[str]) -> str:
    """The ids with a line break before, between and behind them."""
    if not ids:
        return ""
    text = "\n".join(ids)
    if "\\" in text or text.count("\n") >= len(ids):
        text = "\n".join(map(_escape, ids))
    return f"\n{text}\n"


def _line(id_: str) -> str:
    """What an id is found by."""
    return f"\n{_escape(id_)}\n"


def _escape(id_: str) -> str:
    return id_.replace("\\", "\\\\").replace("\n", "\\n") if "\\" in id_ or "\n" in id_ else id_


def _ids_of(lines: str) -> Iterator[str]:
    for line in lines.split("\n")[1:-1]:
        yield _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], line) if "\\" in line else line
