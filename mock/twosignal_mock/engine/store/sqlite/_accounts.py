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
    """
ALTER TABLE account_project ADD COLUMN home TEXT NOT NULL DEFAULT '';
ALTER TABLE account_project ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account_user ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE account_key RENAME TO older_key;
CREATE TABLE account_key (
    digest TEXT NOT NULL UNIQUE, project_id TEXT NOT NULL, tail TEXT NOT NULL, revoked INTEGER NOT NULL,
    id TEXT NOT NULL, name TEXT NOT NULL, head TEXT NOT NULL, created INTEGER NOT NULL, creator TEXT,
    ended INTEGER, replaces TEXT, last_used INTEGER
);
CREATE INDEX account_key_by_project ON account_key (project_id);
INSERT INTO account_key
    SELECT digest, project_id, tail, revoked, lower(hex(randomblob(16))), '', '', 0, NULL, iif(revoked, 0, NULL), NULL,
    NULL FROM older_key;
DROP TABLE older_key;
""",
)


class SqliteAccounts:
    """The repository of accounts."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def projects(self) -> Sequence[Project]:
        """All projects, in the order of their numbers."""
        return [Project(*row) for row in self._rows(f"SELECT {_PROJECT} FROM account_project ORDER BY number")]

    def projects_of(self, sandbox: str) -> Sequence[Project]:
        """The projects of a sandbox: its own, whose id it has, and then those that share it, oldest first."""
        where = "WHERE id = ? OR home = ? ORDER BY home <> '', created, number"
        return [Project(*row) for row in self._rows(f"SELECT {_PROJECT} FROM account_project {where}", (sandbox,) * 2)]

    def api_keys(self) -> Sequence[KeyRecord]:
        """All API keys."""
        return [_key(row) for row in self._rows(f"SELECT {_KEY} FROM account_key ORDER BY rowid")]

    def keys_of(self, project_id: str) -> Sequence[KeyRecord]:
        """The keys of a project, oldest first."""
        rows = self._rows(f"SELECT {_KEY} FROM account_key WHERE project_id = ? ORDER BY rowid", (project_id,))
        return [_key(row) for row in rows]

    def users(self) -> Sequence[User]:
        """All users, oldest first."""
        statement = "SELECT id, email, password_digest, salt, project_id FROM account_user ORDER BY position, id"
        return [User(*row) for row in self._rows(statement)]

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
        row = (project.number, project.id, project.name, project.plan, project.home, project.created)
        self._rows(f"INSERT OR REPLACE INTO account_project ({_PROJECT}) VALUES (?, ?, ?, ?, ?, ?)", row)

    def add_key(self, key: KeyRecord) -> None:
        """Keeps a new key. Raises TakenError when there is one with its digest."""
        places = ", ".join("?" * len(key))
        if not self._rows(f"INSERT OR IGNORE INTO account_key ({_KEY}) VALUES ({places}) RETURNING 1", key):
            raise TakenError("api_key", f"...{key.tail}")

    def revoke_key(self, digest: str, now: int | None = None) -> None:
        """Marks the key with this digest as revoked at `now`, milliseconds since 1970."""
        self._rows("UPDATE account_key SET revoked = 1, ended = ? WHERE digest = ?", (now, digest))

    def use_key(self, digest: str, now: int) -> None:
        """Keeps when the key with this digest was last used, milliseconds since 1970."""
        self._rows("UPDATE account_key SET last_used = ? WHERE digest = ?", (now, digest))

    def drop_keys(self, project_id: str) -> None:
        """Forgets all keys of a project."""
        self._rows("DELETE FROM account_key WHERE project_id = ?", (project_id,))

    def add_user(self, user: User) -> None:
        """Keeps a new user. Raises TakenError when there is one with this address, whatever its case."""
        columns = "id, email, address, password_digest, salt, project_id, position"
        row = (user.id, user.email, fold_email(user.email), user.password_digest, user.salt, user.project_id)
        values = "?, ?, ?, ?, ?, ?, (SELECT ifnull(max(position), 0) + 1 FROM account_user)"
        if not self._rows(f"INSERT OR IGNORE INTO account_user ({columns}) VALUES ({values}) RETURNING 1", row):
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


_PROJECT = "number, id, name, plan, home, created"
_KEY = ", ".join(KeyRecord._fields)


def _key(row: tuple[Any, ...]) -> KeyRecord:
    record = KeyRecord(*row)
    return record._replace(revoked=bool(record.revoked))
