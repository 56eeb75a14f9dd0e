"""The tables of the dashboard in SQLite, as numbered migrations, and its repositories.

All tables have a rowid of their own, so that a list goes from the oldest to the newest, whatever the clock shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import apsw

from twosignal_mock.apis.dashboard.store._records import (
    DatasetItemRecord,
    DatasetRecord,
    MembershipRecord,
    OrganizationRecord,
    ProjectRecord,
)
from twosignal_mock.engine.store import Connection, MadeOnce, SqliteTables


class _Table:
    """Records of one kind in a table whose columns are the fields of the record, in their order."""

    def __init__(self, name: str, record: type[Any]) -> None:
        fields: tuple[str, ...] = record._fields
        columns = ", ".join(fields)
        changed = ", ".join(f"{field} = excluded.{field}" for field in fields if field != "id")
        self._record = record
        self._select = f"SELECT {columns} FROM {name} WHERE project = ?"
        self._put = (
            f"INSERT INTO {name} (project, {columns}) VALUES (?{', ?' * len(fields)}) "
            f"ON CONFLICT (project, id) DO UPDATE SET {changed}"
        )
        self._delete = f"DELETE FROM {name} WHERE project = ?"

    def select(self, connection: apsw.Connection, project: int, **where: str) -> list[Any]:
        """The records whose fields have these values, oldest first."""
        condition = "".join(f" AND {field} = ?" for field in where)
        rows = connection.execute(f"{self._select}{condition} ORDER BY rowid", (project, *where.values()))
        return [self._record(*row) for row in rows]

    def put(self, connection: apsw.Connection, project: int, record: tuple[Any, ...]) -> None:
        """Keeps a record, in the place of the one with its id if there is one."""
        connection.execute(self._put, (project, *record))

    def delete(self, connection: apsw.Connection, project: int, **where: str) -> None:
        """Forgets the records whose fields have these values."""
        condition = "".join(f" AND {field} = ?" for field in where)
        connection.execute(f"{self._delete}{condition}", (project, *where.values()))


_ORGANIZATION = _Table("organization", OrganizationRecord)
_MEMBERSHIP = _Table("membership", MembershipRecord)
_PROJECT = _Table("project_detail", ProjectRecord)
_DATASET = _Table("dataset", DatasetRecord)
_ITEM = _Table("dataset_item", DatasetItemRecord)


class SqliteOrganizations:
    """The organizations of one sandbox."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._rows = connection, project

    def all(self) -> Sequence[OrganizationRecord]:
        """All organizations."""
        return _ORGANIZATION.select(*self._rows)

    def put(self, organization: OrganizationRecord) -> None:
        """Keeps an organization, in the place of the one with its id if there is one."""
        _ORGANIZATION.put(*self._rows, organization)

    def memberships(self) -> Sequence[MembershipRecord]:
        """All memberships of all organizations."""
        return _MEMBERSHIP.select(*self._rows)

    def add_membership(self, membership: MembershipRecord) -> None:
        """Keeps a new membership."""
        _MEMBERSHIP.put(*self._rows, membership)

    def end_membership(self, membership_id: str) -> None:
        """Forgets a membership."""
        _MEMBERSHIP.delete(*self._rows, id=membership_id)

    def projects(self) -> Sequence[ProjectRecord]:
        """All that is said of projects."""
        return [record._replace(deleted=bool(record.deleted)) for record in _PROJECT.select(*self._rows)]

    def put_project(self, project: ProjectRecord) -> None:
        """Keeps what is said of a project, in the place of what was said before."""
        _PROJECT.put(*self._rows, project)

    def forget_project(self, project_id: str) -> None:
        """Forgets what is said of a project."""
        _PROJECT.delete(*self._rows, id=project_id)


class SqliteDatasets:
    """The datasets of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._rows = connection, project

    def all(self) -> Sequence[DatasetRecord]:
        """All datasets."""
        return _DATASET.select(*self._rows)

    def find(self, dataset_id: str) -> DatasetRecord | None:
        """The dataset of this id."""
        return next(iter(_DATASET.select(*self._rows, id=dataset_id)), None)

    def put(self, dataset: DatasetRecord) -> None:
        """Keeps a dataset, in the place of the one with its id if there is one."""
        _DATASET.put(*self._rows, dataset)

    def delete(self, dataset_id: str) -> None:
        """Forgets a dataset with its items."""
        _DATASET.delete(*self._rows, id=dataset_id)
        _ITEM.delete(*self._rows, dataset=dataset_id)

    def items(self, dataset_id: str) -> Sequence[DatasetItemRecord]:
        """The items of a dataset."""
        return _ITEM.select(*self._rows, dataset=dataset_id)

    def count(self, dataset_id: str) -> int:
        """How many items a dataset has."""
        connection, project = self._rows
        statement = "SELECT count(*) FROM dataset_item WHERE project = ? AND dataset = ?"
        ((number,),) = connection.execute(statement, (project, dataset_id)).fetchall()
        return int(str(number))

    def all_items(self) -> Sequence[DatasetItemRecord]:
        """The items of all datasets."""
        return _ITEM.select(*self._rows)

    def find_item(self, item_id: str) -> DatasetItemRecord | None:
        """The item of this id."""
        return next(iter(_ITEM.select(*self._rows, id=item_id)), None)

    def add_item(self, item: DatasetItemRecord) -> None:
        """Keeps a new item."""
        _ITEM.put(*self._rows, item)

    def remove_item(self, item_id: str) -> None:
        """Forgets an item."""
        _ITEM.delete(*self._rows, id=item_id)


class SqliteRepositories:
    """The repositories of one project, for one transaction."""

    organizations = MadeOnce(SqliteOrganizations)
    datasets = MadeOnce(SqliteDatasets)

    def __init__(self, connection: Connection, project: int) -> None:
        self.connection = connection
        self.project = project


_TABLES = """
CREATE TABLE organization (
    project INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, plan TEXT NOT NULL, created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);
CREATE UNIQUE INDEX organization_by_id ON organization (project, id);
CREATE TABLE membership (
    project INTEGER NOT NULL, id TEXT NOT NULL, organization TEXT NOT NULL, user TEXT NOT NULL, role TEXT NOT NULL,
    created INTEGER NOT NULL
);
CREATE UNIQUE INDEX membership_by_id ON membership (project, id);
CREATE UNIQUE INDEX membership_by_person ON membership (project, organization, user);
CREATE TABLE project_detail (
    project INTEGER NOT NULL, id TEXT NOT NULL, organization TEXT NOT NULL, name TEXT NOT NULL, description TEXT,
    created INTEGER NOT NULL, updated INTEGER NOT NULL, deleted INTEGER NOT NULL
);
CREATE UNIQUE INDEX project_detail_by_id ON project_detail (project, id);
CREATE TABLE dataset (
    project INTEGER NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, description TEXT, created INTEGER NOT NULL,
    updated INTEGER NOT NULL
);
CREATE UNIQUE INDEX dataset_by_id ON dataset (project, id);
CREATE TABLE dataset_item (
    project INTEGER NOT NULL, id TEXT NOT NULL, dataset TEXT NOT NULL, input TEXT NOT NULL, expected TEXT,
    metadata TEXT, created INTEGER NOT NULL
);
CREATE UNIQUE INDEX dataset_item_by_id ON dataset_item (project, id);
CREATE INDEX dataset_item_by_dataset ON dataset_item (project, dataset);
"""

SQLITE = SqliteTables(
    migrations=(_TABLES,),
    tables=("organization", "membership", "project_detail", "dataset", "dataset_item"),
    repositories=SqliteRepositories,
)
