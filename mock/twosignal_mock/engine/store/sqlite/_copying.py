"""Copies the rows of a project piece by piece: between two pieces others may write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import apsw

from twosignal_mock.engine.store._project_interface import CopyPlace
from twosignal_mock.engine.store.sqlite._columns import columns_of, key_of


def copy_piece(
    connection: apsw.Connection, table: str, numbers: tuple[int, int], place: CopyPlace, most: int
) -> tuple[CopyPlace, int]:
    """Copies the rows of a table that follow a place, at most so many, from one number to another, in their order.

    Gives the place where it goes on, which may be the next table, and how many rows were looked at.
    """
    if key_of(connection, table):
        return _copy_keyed(connection, table, numbers, place, most)
    return _copy_numbered(connection, table, numbers, place, most)


def _copy_keyed(
    connection: apsw.Connection, table: str, numbers: tuple[int, int], place: CopyPlace, most: int
) -> tuple[CopyPlace, int]:
    """Of a table that is ordered by its key: up to the row that is so many further."""
    names = [name for name in key_of(connection, table) if name != "project"]
    key, values = ", ".join(names), f"({', '.join('?' * len(names))})"
    where, bindings = "project = ?", [numbers[0]]
    if place.after:
        where, bindings = f"{where} AND ({key}) > {values}", [*bindings, *place.after]
    last = f"SELECT {key} FROM {table} WHERE {where} ORDER BY {key} LIMIT 1 OFFSET ?"
    end = connection.execute(last, (*bindings, most - 1)).fetchone()
    if end is not None:
        where, bindings = f"{where} AND ({key}) <= {values}", [*bindings, *end]
    _copy(connection, table, f"{table} WHERE {where} ORDER BY {key}", (numbers[1], *bindings))
    return place.next_table() if end is None else CopyPlace(place.table, end), connection.changes()


def _copy_numbered(
    connection: apsw.Connection, table: str, numbers: tuple[int, int], place: CopyPlace, most: int
) -> tuple[CopyPlace, int]:
    """Of a table whose rows are numbered as they came: those that stand in so many places, whosever they are.

    An index would tell the project's own at once, but not in the order in which they came.
    """
    source, target = numbers
    after, highest = place.after or _span_of_numbers(connection, table, source)
    rows = f"{table} NOT INDEXED WHERE project = ? AND rowid > ? AND rowid <= ? ORDER BY rowid"
    last = min(after + most, highest)
    _copy(connection, table, rows, (target, source, after, last))
    return place.next_table() if last == highest else CopyPlace(place.table, (last, highest)), last - after


def _span_of_numbers(connection: apsw.Connection, table: str, project: int) -> Sequence[int]:
    """One less than the lowest number of a project's rows, and the highest."""
    numbers = f"SELECT ifnull(min(rowid), 1) - 1, ifnull(max(rowid), 0) FROM {table} WHERE project = ?"
    return cast(tuple[int, int], connection.execute(numbers, (project,)).fetchone())


def _copy(connection: apsw.Connection, table: str, rows: str, bindings: tuple[Any, ...]) -> None:
    columns = ", ".join(f'"{name}"' for name in columns_of(connection, table))
    connection.execute(f"INSERT INTO {table} (project, {columns}) SELECT ?, {columns} FROM {rows}", bindings)
