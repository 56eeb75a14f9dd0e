"""Traces, spans and event ids in SQLite.

A list is a range of the index (project, place, id); tags have a table in the same order, so that a filter by tags is a
range too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from functools import cache
from operator import attrgetter
from typing import Any, cast

import apsw
import orjson

from twosignal_mock.store._records import ListedTrace, SpanRecord, TraceQuery, TraceRecord

# `trace` and `span` have a rowid of their own: rows that came together lie together, whatever their ids, and a page of
# the newest traces is read from few places of the file. Everything else is found by its key alone.
SCHEMA = """
CREATE TABLE event (project INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (project, id)) WITHOUT ROWID;
CREATE TABLE trace (
    project INTEGER NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, place INTEGER, name TEXT NOT NULL,
    own_end INTEGER, tags TEXT, metadata TEXT NOT NULL, extra TEXT, stamp INTEGER, stamps TEXT, lead TEXT,
    earliest INTEGER, latest INTEGER,
    spans INTEGER NOT NULL, open INTEGER NOT NULL, failed INTEGER NOT NULL, tokens INTEGER NOT NULL, cost TEXT NOT NULL,
    scores INTEGER NOT NULL
);
CREATE UNIQUE INDEX trace_by_id ON trace (project, id);
CREATE INDEX trace_by_place ON trace (project, place, id);
CREATE INDEX trace_failed_by_place ON trace (project, place, id) WHERE failed > 0;
CREATE TABLE tag (
    project INTEGER NOT NULL, tag TEXT NOT NULL, place INTEGER NOT NULL, trace TEXT NOT NULL,
    PRIMARY KEY (project, tag, place, trace)
) WITHOUT ROWID;
CREATE TABLE span (
    project INTEGER NOT NULL, trace TEXT NOT NULL, id TEXT NOT NULL, event TEXT, parent TEXT, name TEXT NOT NULL,
    type TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER, failed INTEGER NOT NULL, tokens INTEGER NOT NULL,
    cost TEXT, content TEXT NOT NULL
);
CREATE UNIQUE INDEX span_by_id ON span (project, trace, id);
"""
TABLES = ("event", "trace", "tag", "span")


class SqliteTraces:
    """The traces of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project
        self._stored: dict[str, tuple[int | None, str | None, int]] = {}
        """Of every trace that was found: place, tags, failed, as they stand in the file."""

    def find(self, trace: str) -> TraceRecord | None:
        """The trace with this id, listed or not."""
        row = self._connection.execute(_FIND, (self._project, trace)).fetchone()
        if row is None:
            return None
        record = TraceRecord(*cast(tuple[Any, ...], row))
        self._stored[trace] = _indexed_values(record)
        return record

    def spans(self, trace: str) -> Sequence[SpanRecord]:
        """All spans of a trace, by start and id."""
        return [_span(cast(tuple[Any, ...], row)) for row in self._connection.execute(_SPANS, (self._project, trace))]

    def has_span(self, trace: str, name: str) -> bool:
        """Whether a span of the trace has this id, or came in an event with this id."""
        return self._connection.execute(_HAS_SPAN, (self._project, trace, name, name)).fetchone() is not None

    def page(self, query: TraceQuery) -> Sequence[ListedTrace]:
        """The first listed traces that the query asks for, in the order of (place, id)."""
        statement = _page_statement(
            query.name is not None, query.failed, len(query.tags), query.created_until is not None
        )
        tags = query.tags if len(query.tags) < 2 else sorted(query.tags, key=self._frequency)
        bindings: list[Any] = [self._project, *query.after, query.before, *tags]
        bindings += [value for value in (query.name, query.created_until) if value is not None]
        rows = self._connection.execute(statement, (*bindings, query.limit))
        return cast(list[ListedTrace], rows.fetchall())

    def claim(self, event: str) -> bool:
        """Whether the event id is new in the project; from now on it is not."""
        self._connection.execute(_CLAIM, (self._project, event))
        return self._connection.changes() == 1

    def add_span(self, span: SpanRecord) -> bool:
        """Whether the span is new in its trace, and then it is kept; otherwise the one that is there stays."""
        trace, id_, event, parent, name, type_, start, end, failed, tokens, cost, content = span
        money = None if cost is None else str(cost)
        row = (self._project, trace, id_, event, parent, name, type_, start, end, failed, tokens, money, content)
        self._connection.execute(_ADD_SPAN, row)
        return self._connection.changes() == 1

    def save(self, trace: TraceRecord) -> None:
        """Keeps the trace as it is now; one that `find` gave in this transaction, or a new one."""
        stored = self._stored.get(trace.id)
        if stored is None:
            self._connection.execute(_ADD, (self._project, *_all_values(trace)))
            self._add_tags(trace)
        else:
            self._connection.execute(_UPDATE_LOOSE, (*_loose_values(trace), self._project, trace.id))
            if stored != _indexed_values(trace):
                self._connection.execute(_UPDATE_INDEXED, (*_indexed_values(trace), self._project, trace.id))
                self._replace_tags(trace, stored)
        self._stored[trace.id] = _indexed_values(trace)

    def count_score(self, trace: str) -> None:
        """Raises the number of scores of a trace by one."""
        self._connection.execute(_COUNT_SCORE, (self._project, trace))

    def _frequency(self, tag: str) -> int:
        """How many traces have the tag, counted up to a bound: enough to tell the rare one of several, which leads."""
        ((count,),) = self._connection.execute(_FREQUENCY, (self._project, tag, _MOST_COUNTED)).fetchall()
        return cast(int, count)

    def _replace_tags(self, trace: TraceRecord, stored: tuple[int | None, str | None, int]) -> None:
        place, tags, _ = stored
        if (place, tags) == (trace.place, trace.tags):
            return
        if place is not None and tags is not None:
            for tag in orjson.loads(tags):
                self._connection.execute(_DROP_TAG, (self._project, tag, place, trace.id))
        self._add_tags(trace)

    def _add_tags(self, trace: TraceRecord) -> None:
        if trace.place is None or trace.tags is None:
            return
        for tag in orjson.loads(trace.tags):
            self._connection.execute(_ADD_TAG, (self._project, tag, trace.place, trace.id))


