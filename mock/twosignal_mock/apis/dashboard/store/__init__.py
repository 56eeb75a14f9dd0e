"""What the dashboard keeps in the store beside what the REST API does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Protocol

from twosignal_mock.apis.dashboard.store._records import (
    DatasetItemRecord,
    DatasetRecord,
    Datasets,
    MembershipRecord,
    OrganizationRecord,
    Organizations,
    ProjectRecord,
)
from twosignal_mock.apis.dashboard.store.sqlite import SQLITE
from twosignal_mock.engine.store import RecordSet, Tables, Transaction

__all__ = [
    "TABLES",
    "DatasetItemRecord",
    "DatasetRecord",
    "Datasets",
    "MembershipRecord",
    "OrganizationRecord",
    "Organizations",
    "ProjectRecord",
    "Repositories",
    "repositories_of",
]


class Repositories(Protocol):
    """The repositories of one project, for one transaction."""

    @property
    def organizations(self) -> Organizations:
        """Organizations, members, and what is said of projects."""
        ...

    @property
    def datasets(self) -> Datasets:
        """Datasets with their items."""
        ...


def repositories_of(transaction: Transaction) -> Repositories:
    """The repositories that a transaction gives the dashboard."""
    return transaction.of(TABLES)


def _set(name: str, record: type, read: str, add: str) -> RecordSet[Repositories]:
    """Records that have an id, by the paths of the methods that read all of them and add one."""
    read_all: Callable[[Repositories], Callable[[], Sequence[Any]]] = attrgetter(read)
    adder: Callable[[Repositories], Callable[[Any], None]] = attrgetter(add)

    def add_all(repositories: Repositories, records: Sequence[Any]) -> None:
        keep = adder(repositories)
        for each in records:
            keep(each)

    return RecordSet(name, record, lambda repositories: read_all(repositories)(), add_all, attrgetter("id"))


TABLES: Tables[Repositories] = Tables(
    name="dashboard",
    export_version=1,
    record_sets=(
        _set("organizations", OrganizationRecord, "organizations.all", "organizations.put"),
        _set("memberships", MembershipRecord, "organizations.memberships", "organizations.add_membership"),
        _set("projects", ProjectRecord, "organizations.projects", "organizations.put_project"),
        _set("datasets", DatasetRecord, "datasets.all", "datasets.put"),
        _set("datasetItems", DatasetItemRecord, "datasets.all_items", "datasets.add_item"),
    ),
    sqlite=SQLITE,
)
