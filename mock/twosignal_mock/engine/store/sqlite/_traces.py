"""Traces, spans and event ids in SQLite.

A list is a range of an index that ends with (place, id), the order of the list: traces of a status, or of a
name; tags have a table in the same order. _pages.py walks through them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter, itemgetter
from typing import Any, cast

import apsw
import orjson

from twosignal_mock.engine.store._records import ListedTrace, SpanRecord, TraceQuery, TraceRecord
from twosignal_mock.engine.store.sqlite import _kinds, _names
from twosignal_mock.engine.store.sqlite._pages import Pages

# `trace` and `span` have a rowid of their own: rows that came together lie together, whatever their ids, and a page of
# the newest traces is read from few places of the file. Everything else is found by its key alone.
SCHEMA = (
    """
CREATE TABLE event (project INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (project, id)) WITHOUT ROWID;
CREATE TABLE trace (
    project INTEGER NOT NULL, id TEXT NOT NULL, created INTEGER NOT NULL, place INTEGER, name TEXT NOT NULL,
    item TEXT NOT NULL, own_end INTEGER, tags TEXT, metadata TEXT NOT NULL, extra TEXT,
    stamp INTEGER, stamps TEXT, lead TEXT,
    earliest INTEGER, latest INTEGER,
    spans INTEGER NOT NULL, open INTEGER NOT NULL, failed INTEGER NOT NULL, tokens INTEGER NOT NULL, cost TEXT NOT NULL,
    scores INTEGER NOT NULL, failing INTEGER NOT NULL AS (failed > 0) VIRTUAL
);
CREATE UNIQUE INDEX trace_by_id ON trace (project, id);
CREATE INDEX trace_by_place ON trace (project, place, id, name, failing);
CREATE INDEX trace_failing ON trace (project, place, id, name) WHERE failed > 0;
CREATE INDEX trace_by_name ON trace (project, name, place, id, failing);
CREATE TABLE tag (
    project INTEGER NOT NULL, tag TEXT NOT NULL, place INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL,
    failing INTEGER NOT NULL,
    PRIMARY KEY (project, tag, place, id)
) WITHOUT ROWID;
CREATE TABLE span (
    project INTEGER NOT NULL, trace TEXT NOT NULL, id TEXT NOT NULL, event TEXT, parent TEXT, name TEXT NOT NULL,
    type TEXT NOT NULL, start INTEGER NOT NULL, "end" INTEGER, failed INTEGER NOT NULL, tokens INTEGER NOT NULL,
    cost TEXT, detail TEXT NOT NULL
);
CREATE UNIQUE INDEX span_by_id ON span (project, trace, id);
"""
    + _kinds.SCHEMA
    + _names.SCHEMA
)
TABLES = ("event", "trace", "tag", "span")
DERIVED = _kinds.DERIVED

_Indexed = tuple[int | None, str | None, str, int]
"""Place, tags, name, failed."""


class SqliteTraces:
    """The traces of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project
        self._stored: dict[str, _Indexed] = {}
        """Of every trace that was found: what indexes hold of it, as it stands in the file."""
        self._spanless: dict[str, bool] = {}
        """Of every trace that was looked for and not found, or got spans: whether it has none, as far as is known."""

    def find(self, trace: str) -> TraceRecord | None:
        """The trace with this id, listed or not."""
        row = self._connection.execute(_FIND, (self._project, trace)).fetchone()
        if row is None:
            self._spanless.setdefault(trace, True)
            return None
        record = TraceRecord(*cast(tuple[Any, ...], row))
        self._stored[trace] = _indexed_values(record)
        return record

    def find_all(self, traces: Collection[str]) -> Mapping[str, TraceRecord]:
        """Those of the traces that are there, by id."""
        if len(traces) < _MANY:
            return {trace: record for trace in traces if (record := self.find(trace)) is not None}
        rows = self._connection.execute(_FIND_ALL, (self._project, apsw.carray(tuple(traces))))
        records = [TraceRecord(*cast(tuple[Any, ...], row)) for row in rows]
        found = {record.id: record for record in records}
        self._stored.update({record.id: _indexed_values(record) for record in records})
        for trace in traces:
            if trace not in found:
                self._spanless.setdefault(trace, True)
        return found

    def spans(self, trace: str) -> Sequence[SpanRecord]:
        """All spans of a trace, by start and id."""
        return [_span(cast(tuple[Any, ...], row)) for row in self._connection.execute(_SPANS, (self._project, trace))]

    def has_span(self, trace: str, name: str) -> bool:
        """Whether a span of the trace has this id, or came in an event with this id."""
        return self._connection.execute(_HAS_SPAN, (self._project, trace, name, name)).fetchone() is not None

    def page(self, query: TraceQuery) -> Sequence[ListedTrace]:
        """The first listed traces that the query asks for, in the order of (place, id)."""
        return Pages(self._connection, self._project).page(query)

    def claim(self, events: Sequence[str]) -> Collection[int]:
        """At which indexes of `events` stand ids that the project has already; from now on it has all of them."""
        if len(events) < _MANY:
            return self._claim_each(events, 0)
        try:
            self._connection.execute(_CLAIM_ALL, (self._project, apsw.carray(tuple(events))))
        except apsw.ConstraintError:
            # Those before the first known one were claimed, and are not undone: changes() says how many.
            return self._claim_each(events, self._connection.changes())
        return ()

    def _claim_each(self, events: Sequence[str], start: int) -> Collection[int]:
        later = range(start, len(events))
        return {index for index in later if not self._changes(_CLAIM, (self._project, events[index]))}

    def add_spans(self, spans: Sequence[SpanRecord]) -> Collection[int]:
        """Keeps spans; at which indexes stand those that their traces have already: they leave all as it is."""
        traces = {span.trace for span in spans}
        # All are new when no trace has a span yet, and no two of them are one.
        spanless = all(map(self._spanless.get, traces))
        rows = map((self._project,).__add__, spans)
        known: Collection[int] = ()
        if spanless and len(spans) >= _MANY and len(set(map(_KEY, spans))) == len(spans):
            self._connection.executemany(_ADD_SPAN, rows)
        else:
            known = {index for index, row in enumerate(rows) if not self._changes(_ADD_SPAN, row)}
        self._spanless.update(dict.fromkeys(traces, False))
        return known

    def _changes(self, statement: str, row: tuple[Any, ...]) -> bool:
        self._connection.execute(statement, row)
        return self._connection.changes() == 1

    def save(self, *traces: TraceRecord) -> None:
        """Keeps traces, each once, as they are now: those that `find` gave in this transaction, and new ones."""
        new = [trace for trace in traces if trace.id not in self._stored]
        for trace in traces:
            if (stored := self._stored.get(trace.id)) is not None:
                self._change(trace, stored)
        if new:
            self._connection.executemany(_ADD, [(self._project, *_all_values(trace)) for trace in new])
            self._add_kinds_and_tags(new)
        self._stored.update({trace.id: _indexed_values(trace) for trace in traces})

    def count_score(self, trace: str) -> None:
        """Raises the number of scores of a trace by one."""
        self._connection.execute(_COUNT_SCORE, (self._project, trace))

    def _change(self, trace: TraceRecord, stored: _Indexed) -> None:
        self._connection.execute(_UPDATE_LOOSE, (*_loose_values(trace), self._project, trace.id))
        if stored == _indexed_values(trace):
            return
        self._connection.execute(_UPDATE_INDEXED, (*_indexed_values(trace), self._project, trace.id))
        place, tags, _, _ = stored
        if place is not None and tags is not None:
            for tag in orjson.loads(tags):
                self._connection.execute(_DROP_TAG, (self._project, tag, place, trace.id))
        self._add_kinds_and_tags([trace])

    def _add_kinds_and_tags(self, traces: Sequence[TraceRecord]) -> None:
        for name, tags, failing in dict.fromkeys((trace.name, trace.tags, trace.failed > 0) for trace in traces):
            _kinds.add(self._connection, self._project, name, tags, failing=failing)
        rows = [
            (self._project, tag, trace.place, trace.id, trace.name, trace.failed > 0)
            for trace in traces
            if trace.place is not None and trace.tags is not None
            for tag in orjson.loads(trace.tags)
        ]
        self._connection.executemany(_ADD_TAG, rows)


