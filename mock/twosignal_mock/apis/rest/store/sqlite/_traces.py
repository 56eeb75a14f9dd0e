"""Traces and scores in SQLite.

A list is a range of an index that ends with (sort_key, id), the order of the list: traces of a status, or of a
name; tags have a table in the same order. _pages.py walks through them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, cast

import apsw
import orjson

from twosignal_mock.apis.rest.store._traces import ListedTrace, ScoreRecord, TraceQuery, TraceRecord
from twosignal_mock.apis.rest.store.sqlite._kinds import add_kind
from twosignal_mock.apis.rest.store.sqlite._pages import Pages
from twosignal_mock.engine.store import Connection

_Indexed = tuple[int | None, str | None, str, int]
"""Place, tags, name, failed."""


class SqliteTraces:
    """The traces of one project."""

    def __init__(self, connection: Connection, project: int) -> None:
        self._connection = connection
        self._project = project
        self._stored: dict[str, _Indexed] = {}
        """What indexes hold of each trace that was found, as it stands in the file."""
        self._paged = False
        """Whether a page was read: a transaction that reads pages changes nothing."""

    def find(self, trace: str) -> TraceRecord | None:
        """The trace with this id, listed or not."""
        row = self._connection.execute(_FIND, (self._project, trace)).fetchone()
        if row is None:
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
        return found

    def all(self) -> Iterable[TraceRecord]:
        """All traces, by id."""
        return (TraceRecord(*cast(tuple[Any, ...], row)) for row in self._connection.execute(_ALL, (self._project,)))

    def unlisted(self, limit: int) -> Sequence[TraceRecord]:
        """Traces that no list shows yet, the one that came last first."""
        rows = self._connection.execute(_UNLISTED, (self._project, limit))
        return [TraceRecord(*cast(tuple[Any, ...], row)) for row in rows]

    def moves(self) -> int:
        """How often a listed trace has moved to another place in the order so far."""
        if self._paged:
            return self._connection.remember(("moves", self._project), self._count_moves)
        return self._count_moves()

    def _count_moves(self) -> int:
        row = self._connection.execute(_LAST_MOVE, (self._project,)).fetchone()
        return 0 if row is None else cast(int, row[0])

    def sort_key(self, trace: str, moves: int) -> int | None:
        """The sort key that a trace had after so many moves; None when it is not listed."""
        row = self._connection.execute(_SORT_KEY, (self._project, trace, moves, self._project, trace)).fetchone()
        return None if row is None else cast("int | None", row[0])

    def page(self, query: TraceQuery) -> Sequence[ListedTrace]:
        """The first listed traces that the query asks for, in the order of (sort_key, id)."""
        self._paged = True
        return Pages(self._connection, self._project).page(query)

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
        sort_key, tags, _, _ = stored
        if sort_key is not None and sort_key != trace.sort_key:
            self._connection.execute(_ADD_MOVE, (self._project, trace.id, self._count_moves() + 1, sort_key))
        if sort_key is not None and tags is not None:
            for tag in orjson.loads(tags):
                self._connection.execute(_DROP_TAG, (self._project, tag, sort_key, trace.id))
        self._add_kinds_and_tags([trace])

    def _add_kinds_and_tags(self, traces: Sequence[TraceRecord]) -> None:
        for name, tags, failing in dict.fromkeys((trace.name, trace.tags, trace.failed > 0) for trace in traces):
            add_kind(self._connection, self._project, name, tags, failing=failing)
        rows = [
            (self._project, tag, trace.sort_key, trace.id, trace.name, trace.failed > 0)
            for trace in traces
            if trace.sort_key is not None and trace.tags is not None
            for tag in orjson.loads(trace.tags)
        ]
        self._connection.executemany(_ADD_TAG, rows)


class SqliteScores:
    """The scores of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def of_trace(self, trace: str) -> Sequence[ScoreRecord]:
        """The scores of a trace and its spans, oldest first."""
        rows = self._connection.execute(_SCORES, (self._project, trace))
        return [ScoreRecord(*cast(tuple[Any, ...], row)) for row in rows]

    def all(self) -> Iterable[ScoreRecord]:
        """All scores, oldest first."""
        return (
            ScoreRecord(*cast(tuple[Any, ...], row)) for row in self._connection.execute(_ALL_SCORES, (self._project,))
        )

    def add(self, score: ScoreRecord) -> None:
        """Keeps a score."""
        self._connection.execute(_ADD_SCORE, (self._project, *score))


_COLUMNS = tuple(field.name for field in fields(TraceRecord))
_INDEXED = ("sort_key", "tags", "name", "failed")
_FIXED = ("id", "created", "scores")
_LOOSE = tuple(name for name in _COLUMNS if name not in (*_INDEXED, *_FIXED))
"""What changes without an index; an UPDATE that names an indexed column pays for the index even when it stays."""

_all_values = attrgetter(*_COLUMNS)
_indexed_values = attrgetter(*_INDEXED)
_loose_values = attrgetter(*_LOOSE)

_FIND = f"SELECT {', '.join(_COLUMNS)} FROM trace WHERE project = ? AND id = ?"
_ALL = f"SELECT {', '.join(_COLUMNS)} FROM trace WHERE project = ? ORDER BY id"
_UNLISTED = (
    f"SELECT {', '.join(_COLUMNS)} FROM trace INDEXED BY trace_by_sort_key "
    "WHERE project = ? AND sort_key IS NULL ORDER BY rowid DESC LIMIT ?"
)
_FIND_ALL = f"SELECT {', '.join(_COLUMNS)} FROM trace WHERE project = ? AND id IN (SELECT value FROM carray(?))"
_ADD = f"INSERT INTO trace (project, {', '.join(_COLUMNS)}) VALUES (?{', ?' * len(_COLUMNS)})"
_UPDATE_LOOSE = f"UPDATE trace SET {', '.join(f'{name} = ?' for name in _LOOSE)} WHERE project = ? AND id = ?"
_UPDATE_INDEXED = f"UPDATE trace SET {', '.join(f'{name} = ?' for name in _INDEXED)} WHERE project = ? AND id = ?"
_COUNT_SCORE = "UPDATE trace SET scores = scores + 1 WHERE project = ? AND id = ?"
_ADD_TAG = "INSERT INTO tag VALUES (?,?,?,?,?,?)"
"""All columns in the table's order: apsw hashes a statement anew for each of its rows, so it is short."""
_DROP_TAG = "DELETE FROM tag WHERE project = ? AND tag = ? AND sort_key = ? AND id = ?"
_LAST_MOVE = "SELECT number FROM move WHERE project = ? ORDER BY number DESC LIMIT 1"
_ADD_MOVE = "INSERT INTO move (project, trace, number, sort_key) VALUES (?, ?, ?, ?)"
_SORT_KEY = (
    "SELECT coalesce((SELECT sort_key FROM move WHERE project = ? AND trace = ? AND number > ? ORDER BY number), "
    "(SELECT sort_key FROM trace WHERE project = ? AND id = ?))"
)
_MANY = 8
"""Rows from which on one statement for all costs less than one for each."""

_SCORE_COLUMNS = ", ".join(ScoreRecord._fields)
_ADD_SCORE = f"INSERT INTO score (project, {_SCORE_COLUMNS}) VALUES (?{', ?' * len(ScoreRecord._fields)})"
_SCORES = f"SELECT {_SCORE_COLUMNS} FROM score WHERE project = ? AND trace = ? ORDER BY rowid"
_ALL_SCORES = f"SELECT {_SCORE_COLUMNS} FROM score WHERE project = ? ORDER BY rowid"
