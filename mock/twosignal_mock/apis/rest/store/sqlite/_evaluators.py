"""Evaluators and the counts of a month in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import apsw

from twosignal_mock.apis.rest.store._evaluators import EvaluatorRecord, UsageRecord


class SqliteEvaluators:
    """The evaluators of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def all(self) -> Sequence[EvaluatorRecord]:
        """Oldest first: rows are numbered as they came."""
        return [_evaluator(row) for row in self._connection.execute(_ALL, (self._project,))]

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
