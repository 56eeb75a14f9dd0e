"""Saved visuals in SQLite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twosignal_mock.apis.appsignal.store._visuals import SavedVisual
from twosignal_mock.engine.store import Connection

TABLES = ("appsignal_saved_visual",)
SCRIPT = """
CREATE TABLE appsignal_saved_visual (
    project INTEGER NOT NULL, id TEXT NOT NULL, site INTEGER NOT NULL, title TEXT NOT NULL, kind TEXT NOT NULL,
    query TEXT NOT NULL,
    PRIMARY KEY (project, id)
) WITHOUT ROWID;
"""


class SqliteSavedVisuals:
    """The saved visuals of one project."""

    def __init__(self, connection: Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def all(self) -> Sequence[SavedVisual]:
        """By id."""
        rows: Any = self._connection.execute(f"{_VISUALS} ORDER BY id", (self._project,))
        return list(map(SavedVisual._make, rows))

    def find(self, id_: str) -> SavedVisual | None:
        """The one of this id."""
        row: Any = self._connection.execute(f"{_VISUALS} AND id = ?", (self._project, id_)).fetchone()
        return None if row is None else SavedVisual._make(row)

    def put(self, visual: SavedVisual) -> None:
        """Keeps a saved visual, in the place of the one with its id if there is one."""
        self._connection.execute(_PUT, (self._project, *visual))


_VISUALS = f"SELECT {', '.join(SavedVisual._fields)} FROM appsignal_saved_visual WHERE project = ?"
_PUT = (
    f"INSERT OR REPLACE INTO appsignal_saved_visual (project, {', '.join(SavedVisual._fields)}) "
    "VALUES (?, ?, ?, ?, ?, ?)"
)
