"""Whole projects: snapshots, export and import bring back exactly what was there, and nothing of others."""

import asyncio
import json
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest
from twosignal_mock.engine.store import (
    Archive,
    CopyPosition,
    ExportError,
    Project,
    ProjectRegistry,
    Store,
    Transaction,
    UnknownSnapshotError,
)

from tests.mock.engine.store.notes import NOTES, Mark, Note


@pytest.fixture
def archive(store: Store, registry: ProjectRegistry) -> Archive:
    return Archive(store, registry)


@pytest.fixture
async def project(registry: ProjectRegistry) -> Project:
    return (await registry.create_project(plan="pro")).project


def fills(name: str) -> Any:
    def work(transaction: Transaction) -> None:
        repositories = transaction.of(NOTES)
        repositories.notes.add(Note(f"note of {name}", "caf\xe9"), Note(f"second note of {name}", name))
        repositories.marks.put(Mark(name, '{"a":[1,null,"b"]}'))

    return work


def whole(transaction: Transaction) -> tuple[Sequence[object], ...]:
    """All that the repositories give, in their order."""
    repositories = transaction.of(NOTES)
    return repositories.notes.all(), repositories.notes.texts(), repositories.marks.all()


async def content(store: Store, project: Project) -> tuple[Sequence[object], ...]:
    return await store.read(project.number, whole)


async def test_a_restored_snapshot_brings_back_what_was_there(store: Store, archive: Archive, project: Project) -> None:
    await store.write(project.number, fills("first"))
    before = await content(store, project)
    await archive.snapshot(project, "then", 7)
    await store.write(project.number, fills("second"))

    restored = await archive.restore(project, "then")

    assert await content(store, restored) == before
    assert (restored.id, restored.name) == (project.id, project.name)


async def test_a_snapshot_can_be_restored_again_and_again(store: Store, archive: Archive, project: Project) -> None:
    await store.write(project.number, fills("first"))
    before = await content(store, project)
    await archive.snapshot(project, "then", 7)
    for _ in range(3):
        project = await archive.restore(project, "then")
        assert await content(store, project) == before
        await store.write(project.number, fills("more"))


async def test_a_snapshot_of_the_same_name_repositions_the_one_before(
    store: Store, archive: Archive, project: Project
) -> None:
    await archive.snapshot(project, "then", 7)
    await store.write(project.number, fills("first"))
    await archive.snapshot(project, "then", 8)

    assert [(snapshot.name, snapshot.created) for snapshot in await archive.snapshots(project)] == [("then", 8)]
    assert await content(store, await archive.restore(project, "then")) == await content(store, project)


async def test_a_snapshot_belongs_to_its_project(registry: ProjectRegistry, archive: Archive, project: Project) -> None:
    await archive.snapshot(project, "then", 7)
    other = (await registry.create_project(plan="pro")).project

    assert await archive.snapshots(other) == ()
    with pytest.raises(UnknownSnapshotError, match="it has: none"):
        await archive.restore(other, "then")


