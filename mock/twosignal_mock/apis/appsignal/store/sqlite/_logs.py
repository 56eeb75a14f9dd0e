"""Log lines in SQLite.

Lines that came together make chunks, and two FTS5 indexes know of each chunk which fields have which values in it and
which trigrams its messages have. They are as small as they are because they know no single lines; the condition of the
query has the last word. A search for what is rare looks at a few chunks, and one for what is everywhere walks along the
lines in their order until its page is full.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import merge
from itertools import count, islice
from typing import Any, NamedTuple, cast

import apsw
import orjson

from twosignal_mock.apis.appsignal.store._logs import LogLine, LogSearch, SearchTooLongError
from twosignal_mock.apis.appsignal.store.sqlite._log_conditions import Condition, chunks_of, condition_of

_CHUNKS_AT_ONCE = 16
"""Chunks that are looked into with one statement; 2,000 lines in one or two milliseconds."""
_MOST_CHUNKS = 20_000
"""Chunks that are put in order; with more of them their lines are not rare, or they came one by one."""
_STEPS_AT_ONCE = 1_000_000
_MOST_STEPS = 100_000_000
"""Of SQLite's machine, in one search: one or two seconds. A look at a field of a million lines takes a fifth of them.
Steps are counted and not seconds, so that a search has the same result each time."""


class SqliteLogs:
    """The log lines of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def add(self, lines: Sequence[LogLine]) -> None:
        """Keeps lines."""
        self._connection.executemany(_ADD, ((self._project, *line) for line in lines))
        chunks = [(self._project, chunk) for chunk in dict.fromkeys(line.chunk for line in lines)]
        # An import may bring the lines of a chunk in two parts.
        self._connection.executemany(_DROP_CHUNK, chunks)
        self._connection.executemany(_ADD_CHUNK, chunks)

    def next_chunk(self) -> int:
        """The number of a chunk that the project does not have yet, nor any higher one."""
        ((next_,),) = self._connection.execute(_NEXT_CHUNK, (self._project,)).fetchall()
        return cast(int, next_)

    def all(self) -> Iterable[LogLine]:
        """By chunk and place."""
        return (LogLine(*row) for row in self._connection.execute(_ALL, (self._project,)))

    def search(self, search: LogSearch) -> Sequence[LogLine]:
        """The first lines that match, by time; those of one instant by chunk and place. They lack `fields`.

        Raises SearchTooLongError.
        """
        steps = count(_STEPS_AT_ONCE, _STEPS_AT_ONCE)
        self._connection.set_progress_handler(lambda: next(steps) > _MOST_STEPS, _STEPS_AT_ONCE)
        try:
            return self._search(search)
        except apsw.InterruptError as error:
            raise SearchTooLongError(f"takes more than {_MOST_STEPS:,} steps") from error
        finally:
            self._connection.set_progress_handler(None)

    def _search(self, search: LogSearch) -> Sequence[LogLine]:
        condition, chunks = condition_of(search.query), chunks_of(search.query)
        order = _ORDERS[search.newest_first]
        found = []
        for source in dict.fromkeys(search.sources):
            where = _Where(self._project, source, search.earliest, search.latest)
            candidates = None if chunks is None else self._candidates(where, chunks)
            if candidates is None:
                found.append(self._walk(where, condition, order, search.most))
            else:
                found.append(self._look_into(candidates, where, condition, order, search.most))
        return list(islice(merge(*found, key=_sort_key, reverse=search.newest_first), search.most))

    def _candidates(self, where: _Where, chunks: Condition) -> Sequence[_Chunk] | None:
        """The chunks that may have what is searched for, in any order; None for too many."""
        statement = f"{_CHUNKS} AND {chunks.sql} LIMIT ?"
        rows = cast(Any, self._connection.execute(statement, (*where, *chunks.values, _MOST_CHUNKS + 1)).fetchall())
        return None if len(rows) > _MOST_CHUNKS else list(map(_Chunk._make, rows))

    def _walk(self, where: _Where, condition: Condition, order: _Order, most: int) -> list[LogLine]:
        statement = f"{_LINES} AND {condition.sql} {order.sql} LIMIT ?"
        return [LogLine(*row) for row in self._connection.execute(statement, (*where, *condition.values, most))]

    def _look_into(
        self, chunks: Sequence[_Chunk], where: _Where, condition: Condition, order: _Order, most: int
    ) -> list[LogLine]:
        """Looks into chunks in the order of their first line, as long as another one may have a line of the page."""
        statement = f"{_LINES_OF_CHUNKS} AND {condition.sql} {order.sql} LIMIT ?"
        ordered = sorted(chunks, key=order.of_chunk)
        found: list[LogLine] = []
        for start in range(0, len(ordered), _CHUNKS_AT_ONCE):
            group = ordered[start : start + _CHUNKS_AT_ONCE]
            if len(found) == most and order.of_chunk(group[0]) > order.of_line(found[-1]):
                break
            numbers = orjson.dumps([chunk.number for chunk in group]).decode()
            rows = self._connection.execute(statement, (*where, numbers, *condition.values, most))
            found.extend(LogLine(*row) for row in rows)
            found = sorted(found, key=_sort_key, reverse=order.newest_first)[:most]
        return found


class _Where(NamedTuple):
    """What is bound first in each statement."""

    project: int
    source: int
    earliest: int
    latest: int


class _Chunk(NamedTuple):
    number: int
    earliest: int
    latest: int