_COLUMNS = tuple(field.name for field in fields(TraceRecord))
_INDEXED = ("place", "tags", "failed")
_FIXED = ("id", "created", "scores")
_LOOSE = tuple(name for name in _COLUMNS if name not in (*_INDEXED, *_FIXED))
"""What changes without an index; an UPDATE that names an indexed column pays for the index even when it stays."""

_all_values = attrgetter(*_COLUMNS)
_indexed_values = attrgetter(*_INDEXED)
_loose_values = attrgetter(*_LOOSE)

_FIND = f"SELECT {', '.join(_COLUMNS)} FROM trace WHERE project = ? AND id = ?"
_ADD = f"INSERT INTO trace (project, {', '.join(_COLUMNS)}) VALUES (?{', ?' * len(_COLUMNS)})"
_UPDATE_LOOSE = f"UPDATE trace SET {', '.join(f'{name} = ?' for name in _LOOSE)} WHERE project = ? AND id = ?"
_UPDATE_INDEXED = f"UPDATE trace SET {', '.join(f'{name} = ?' for name in _INDEXED)} WHERE project = ? AND id = ?"
_COUNT_SCORE = "UPDATE trace SET scores = scores + 1 WHERE project = ? AND id = ?"
_ADD_TAG = "INSERT INTO tag (project, tag, place, trace) VALUES (?, ?, ?, ?)"
_DROP_TAG = "DELETE FROM tag WHERE project = ? AND tag = ? AND place = ? AND trace = ?"
_FREQUENCY = "SELECT count(*) FROM (SELECT 1 FROM tag WHERE project = ? AND tag = ? LIMIT ?)"
_MOST_COUNTED = 1000
_CLAIM = "INSERT OR IGNORE INTO event (project, id) VALUES (?, ?)"

_SPAN_COLUMNS = ", ".join(f'"{name}"' for name in SpanRecord._fields)
_ADD_SPAN = f"INSERT OR IGNORE INTO span (project, {_SPAN_COLUMNS}) VALUES (?{', ?' * len(SpanRecord._fields)})"
_SPANS = f"SELECT {_SPAN_COLUMNS} FROM span WHERE project = ? AND trace = ? ORDER BY start, id"
_HAS_SPAN = "SELECT 1 FROM span WHERE project = ? AND trace = ? AND (id = ? OR event = ?) LIMIT 1"


@cache
def _page_statement(named: bool, failed: bool | None, tags: int, until: bool) -> str:
    """The SELECT of one combination of filters; every one walks an index that has the order of the list."""
    columns = ", ".join(f"trace.{name}" for name in ListedTrace._fields)
    if tags:
        # The first tag leads the walk (CROSS JOIN keeps the order of the tables), the others are looked up.
        source = "tag CROSS JOIN trace ON trace.project = tag.project AND trace.id = tag.trace"
        walk, walked_id = "tag", "trace"
    else:
        source, walk, walked_id = "trace", "trace", "id"
    conditions = [f"{walk}.project = ?", f"({walk}.place, {walk}.{walked_id}) > (?, ?)", f"{walk}.place < ?"]
    if tags:
        conditions.append("tag.tag = ?")
        other = "EXISTS (SELECT 1 FROM tag AS other WHERE (other.project, other.tag, other.place, other.trace)"
        conditions += [f"{other} = (tag.project, ?, tag.place, tag.trace))"] * (tags - 1)
    if failed is not None:
        conditions.append("trace.failed > 0" if failed else "trace.failed = 0")
    if named:
        conditions.append("instr(trace.name, ?) > 0")
    if until:
        conditions.append("trace.created <= ?")
    order = f"ORDER BY {walk}.place, {walk}.{walked_id} LIMIT ?"
    return f"SELECT {columns} FROM {source} WHERE {' AND '.join(conditions)} {order}"


def _span(row: tuple[Any, ...]) -> SpanRecord:
    span = SpanRecord(*row)
    return span._replace(failed=bool(span.failed), cost=None if span.cost is None else Decimal(span.cost))
