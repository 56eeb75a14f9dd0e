"""Scores in SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

import apsw

from twosignal_mock.apis.rest.store._traces import ScoreRecord


class SqliteScores:
    """The scores of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def of_trace(self, trace: str) -> Sequence[ScoreRecord]:
        """The scores of a trace and its spans, oldest first."""
        rows = self._connection.execute(_OF_TRACE, (self._project, trace))
        return [ScoreRecord(*cast(tuple[Any, ...], row)) for row in rows]

    def all(self) -> Iterable[ScoreRecord]:
        """All scores, oldest first."""
        return (ScoreRecord(*cast(tuple[Any, ...], row)) for row in self._connection.execute(_ALL, (self._project,)))

    def add(self, score: ScoreRecord) -> None:
        """Keeps a score."""
        self._connection.execute(_ADD, (self._project, *score))


_COLUMNS = ", ".join(ScoreRecord._fields)
_ADD = f"INSERT INTO score (project, {_COLUMNS}) VALUES (?{', ?' * len(ScoreRecord._fields)})"
_OF_TRACE = f"SELECT {_COLUMNS} FROM score WHERE project = ? AND trace = ? ORDER BY rowid"
_ALL = f"SELECT {_COLUMNS} FROM score WHERE project = ? ORDER BY rowid"