class _Order(NamedTuple):
    """One of the two orders; what comes first has the lowest number."""

    newest_first: bool
    sql: str

    def of_chunk(self, chunk: _Chunk) -> int:
        return -chunk.latest if self.newest_first else chunk.earliest

    def of_line(self, line: LogLine) -> int:
        return -line.time if self.newest_first else line.time


def _sort_key(line: LogLine) -> tuple[int, int, int]:
    return line.time, line.chunk, line.place


_ORDERS = {
    newest_first: _Order(newest_first, f"ORDER BY time {way}, chunk {way}, place {way}")
    for newest_first, way in ((False, "ASC"), (True, "DESC"))
}

_COLUMNS = 'source, time, chunk, place, severity, hostname, "group", message, json'
_ROW = f"SELECT {_COLUMNS}, '{{}}' FROM appsignal_log_line"
_ADD = f"INSERT INTO appsignal_log_line (project, {_COLUMNS}, fields) VALUES (?, {', '.join('?' * 9)}, jsonb(?))"
_ALL = f"SELECT {_COLUMNS}, json(fields) FROM appsignal_log_line WHERE project = ? ORDER BY chunk, place"
_RANGE = "project = ? AND source = ? AND time >= ? AND time <= ?"
_LINES = f"{_ROW} INDEXED BY appsignal_log_line_by_time WHERE {_RANGE}"
_LINES_OF_CHUNKS = (
    f"{_ROW} INDEXED BY appsignal_log_line_by_chunk WHERE {_RANGE} AND chunk IN (SELECT value FROM json_each(?))"
)
_OVERLAP = "project = ? AND source = ? AND latest >= ? AND earliest <= ?"
_CHUNKS = f"SELECT chunk, earliest, latest FROM appsignal_log_chunk WHERE {_OVERLAP}"
_NEXT_CHUNK = "SELECT ifnull(max(chunk), 0) + 1 FROM appsignal_log_line WHERE project = ?"
_DROP_CHUNK = "DELETE FROM appsignal_log_chunk WHERE project = ? AND chunk = ?"
_ADD_CHUNK = (
    "INSERT INTO appsignal_log_chunk (project, source, chunk, earliest, latest) "
    "SELECT project, min(source), chunk, min(time), max(time) FROM appsignal_log_line "
    "INDEXED BY appsignal_log_line_by_chunk WHERE project = ? AND chunk = ?"
)
TABLES = ("appsignal_log_line", "appsignal_log_chunk")
"""A chunk comes after its lines, also in a copy: the indexes are made of them when it comes."""
SCRIPT = """
CREATE TABLE appsignal_log_line (
    project INTEGER NOT NULL, source INTEGER NOT NULL, time INTEGER NOT NULL, chunk INTEGER NOT NULL,
    place INTEGER NOT NULL, severity TEXT NOT NULL, hostname TEXT NOT NULL, "group" TEXT, message TEXT NOT NULL,
    json TEXT, fields BLOB NOT NULL
);
CREATE INDEX appsignal_log_line_by_time ON appsignal_log_line (project, source, time, chunk, place);
CREATE UNIQUE INDEX appsignal_log_line_by_chunk ON appsignal_log_line (project, chunk, place);
CREATE TABLE appsignal_log_chunk (
    project INTEGER NOT NULL, source INTEGER NOT NULL, chunk INTEGER NOT NULL, earliest INTEGER NOT NULL,
    latest INTEGER NOT NULL
);
CREATE UNIQUE INDEX appsignal_log_chunk_by_number ON appsignal_log_chunk (project, chunk);
CREATE INDEX appsignal_log_chunk_by_time ON appsignal_log_chunk (project, source, latest, earliest, chunk);
-- A field and its value are one word of hexadecimal digits, cut to 100 characters.
CREATE VIRTUAL TABLE appsignal_log_term USING fts5 (
    terms, content = '', contentless_delete = 1, detail = 'none', tokenize = 'ascii'
);
CREATE VIRTUAL TABLE appsignal_log_gram USING fts5 (
    messages, content = '', contentless_delete = 1, detail = 'none', tokenize = 'trigram case_sensitive 1'
);
CREATE TRIGGER appsignal_log_chunk_added AFTER INSERT ON appsignal_log_chunk BEGIN
    INSERT INTO appsignal_log_term (rowid, terms)
    SELECT new.rowid, group_concat(DISTINCT hex(substr(pair, 1, 100)) || ' ') FROM (
        SELECT key || '=' || value AS pair FROM appsignal_log_line, json_each(appsignal_log_line.fields, '$.text')
        WHERE project = new.project AND chunk = new.chunk
        UNION SELECT 'severity=' || severity FROM appsignal_log_line WHERE project = new.project AND chunk = new.chunk
        UNION SELECT 'hostname=' || hostname FROM appsignal_log_line WHERE project = new.project AND chunk = new.chunk
        UNION SELECT 'group=' || "group" FROM appsignal_log_line WHERE project = new.project AND chunk = new.chunk
    );
    INSERT INTO appsignal_log_gram (rowid, messages)
    SELECT new.rowid, group_concat(coalesce(fields ->> '$.folded.message', lower(message)), char(10))
    FROM appsignal_log_line WHERE project = new.project AND chunk = new.chunk;
END;
CREATE TRIGGER appsignal_log_chunk_dropped AFTER DELETE ON appsignal_log_chunk BEGIN
    DELETE FROM appsignal_log_term WHERE rowid = old.rowid;
    DELETE FROM appsignal_log_gram WHERE rowid = old.rowid;
END;
"""