def many_rows(name: str, count: int) -> Any:
    """Rows in tables of each kind: those that are kept by key, and those that are kept as they came."""

    def work(transaction: Transaction) -> None:
        repositories = transaction.of(NOTES)
        repositories.marks.put(*(Mark(f"mark {number:05} of {name}") for number in range(count)))
        repositories.notes.add(*(Note(f"{number}", f"{name}{number % 7}") for number in range(count // 10)))

    return work


async def test_rows_copied_in_any_pieces_are_those_that_were_there(store: Store) -> None:
    for name in ("first", "second", "third"):
        await store.write(1, fills(name))
        await store.write(2, fills(f"{name} of another"))
    await store.write(1, many_rows("much", 90))

    for number, most in ((3, 1), (4, 2), (5, 7), (6, 1000)):
        position: CopyPosition | None = CopyPosition()
        while position is not None:
            copy = partial(copy_some, position, most)
            position = await store.write(number, copy)
        assert await store.read(number, whole) == await store.read(1, whole)


def copy_some(position: CopyPosition, most: int, transaction: Transaction) -> CopyPosition | None:
    return transaction.rows.copy_some(1, position, most)


@pytest.mark.parametrize("restores", [False, True])
async def test_others_are_answered_while_a_large_project_is_copied(
    store: Store, registry: ProjectRegistry, archive: Archive, project: Project, restores: bool
) -> None:
    await store.write(project.number, many_rows("much", 20_000))
    await archive.snapshot(project, "before", 7)
    before = await content(store, project)
    other = (await registry.create_project(plan="pro")).project

    work: Any = archive.restore(project, "before") if restores else archive.snapshot(project, "then", 8)
    copying: asyncio.Future[Project] = asyncio.ensure_future(work)
    answered = 0
    while not copying.done():
        await store.write(other.number, fills(f"trace {answered}"))
        await registry.sweep_left_over()  # nobody has the rows of the copy yet, and they are left alone
        answered += not copying.done()
        await asyncio.sleep(0)

    restored = await (copying if restores else archive.restore(project, "then"))
    assert answered >= 10
    assert await content(store, restored) == before


async def test_a_snapshot_is_of_one_moment_whatever_is_written_meanwhile(
    store: Store, archive: Archive, project: Project
) -> None:
    await store.write(project.number, many_rows("much", 20_000))

    copying = asyncio.ensure_future(archive.snapshot(project, "then", 7))
    writes: list[asyncio.Future[None]] = []
    while not copying.done():
        writes.append(asyncio.ensure_future(store.write(project.number, fills(f"late {len(writes):03}"))))
        await store.write(9, fills(f"another {len(writes)}"))
        await asyncio.sleep(0)
    await asyncio.gather(*writes)

    assert len(late_names(await content(store, project))[0]) == len(writes)
    notes, marks = late_names(await content(store, await archive.restore(project, "then")))
    assert notes == marks == [f"late {number:03}" for number in range(len(notes))]
    assert len(notes) < len(writes)


def late_names(content: Any) -> tuple[list[str], list[str]]:
    """The late writes that the notes show, and those that the marks show."""
    notes, _, marks = content
    told = [note.id.removeprefix("note of ") for note in notes]
    return [name for name in told if name.startswith("late")], [
        mark.name for mark in marks if mark.name.startswith("late")
    ]


async def test_a_dropped_snapshot_is_gone(archive: Archive, project: Project) -> None:
    await archive.snapshot(project, "then", 7)
    await archive.drop_snapshot(project, "then")

    assert await archive.snapshots(project) == ()
    with pytest.raises(UnknownSnapshotError):
        await archive.drop_snapshot(project, "then")


async def test_an_export_is_named_values_of_the_interface(store: Store, archive: Archive, project: Project) -> None:
    await store.write(project.number, fills("first"))

    assert await archive.export(project) == {
        "format": "twosignal-mock-project",
        "version": 1,
        "apis": {
            "notes": {
                "version": 1,
                "records": {
                    "notes": [
                        {"id": "note of first", "text": "caf\xe9"},
                        {"id": "second note of first", "text": "first"},
                    ],
                    "marks": [{"name": "first", "anyValue": {"a": [1, None, "b"]}}],
                },
            }
        },
    }


async def test_an_export_travels_as_json_into_another_project(
    store: Store, registry: ProjectRegistry, archive: Archive, project: Project
) -> None:
    await store.write(project.number, fills("first"))
    exported = json.loads(json.dumps(await archive.export(project)))
    other = (await registry.create_project(plan="pro")).project
    await store.write(other.number, fills("other"))

    filled = await archive.import_(other, exported)

    assert await content(store, filled) == await content(store, project)


async def test_others_are_answered_while_a_large_export_is_imported(
    store: Store, registry: ProjectRegistry, archive: Archive, project: Project
) -> None:
    await store.write(project.number, many_rows("much", 20_000))
    exported = await archive.export(project)
    other = (await registry.create_project(plan="pro")).project

    importing = asyncio.ensure_future(archive.import_(project, exported))
    answered = 0
    while not importing.done():
        await store.write(other.number, fills(f"note {answered}"))
        await registry.sweep_left_over()  # nothing owns the imported rows yet, and they are left alone
        answered += not importing.done()
        await asyncio.sleep(0)

    assert answered >= 5
    assert await content(store, await importing) == await content(store, project)


def export_of(**records: Any) -> Any:
    return {
        "format": "twosignal-mock-project",
        "version": 1,
        "apis": {"notes": {"version": 1, "records": {"notes": [], "marks": []} | records}},
    }


_NOTE = {"id": "a", "text": "b"}


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        (None, "export: got null, expected an object with 'format': 'twosignal-mock-project' and 'version': 1"),
        ([], "export: got [], expected an object with"),
        ({}, "export: got {}, expected an object with"),
        ({"format": "other", "version": 1}, 'export: got {"format":"other","version":1}, expected'),
        ({"format": "twosignal-mock-project", "tables": {}}, "expected an object with 'format'"),
        ({"format": "twosignal-mock-project", "version": 2, "apis": {}}, "and 'version': 1"),
        ({"format": "twosignal-mock-project", "version": 1}, "export.apis: got null, expected an object"),
        (
            {"format": "twosignal-mock-project", "version": 1, "apis": {"nobody": {}}},
            'apis: got "nobody", expected one of notes',
        ),
        (
            {"format": "twosignal-mock-project", "version": 1, "apis": {"notes": {"version": 7, "records": {}}}},
            'apis.notes: got {"version":7,"records":{}}, expected an object with \'version\': 1',
        ),
        (export_of(others=[]), 'apis.notes.records: got ["marks","notes","others"], expected the keys notes, marks'),
        (export_of(notes={}), "apis.notes.records.notes: got {}, expected an array"),
        (export_of(notes=["a"]), 'records.notes[0]: got "a", expected an object with exactly id, text'),
        (export_of(notes=[{"id": "a"}]), 'notes[0]: got {"id":"a"}, expected an object with exactly id, text'),
        (export_of(notes=[_NOTE | {"project": 1}]), "expected an object with exactly id, text"),
        (export_of(notes=[_NOTE | {"text": 1 << 70}]), "notes[0].text: got 1180591620717411303424, expected a string"),
        (export_of(notes=[_NOTE | {"text": None}]), "notes[0].text: got null, expected a string"),
        (export_of(notes=[_NOTE, _NOTE]), 'notes[1]: got {"id":"a","text":"b"}, expected a record that did not'),
    ],
)
async def test_what_is_no_export_is_refused_and_changes_nothing(
    store: Store, registry: ProjectRegistry, archive: Archive, project: Project, broken: object, says: str
) -> None:
    await store.write(project.number, fills("first"))
    before = await content(store, project)

    with pytest.raises(ExportError) as refused:
        await archive.import_(project, broken)
    assert says in str(refused.value)
    assert registry.project(project.id) == project
    assert await content(store, project) == before
