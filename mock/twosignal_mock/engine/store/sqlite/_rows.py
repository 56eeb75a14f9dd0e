"""The rows of a project in the tables of all resources: copied, exported, loaded and dropped without knowing them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import apsw

from twosignal_mock.engine.store._project_interface import CopyPlace
from twosignal_mock.engine.store.sqlite._columns import columns_of, key_of
from twosignal_mock.engine.store.sqlite._copying import copy_piece


def rows_class(tables: Sequence[str], derived: Mapping[str, str]) -> Callable[[apsw.Connection, int], SqliteRows]:
    """What makes the rows of a project in these tables; each of them has a column `project`.

    `derived` ones follow from the others by a statement; they are dropped too, but neither copied nor exported.
    """

    def make(connection: apsw.Connection, project: int) -> SqliteRows:
        return SqliteRows(connection, project, tables, derived)

    return make


class SqliteRows:
    """The rows of one project."""

    def __init__(
        self, connection: apsw.Connection, project: int, tables: Sequence[str], derived: Mapping[str, str]
    ) -> None:
        self._connection = connection
        self._project = project
        self._tables = tables
        self._derived = derived

    def export(self) -> Mapping[str, Any]:
        """All rows, ready for JSON: table to {"columns", "rows"}."""
        return {table: self._export_table(table) for table in self._tables}

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

    def copy_some(self, number: int, place: CopyPlace, most: int) -> CopyPlace | None:
        """Adds a copy of at most `most` rows of another number, from a place on; where to go on, None: nowhere."""
        while place.table < len(self._tables):
            table = self._tables[place.table]
            place, rows = copy_piece(self._connection, table, (number, self._project), place, most)
            most -= rows
            if most <= 0:
                return place
        self._derive()
        return None

    def load(self, exported: Mapping[str, Any]) -> None:
        """Adds what `export` gave. Raises ValueError when it is not that."""
        unknown = sorted(set(exported) - set(self._tables))
        if unknown:
            raise ValueError(f"unknown table {unknown[0]!r}: expected those of an export of this version")
        for table, content in exported.items():
            self._load_table(table, content)
        self._derive()

    def drop_some(self, most: int) -> bool:
        """Removes at most so many rows; whether there may be more."""
        for table in (*self._tables, *self._derived):
            key = _order(self._connection, table)
            chosen = f"SELECT {key} FROM {table} WHERE project = ? LIMIT ?"
            self._connection.execute(f"DELETE FROM {table} WHERE ({key}) IN ({chosen})", (self._project, most))
            most -= self._connection.changes()
            if most <= 0:
                return True
        return False

    def _derive(self) -> None:
        for statement in self._derived.values():
            self._connection.execute(statement, (self._project,))

    def _next_number(self, table: str, last: int | None) -> int | None:
        where = "" if last is None else "WHERE project > ?"
        row = self._connection.execute(f"SELECT min(project) FROM {table} {where}", () if last is None else (last,))
        ((number,),) = row.fetchall()
        return number if isinstance(number, int) else None

    def _export_table(self, table: str) -> Mapping[str, Any]:
        columns = columns_of(self._connection, table)
        names = ", ".join(f'"{name}"' for name in columns)
        order = _order(self._connection, table)
        rows = self._connection.execute(
            f"SELECT {names} FROM {table} WHERE project = ? ORDER BY {order}", (self._project,)
        )
        return {"columns": list(columns), "rows": [[_to_json(value) for value in row] for row in rows]}

    def _load_table(self, table: str, content: Any) -> None:
        columns, rows = _table_of(content)
        known = columns_of(self._connection, table)
        if set(columns) != set(known):
            raise ValueError(f"table {table!r} has the columns {columns}, expected {list(known)}")
        names = ", ".join(f'"{name}"' for name in columns)
        statement = f"INSERT INTO {table} (project, {names}) VALUES (?{', ?' * len(columns)})"
        try:
            self._connection.executemany(statement, [(self._project, *map(_from_json, row)) for row in rows])
        except (apsw.ConstraintError, apsw.BindingsError, TypeError, OverflowError) as error:
            raise ValueError(f"table {table!r} has a row that does not fit: {error}") from error


def _table_of(content: Any) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of an exported table. Raises ValueError when it is none."""
    columns, rows = (content.get("columns"), content.get("rows")) if isinstance(content, dict) else (None, None)
    if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
        raise ValueError("an exported table has an array of strings `columns`")
    if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == len(columns) for row in rows):
        raise ValueError("an exported table has an array `rows` with an array of one value for each column")
    return columns, rows


def _to_json(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        encoded = value.get("base64")
        if not isinstance(encoded, str):
            raise ValueError('an object in an exported row is {"base64": "..."}')
        return base64.b64decode(encoded, validate=True)
    return value


def _order(connection: apsw.Connection, table: str) -> str:
    """The columns that tell its rows apart, in an order that keeps how they came."""
    return ", ".join(key_of(connection, table)) or "rowid"