_COLUMNS = tuple(field.name for field in fields(TraceRecord))
_INDEXED = ("place", "tags", "name", "failed")
_FIXED = ("id", "created", "scores")
_LOOSE = tuple(name for name in _COLUMNS if name not in (*_INDEXED, *_FIXED))
"""What changes without an index; an UPDATE that names an indexed column pays for the index even when it stays."""

_all_values = attrgetter(*_COLUMNS)
_indexed_values = attrgetter(*_INDEXED)
_loose_values = attrgetter(*_LOOSE)

_FIND = f"SELECT {', '.join(_COLUMNS)} FROM trace WHERE project = ? AND id = ?"
_FIND_ALL = f"SELECT {', '.join(_COLUMNS)} FROM trace WHERE project = ? AND id IN (SELECT value FROM carray(?))"
_ADD = f"INSERT INTO trace (project, {', '.join(_COLUMNS)}) VALUES (?{', ?' * len(_COLUMNS)})"
_UPDATE_LOOSE = f"UPDATE trace SET {', '.join(f'{name} = ?' for name in _LOOSE)} WHERE project = ? AND id = ?"
_UPDATE_INDEXED = f"UPDATE trace SET {', '.join(f'{name} = ?' for name in _INDEXED)} WHERE project = ? AND id = ?"
_COUNT_SCORE = "UPDATE trace SET scores = scores + 1 WHERE project = ? AND id = ?"
_ADD_TAG = "INSERT INTO tag VALUES (?,?,?,?,?,?)"
"""All columns in the table's order, as _ADD_SPAN: apsw hashes a statement anew for each of its rows, so it is short."""
_DROP_TAG = "DELETE FROM tag WHERE project = ? AND tag = ? AND place = ? AND id = ?"
_MANY = 8
"""Rows from which on one statement for all costs less than one for each."""
_CLAIM = "INSERT OR IGNORE INTO event (project, id) VALUES (?, ?)"
_CLAIM_ALL = "INSERT OR FAIL INTO event (project, id) SELECT ?, value FROM carray(?)"

_KEY = itemgetter(SpanRecord._fields.index("trace"), SpanRecord._fields.index("id"))
_SPAN_COLUMNS = ", ".join(f'"{name}"' for name in SpanRecord._fields)
_ADD_SPAN = f"INSERT OR IGNORE INTO span VALUES (?{',?' * len(SpanRecord._fields)})"
_SPANS = f"SELECT {_SPAN_COLUMNS} FROM span WHERE project = ? AND trace = ? ORDER BY start, id"
_HAS_SPAN = "SELECT 1 FROM span WHERE project = ? AND trace = ? AND (id = ? OR event = ?) LIMIT 1"


def _span(row: tuple[Any, ...]) -> SpanRecord:
    span = SpanRecord(*row)
    return span._replace(failed=bool(span.failed))
