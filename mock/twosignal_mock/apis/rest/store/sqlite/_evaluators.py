"""Evaluators and the counts of a month in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import apsw

from twosignal_mock.apis.rest.store._evaluators import EvaluationRecord, EvaluatorRecord, UsageRecord


class SqliteEvaluators:
    """The evaluators of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def all(self) -> Sequence[EvaluatorRecord]:
        """Oldest first: rows are numbered as they came."""
        return [_evaluator(row) for row in self._connection.execute(_ALL, (self._project,))]

    def enabled(self, but: str, limit: int) -> Sequence[str]:
        """The ids of the first enabled ones whose type is another than `but`, oldest first."""
        return [str(id_) for (id_,) in self._connection.execute(_ENABLED, (self._project, but, limit))]

    def find(self, evaluator_id: str) -> EvaluatorRecord | None:
        """The evaluator of this id."""
        rows = self._connection.execute(_FIND, (self._project, evaluator_id))
        return next((_evaluator(row) for row in rows), None)

    def put(self, evaluator: EvaluatorRecord) -> None:
        """Keeps an evaluator, in the place of the one with its id if there is one."""
        self._connection.execute(_PUT, (self._project, *evaluator))

    def delete(self, evaluator_id: str) -> bool:
        """Forgets an evaluator. False when there was none."""
        statement = "DELETE FROM evaluator WHERE project = ? AND id = ? RETURNING 1"
        return any(True for _ in self._connection.execute(statement, (self._project, evaluator_id)))


class SqliteEvaluations:
    """The traces of one project that evaluators have yet to judge."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def any(self) -> bool:
        """True when there is one."""
        statement = "SELECT 1 FROM evaluation WHERE project = ? LIMIT 1"
        return any(True for _ in self._connection.execute(statement, (self._project,)))

    def find(self, trace: str) -> EvaluationRecord | None:
        """That of a trace."""
        rows = self._connection.execute(f"{_EVALUATIONS} AND trace = ?", (self._project, trace))
        return next((_evaluation(row) for row in rows), None)

    def put(self, evaluation: EvaluationRecord) -> None:
        """Keeps one, in the place of that of its trace if there is one."""
        self._connection.execute(
            "INSERT OR REPLACE INTO evaluation VALUES (?, ?, ?, ?, ?)", (self._project, *evaluation)
        )

    def move(self, trace: str, ready: int | None) -> None:
        """Says anew when a trace was found complete, if none of its evaluators has begun."""
        statement = "UPDATE evaluation SET ready = ? WHERE project = ? AND trace = ? AND NOT elsewhere"
        self._connection.execute(statement, (ready, self._project, trace))

    def due(self, until: int, limit: int, *, elsewhere: bool) -> Sequence[EvaluationRecord]:
        """Of those that were ready by an instant, the first so many, in their order."""
        rows = self._connection.execute(
            f"{_EVALUATIONS} AND elsewhere = ? AND ready <= ? ORDER BY ready, trace LIMIT ?",
            (self._project, elsewhere, until, limit),
        )
        return [_evaluation(row) for row in rows]

    def first_ready(self, *, elsewhere: bool) -> int | None:
        """When the first of them was ready, milliseconds since 1970; None when none is."""
        statement = "SELECT min(ready) FROM evaluation WHERE project = ? AND elsewhere = ? AND ready IS NOT NULL"
        row = self._connection.execute(statement, (self._project, elsewhere)).fetchone()
        return None if row is None else cast("int | None", row[0])

    def delete(self, trace: str) -> None:
        """Forgets that of a trace."""
        self._connection.execute("DELETE FROM evaluation WHERE project = ? AND trace = ?", (self._project, trace))

    def all(self) -> Sequence[EvaluationRecord]:
        """By trace."""
        rows = self._connection.execute(f"{_EVALUATIONS} ORDER BY trace", (self._project,))
        return [_evaluation(row) for row in rows]


class SqliteUsage:
    """What one project used, by month."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def all(self) -> Sequence[UsageRecord]:
        """The months in which something was counted, oldest first."""
        rows = self._connection.execute(_MONTHS, (self._project,))
        return [UsageRecord(*cast(tuple[Any, ...], row)) for row in rows]

    def add(self, counts: UsageRecord) -> None:
        """Adds counts to those of their month."""
        self._connection.execute(_COUNT, (self._project, *counts))


_COLUMNS = ", ".join(EvaluatorRecord._fields)
_ALL = f"SELECT {_COLUMNS} FROM evaluator WHERE project = ? ORDER BY rowid"
_FIND = f"SELECT {_COLUMNS} FROM evaluator WHERE project = ? AND id = ?"
_ENABLED = "SELECT id FROM evaluator WHERE project = ? AND enabled AND type <> ? ORDER BY rowid LIMIT ?"
_EVALUATIONS = f"SELECT {', '.join(EvaluationRecord._fields)} FROM evaluation WHERE project = ?"
_CHANGED = ", ".join(f"{name} = excluded.{name}" for name in EvaluatorRecord._fields if name != "id")
_PUT = (
    f"INSERT INTO evaluator (project, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
    f"ON CONFLICT (project, id) DO UPDATE SET {_CHANGED}"
)
_MONTHS = "SELECT month, traces, spans, evaluations FROM usage WHERE project = ? ORDER BY month"
_COUNT = (
    "INSERT INTO usage (project, month, traces, spans, evaluations) VALUES (?, ?, ?, ?, ?) "
    "ON CONFLICT (project, month) DO UPDATE SET traces = traces + excluded.traces, spans = spans + excluded.spans, "
    "evaluations = evaluations + excluded.evaluations"
)


def _evaluator(row: Any) -> EvaluatorRecord:
    record = EvaluatorRecord(*row)
    return record._replace(enabled=bool(record.enabled))


def _evaluation(row: Any) -> EvaluationRecord:
    record = EvaluationRecord(*row)
    return record._replace(elsewhere=bool(record.elsewhere))
