"""What the dashboard keeps beside what the REST API does: the records, and what the repositories offer.

Organizations, their members and what is said of projects stand with the sandbox's own project; datasets stand with the
project that they belong to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from twosignal_mock.engine.store import JsonText


class OrganizationRecord(NamedTuple):
    """Whom people work for."""

    id: str
    name: str
    plan: str
    """A key of x-dashboard-plans."""
    created: int
    """Milliseconds since 1970."""
    updated: int
    """Milliseconds since 1970."""


class MembershipRecord(NamedTuple):
    """A person in an organization."""

    id: str
    organization: str
    user: str
    role: str
    """A key of x-dashboard-roles."""
    created: int
    """Milliseconds since 1970."""


class ProjectRecord(NamedTuple):
    """What people say of a project of the registry."""

    id: str
    organization: str
    name: str
    description: str | None
    created: int
    """Milliseconds since 1970."""
    updated: int
    """Milliseconds since 1970."""
    deleted: bool
    """True for the sandbox's own project, whose rows hold more than its own, once it is deleted."""


class DatasetRecord(NamedTuple):
    """Inputs with expected outputs, without those."""

    id: str
    name: str
    description: str | None
    created: int
    """Milliseconds since 1970."""
    updated: int
    """Milliseconds since 1970."""


class DatasetItemRecord(NamedTuple):
    """An item of a dataset."""

    id: str
    dataset: str
    input: JsonText
    expected: JsonText | None
    metadata: JsonText | None
    created: int
    """Milliseconds since 1970."""


class Organizations(Protocol):
    """The organizations of a sandbox; each sequence oldest first."""

    def all(self) -> Sequence[OrganizationRecord]:
        """All organizations."""
        ...

    def put(self, organization: OrganizationRecord) -> None:
        """Keeps an organization, in the place of the one with its id if there is one."""
        ...

    def memberships(self) -> Sequence[MembershipRecord]:
        """All memberships of all organizations."""
        ...

    def add_membership(self, membership: MembershipRecord) -> None:
        """Keeps a new membership."""
        ...

    def end_membership(self, membership_id: str) -> None:
        """Forgets a membership."""
        ...

    def projects(self) -> Sequence[ProjectRecord]:
        """All that is said of projects."""
        ...

    def put_project(self, project: ProjectRecord) -> None:
        """Keeps what is said of a project, in the place of what was said before."""
        ...

    def forget_project(self, project_id: str) -> None:
        """Forgets what is said of a project."""
        ...


class Datasets(Protocol):
    """The datasets of a project; each sequence oldest first."""

    def all(self) -> Sequence[DatasetRecord]:
        """All datasets."""
        ...

    def find(self, dataset_id: str) -> DatasetRecord | None:
        """The dataset of this id."""
        ...

    def put(self, dataset: DatasetRecord) -> None:
        """Keeps a dataset, in the place of the one with its id if there is one."""
        ...

    def delete(self, dataset_id: str) -> None:
        """Forgets a dataset with its items."""
        ...

    def items(self, dataset_id: str) -> Sequence[DatasetItemRecord]:
        """The items of a dataset."""
        ...

    def count(self, dataset_id: str) -> int:
        """How many items a dataset has."""
        ...

    def all_items(self) -> Sequence[DatasetItemRecord]:
        """The items of all datasets."""
        ...

    def find_item(self, item_id: str) -> DatasetItemRecord | None:
        """The item of this id."""
        ...

    def add_item(self, item: DatasetItemRecord) -> None:
        """Keeps a new item."""
        ...

    def remove_item(self, item_id: str) -> None:
        """Forgets an item."""
        ...
