"""What SQLite knows of a table's columns."""

from __future__ import annotations

from collections.abc import Sequence

import apsw


def columns_of(connection: apsw.Connection, table: str) -> Sequence[str]:
    """The columns of a table, without the project's number."""
    info = connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
    return [str(name) for (name,) in info if name != "project"]


def key_of(connection: apsw.Connection, table: str) -> Sequence[str]:
    """The columns of its primary key, by which its rows are ordered; none: its rows are numbered as they came."""
    info = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (table,))
    return [str(name) for (name,) in info]
