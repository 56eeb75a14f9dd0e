"""What a store offers for whole projects: their accounts, and their rows whatever they mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from twosignal_mock.engine.store._accounts import KeyRecord, ProjectRecord, SnapshotRecord, UserRecord


class Accounts(Protocol):
    """Projects, keys, users and snapshots; not bound to a project."""

    def projects(self) -> Sequence[ProjectRecord]:
        """All projects."""
        ...

    def api_keys(self) -> Sequence[KeyRecord]:
        """All API keys."""
        ...

    def users(self) -> Sequence[UserRecord]:
        """All users."""
        ...

    def snapshots(self) -> Sequence[SnapshotRecord]:
        """All snapshots, oldest first."""
        ...

    def next_number(self) -> int:
        """A project number that was never given out."""
        ...

    def save_project(self, project: ProjectRecord) -> None:
        """Keeps a project in place of the one with its id."""
        ...

    def save_key(self, key: KeyRecord) -> None:
        """Keeps a key in place of the one with its digest."""
        ...

    def save_user(self, user: UserRecord) -> None:
        """Keeps a new user."""
        ...

    def save_snapshot(self, snapshot: SnapshotRecord) -> None:
        """Keeps a snapshot in place of the one with its name."""
        ...

    def drop_project(self, project_id: str) -> None:
        """Forgets a project with its keys, users and snapshots; its rows stay until Rows.drop_some."""
        ...

    def drop_snapshot(self, project_id: str, name: str) -> None:
        """Forgets a snapshot; its rows stay until Rows.drop_some."""
        ...


class CopyPlace(NamedTuple):
    """How far a copy of all rows is."""

    table: int = 0
    after: tuple[Any, ...] = ()
    """What tells the last row of the table that was copied; only who copies knows what it means."""

    def next_table(self) -> CopyPlace:
        """Where the next table begins."""
        return CopyPlace(self.table + 1)


class RowsReader(Protocol):
    """The rows of a project's number in the tables of all resources, whatever they mean."""

    def export(self) -> Mapping[str, Any]:
        """All rows, ready for JSON."""
        ...

    def numbers(self) -> Sequence[int]:
        """The numbers of all projects that have rows."""
        ...


class Rows(RowsReader, Protocol):
    """The same, to be changed."""

    def copy_some(self, number: int, place: CopyPlace, most: int) -> CopyPlace | None:
        """Adds a copy of at most `most` rows of another number, from a place on; where to go on, None: nowhere."""
        ...

    def load(self, exported: Mapping[str, Any]) -> None:
        """Adds what `export` gave. Raises ValueError when it is not that."""
        ...

    def drop_some(self, most: int) -> bool:
        """Removes at most so many rows; whether there may be more."""
        ...
