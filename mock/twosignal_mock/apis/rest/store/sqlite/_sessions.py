"""Open sessions in SQLite."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import apsw

from twosignal_mock.apis.rest.store._sessions import SessionRecord


class SqliteSessions:
    """The open sessions of the users of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def find(self, session_id: str) -> SessionRecord | None:
        """The session of this id, if it is open."""
        return self._one(_FIND, session_id)

    def find_by_refresh(self, digest: str) -> SessionRecord | None:
        """The open session whose present refresh token has this SHA-256 digest, in hexadecimal digits."""
        return self._one(_FIND_BY_REFRESH, digest)

    def put(self, session: SessionRecord) -> None:
        """Keeps a session, in the place of the one with its id if there is one."""
        self._connection.execute(_PUT, (self._project, *session))

    def end(self, session_id: str) -> None:
        """Ends a session; one that is not open stays so."""
        self._connection.execute("DELETE FROM session WHERE project = ? AND id = ?", (self._project, session_id))

    def end_expired(self, now: int) -> None:
        """Ends those whose refresh token expired at `now` (milliseconds since 1970) or before."""
        self._connection.execute("DELETE FROM session WHERE project = ? AND refresh_expires <= ?", (self._project, now))

    def all(self) -> Iterable[SessionRecord]:
        """All open sessions, by id."""
        return (SessionRecord(*cast(tuple[Any, ...], row)) for row in self._connection.execute(_ALL, (self._project,)))

    def _one(self, query: str, value: str) -> SessionRecord | None:
        rows = self._connection.execute(query, (self._project, value))
        return next((SessionRecord(*cast(tuple[Any, ...], row)) for row in rows), None)


_COLUMNS = ", ".join(SessionRecord._fields)
_ALL = f"SELECT {_COLUMNS} FROM session WHERE project = ? ORDER BY id"
_FIND = f"SELECT {_COLUMNS} FROM session WHERE project = ? AND id = ?"
_FIND_BY_REFRESH = f"SELECT {_COLUMNS} FROM session WHERE project = ? AND refresh_digest = ?"
_PUT = f"INSERT OR REPLACE INTO session (project, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)"
