"""What every repository promises: all that it keeps comes back as it was, to its project alone, oldest first."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from twosignal_mock.apis.dashboard.store import (
    TABLES,
    DatasetItemRecord,
    DatasetRecord,
    MembershipRecord,
    OrganizationRecord,
    ProjectRecord,
    Repositories,
    repositories_of,
)
from twosignal_mock.engine.store import Archive, ProjectRegistry, Store

T = TypeVar("T")

ORGANIZATION = OrganizationRecord("o2", "caf\xe9", "PRO", 1, 2)
OTHER_ORGANIZATION = OrganizationRecord("o1", "b", "FREE", 1, 1)
MEMBERSHIP = MembershipRecord("m2", "o2", "u1", "OWNER", 1)
OTHER_MEMBERSHIP = MembershipRecord("m1", "o2", "u2", "VIEWER", 1)
PROJECT = ProjectRecord("p1", "o2", "name", "text", 1, 2, deleted=False)
BARE_PROJECT = ProjectRecord("p0", "o2", "name", None, 1, 1, deleted=True)
DATASET = DatasetRecord("d2", "cases", "hard", 1, 2)
BARE_DATASET = DatasetRecord("d1", "cases", None, 1, 1)
ITEM = DatasetItemRecord("i2", "d2", '{"a":1}', "[null]", '"x"', 1)
BARE_ITEM = DatasetItemRecord("i1", "d2", "null", None, None, 1)
OTHER_ITEM = DatasetItemRecord("i0", "d1", "1", None, None, 1)


def fill(repositories: Repositories) -> None:
    for organization in (ORGANIZATION, OTHER_ORGANIZATION):
        repositories.organizations.put(organization)
    for membership in (MEMBERSHIP, OTHER_MEMBERSHIP):
        repositories.organizations.add_membership(membership)
    for project in (PROJECT, BARE_PROJECT):
        repositories.organizations.put_project(project)
    for dataset in (DATASET, BARE_DATASET):
        repositories.datasets.put(dataset)
    for item in (ITEM, BARE_ITEM, OTHER_ITEM):
        repositories.datasets.add_item(item)


def everything(repositories: Repositories) -> list[list[object]]:
    return [list(records.read(repositories)) for records in TABLES.record_sets]


async def write(store: Store, work: Callable[[Repositories], T], project: int = 1) -> T:
    return await store.write(project, lambda transaction: work(repositories_of(transaction)))


async def read(store: Store, work: Callable[[Repositories], T], project: int = 1) -> T:
    return await store.read(project, lambda transaction: work(repositories_of(transaction)))


async def test_all_that_was_kept_comes_back_as_it_was_and_in_its_order(store: Store) -> None:
    await write(store, fill)
    assert await read(store, everything) == [
        [ORGANIZATION, OTHER_ORGANIZATION],
        [MEMBERSHIP, OTHER_MEMBERSHIP],
        [PROJECT, BARE_PROJECT],
        [DATASET, BARE_DATASET],
        [ITEM, BARE_ITEM, OTHER_ITEM],
    ]
    assert await read(store, everything, project=2) == [[], [], [], [], []]


async def test_a_record_is_changed_in_its_place(store: Store) -> None:
    def work(repositories: Repositories) -> None:
        fill(repositories)
        repositories.organizations.put(ORGANIZATION._replace(name="new"))
        repositories.organizations.put_project(PROJECT._replace(description=None, deleted=True))
        repositories.datasets.put(DATASET._replace(name="new"))

    await write(store, work)
    organizations, _, projects, datasets, _ = await read(store, everything)
    assert organizations == [ORGANIZATION._replace(name="new"), OTHER_ORGANIZATION]
    assert projects == [PROJECT._replace(description=None, deleted=True), BARE_PROJECT]
    assert datasets == [DATASET._replace(name="new"), BARE_DATASET]


async def test_what_is_deleted_is_gone_and_nothing_else(store: Store) -> None:
    def work(repositories: Repositories) -> None:
        fill(repositories)
        repositories.organizations.end_membership(MEMBERSHIP.id)
        repositories.organizations.forget_project(PROJECT.id)
        repositories.datasets.remove_item(OTHER_ITEM.id)
        assert repositories.datasets.count(DATASET.id) == 2
        assert repositories.datasets.items(DATASET.id) == [ITEM, BARE_ITEM]
        assert repositories.datasets.find_item(ITEM.id) == ITEM
        repositories.datasets.delete(DATASET.id)
        assert repositories.datasets.find(DATASET.id) is None
        assert repositories.datasets.find_item(ITEM.id) is None

    await write(store, work)
    assert (await read(store, everything))[1:] == [[OTHER_MEMBERSHIP], [BARE_PROJECT], [BARE_DATASET], []]


async def test_an_export_is_imported_whole(store: Store) -> None:
    registry = await ProjectRegistry.open(store, plan="free")
    projects = [(await registry.create_project(plan="free")).project for _ in range(2)]
    await write(store, fill, projects[0].number)
    archive = Archive(store, registry)
    copied = await archive.import_(projects[1], await archive.export(projects[0]))
    found = await read(store, everything, copied.number)
    assert found == await read(store, everything, projects[0].number)
    await registry.close()


async def test_a_unit_of_work_reaches_another_project_of_the_sandbox(store: Store) -> None:
    await store.write(1, lambda transaction: repositories_of(transaction.on(2)).datasets.put(DATASET))
    assert await read(store, lambda repositories: repositories.datasets.all(), project=2) == [DATASET]
    assert await read(store, lambda repositories: repositories.datasets.all()) == []
