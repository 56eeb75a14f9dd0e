"""The rows of a project in the tables of all APIs: copied and dropped without knowing what they mean.

A copy is made piece by piece: between two pieces others may write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import apsw

from twosignal_mock.engine.store._interface import CopyPosition
from twosignal_mock.engine.store._tables import Tables


class RowTables(NamedTuple):
    """The tables of all APIs of a store. Each of them has a column `project`."""

    tables: Sequence[str]
    derived: Mapping[str, str]
    """Those whose rows follow from the others by a statement. They are dropped too, and made anew after a copy."""

    @classmethod
    def of(cls, apis: Iterable[Tables[Any]]) -> RowTables:
        """All tables of these APIs."""
        apis = list(apis)
        tables = tuple(table for api in apis for table in api.sqlite.tables)
        return cls(tables, {table: make for api in apis for table, make in api.sqlite.derived.items()})


class SqliteRows:
    """The rows of one project."""

    def __init__(self, connection: apsw.Connection, project: int, tables: RowTables) -> None:
        self._connection = connection
        self._project = project
        self._tables, self._derived = tables

    def numbers(self) -> Sequence[int]:
        """The numbers of all projects that have rows."""
        found = set[int]()
        for table in (*self._tables, *self._derived):
            # Each step is one look-up in an index that begins with `project`, however many rows a project has.
            last = self._next_number(table, None)
            while last is not None:
                found.add(last)
                last = self._next_number(table, last)
        return sorted(found)

    def copy_some(self, number: int, position: CopyPosition, most: int) -> CopyPosition | None:
        """Copies at most `most` rows of another number, from a position on. Returns where to go on; None at the end."""
        while position.table < len(self._tables):
            copy = _Copy(self._connection, self._tables[position.table], number, self._project)
            position, rows = copy.piece(position, most)
            most -= rows
            if most <= 0:
                return position
        for statement in self._derived.values():
            self._connection.execute(statement, (self._project,))
        return None

    def drop_some(self, most: int) -> bool:
        """Removes at most so many rows. True when there may be more."""
        for table in (*self._tables, *self._derived):
            key = ", ".join(_key_of(self._connection, table)) or "rowid"
            chosen = f"SELECT {key} FROM {table} WHERE project = ? LIMIT ?"
            self._connection.execute(f"DELETE FROM {table} WHERE ({key}) IN ({chosen})", (self._project, most))
            most -= self._connection.changes()
            if most <= 0:
                return True
        return False

    def _next_number(self, table: str, last: int | None) -> int | None:
        where = "" if last is None else "WHERE project > ?"
        row = self._connection.execute(f"SELECT min(project) FROM {table} {where}", () if last is None else (last,))
        ((number,),) = row.fetchall()
        return number if isinstance(number, int) else None


class _Copy:
    """Copies the rows of a table from one number to another, in their order."""

    def __init__(self, connection: apsw.Connection, table: str, source: int, target: int) -> None:
        self._connection = connection
        self._table = table
        self._source = source
        self._target = target
        self._key = _key_of(connection, table)

    def piece(self, position: CopyPosition, most: int) -> tuple[CopyPosition, int]:
        """Copies at most so many rows that follow a position.

        Returns the position where it goes on, which may be the next table, and how many rows were looked at.
        """
        return self._keyed(position, most) if self._key else self._numbered(position, most)

    def _keyed(self, position: CopyPosition, most: int) -> tuple[CopyPosition, int]:
        """Of a table that is ordered by its key: up to the row that is so many further."""
        names = [name for name in self._key if name != "project"]
        key, values = ", ".join(names), f"({', '.join('?' * len(names))})"
        where, bindings = "project = ?", [self._source]
        if position.after:
            where, bindings = f"{where} AND ({key}) > {values}", [*bindings, *position.after]
        last = f"SELECT {key} FROM {self._table} WHERE {where} ORDER BY {key} LIMIT 1 OFFSET ?"
        end = self._connection.execute(last, (*bindings, most - 1)).fetchone()
        if end is not None:
            where, bindings = f"{where} AND ({key}) <= {values}", [*bindings, *end]
        self._copy(f"{self._table} WHERE {where} ORDER BY {key}", bindings)
        return position.next_table() if end is None else position._replace(after=end), self._connection.changes()

    def _numbered(self, position: CopyPosition, most: int) -> tuple[CopyPosition, int]:
        """Of a table whose rows are numbered as they came: those with the next so many numbers, whosever they are.

        An index would find the project's own at once, but not in the order in which they came.
        """
        after, highest = position.after or self._bounds_of_numbers()
        last = min(after + most, highest)
        rows = f"{self._table} NOT INDEXED WHERE project = ? AND rowid > ? AND rowid <= ? ORDER BY rowid"
        self._copy(rows, [self._source, after, last])
        return position.next_table() if last == highest else position._replace(after=(last, highest)), last - after

    def _bounds_of_numbers(self) -> Sequence[int]:
        """One less than the lowest number of the project's rows, and the highest."""
        numbers = f"SELECT ifnull(min(rowid), 1) - 1, ifnull(max(rowid), 0) FROM {self._table} WHERE project = ?"
        return cast(tuple[int, int], self._connection.execute(numbers, (self._source,)).fetchone())

    def _copy(self, rows: str, bindings: Sequence[Any]) -> None:
        names = self._connection.execute("SELECT name FROM pragma_table_info(?)", (self._table,))
        columns = ", ".join(f'"{name}"' for (name,) in names if name != "project")
        statement = f"INSERT INTO {self._table} (project, {columns}) SELECT ?, {columns} FROM {rows}"
        self._connection.execute(statement, (self._target, *bindings))


def _key_of(connection: apsw.Connection, table: str) -> Sequence[str]:
    """The columns of its primary key, by which its rows are ordered; none: its rows are numbered as they came."""
    info = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,))
    return [str(name) for (name,) in info]
