"""Projects, API keys, users and snapshots in SQLite; they belong to no project's number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import apsw

from twosignal_mock.engine.store._accounts import KeyRecord, Project, SnapshotRecord, TakenError, User, fold_email

NAME = "accounts"
"""In the list of migrations."""
MIGRATIONS = (
    """
CREATE TABLE last_number (number INTEGER NOT NULL);
INSERT INTO last_number VALUES (0);
CREATE TABLE account_project (
    id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, name TEXT NOT NULL, plan TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE account_key (
    digest TEXT PRIMARY KEY, project_id TEXT NOT NULL, tail TEXT NOT NULL, revoked INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE account_user (
    id TEXT PRIMARY KEY, email TEXT NOT NULL, address TEXT NOT NULL UNIQUE, password_digest TEXT NOT NULL,
    salt TEXT NOT NULL, project_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE account_snapshot (
    project_id TEXT NOT NULL, name TEXT NOT NULL, number INTEGER NOT NULL UNIQUE, created INTEGER NOT NULL,
    PRIMARY KEY (project_id, name)
) WITHOUT ROWID;
""",
)


class SqliteAccounts:
    """The repository of accounts."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def projects(self) -> Sequence[Project]:
        """All projects, in the order of their numbers."""
        return [
            Project(*row) for row in self._rows("SELECT number, id, name, plan FROM account_project ORDER BY number")
        ]

    def api_keys(self) -> Sequence[KeyRecord]:
        """All API keys."""
        rows = self._rows("SELECT digest, project_id, tail, revoked FROM account_key")
        return [KeyRecord(digest, project_id, tail, bool(revoked)) for digest, project_id, tail, revoked in rows]

    def users(self) -> Sequence[User]:
        """All users."""
        return [
            User(*row) for row in self._rows("SELECT id, email, password_digest, salt, project_id FROM account_user")
        ]

    def snapshots(self) -> Sequence[SnapshotRecord]:
        """All snapshots, oldest first."""
        statement = "SELECT project_id, name, number, created FROM account_snapshot ORDER BY number"
        return [SnapshotRecord(*row) for row in self._rows(statement)]

    def next_number(self) -> int:
        """A project number that was never given out."""
        ((number,),) = self._rows("UPDATE last_number SET number = number + 1 RETURNING number")
        return int(number)

    def save_project(self, project: Project) -> None:
        """Keeps a project in place of the one with its id."""
        row = (project.id, project.number, project.name, project.plan)
        self._rows("INSERT OR REPLACE INTO account_project (id, number, name, plan) VALUES (?, ?, ?, ?)", row)

    def add_key(self, key: KeyRecord) -> None:
        """Keeps a new key. Raises TakenError when there is one with its digest."""
        columns = "digest, project_id, tail, revoked"
        if not self._rows(f"INSERT OR IGNORE INTO account_key ({columns}) VALUES (?, ?, ?, ?) RETURNING 1", key):
            raise TakenError("api_key", f"...{key.tail}")

    def revoke_key(self, digest: str) -> None:
        """Marks the key with this digest as revoked."""
        self._rows("UPDATE account_key SET revoked = 1 WHERE digest = ?", (digest,))

    def add_user(self, user: User) -> None:
        """Keeps a new user. Raises TakenError when there is one with this address, whatever its case."""
        columns = "id, email, address, password_digest, salt, project_id"
        row = (user.id, user.email, fold_email(user.email), user.password_digest, user.salt, user.project_id)
        if not self._rows(f"INSERT OR IGNORE INTO account_user ({columns}) VALUES (?, ?, ?, ?, ?, ?) RETURNING 1", row):
            raise TakenError("email", user.email)

    def save_snapshot(self, snapshot: SnapshotRecord) -> None:
        """Keeps a snapshot in place of the one with its name."""
        columns = "project_id, name, number, created"
        self._rows(f"INSERT OR REPLACE INTO account_snapshot ({columns}) VALUES (?, ?, ?, ?)", snapshot)

    def drop_project(self, project_id: str) -> None:
        """Forgets a project with its keys, users and snapshots. Rows.drop_some removes the rows."""
        self._rows("DELETE FROM account_project WHERE id = ?", (project_id,))
        for table in ("account_key", "account_user", "account_snapshot"):
            self._rows(f"DELETE FROM {table} WHERE project_id = ?", (project_id,))

    def drop_snapshot(self, project_id: str, name: str) -> None:
        """Forgets a snapshot. Rows.drop_some removes the rows."""
        self._rows("DELETE FROM account_snapshot WHERE project_id = ? AND name = ?", (project_id, name))

    def _rows(self, statement: str, bindings: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        return cast(list[tuple[Any, ...]], self._connection.execute(statement, tuple(bindings)).fetchall())
