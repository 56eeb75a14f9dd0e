"""Whole projects: snapshots, export and import bring back exactly what was there, and nothing of others."""

import asyncio
import json
import re
from functools import partial
from typing import Any

import pytest
from twosignal_mock.engine.api import Project
from twosignal_mock.engine.store import (
    Archive,
    CopyPlace,
    ExportError,
    ProjectRegistry,
    Reader,
    ScoreRecord,
    SpanRecord,
    Store,
    StoreArchive,
    TraceRecord,
    Transaction,
    UnknownSnapshotError,
)


@pytest.fixture
def archive(store: Store, registry: ProjectRegistry) -> Archive:
    return StoreArchive(store, registry)


@pytest.fixture
async def project(registry: ProjectRegistry) -> Project:
    return (await registry.create_project(plan="pro")).project


def fills(name: str) -> Any:
    def work(transaction: Transaction) -> None:
        transaction.traces.claim([f"event of {name}"])
        transaction.traces.add_spans([SpanRecord(name, "span", None, None, "s", "LLM", 1, None, False, 3, None, "{}")])
        transaction.traces.save(TraceRecord(name, 5, place=-1, name=name, tags='["a","b"]', spans=1, open=1, tokens=3))
        transaction.scores.add(ScoreRecord(f"score of {name}", name, None, "accuracy", 0.25, None, "caf\xe9", 6))

    return work


async def content(store: Store, project: Project) -> Any:
    def work(reader: Reader) -> Any:
        return reader.rows.export()

    return await store.read(project.number, work)


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


async def test_a_snapshot_of_the_same_name_replaces_the_one_before(
    store: Store, archive: Archive, project: Project
) -> None:
    await archive.snapshot(project, "then", 7)
    await store.write(project.number, fills("first"))
    await archive.snapshot(project, "then", 8)

    assert [(snapshot.name, snapshot.created) for snapshot in await archive.snapshots(project)] == [("then", 8)]
    assert await content(store, await archive.restore(project, "then")) == await content(store, project) != {}


async def test_a_snapshot_belongs_to_its_project(registry: ProjectRegistry, archive: Archive, project: Project) -> None:
    await archive.snapshot(project, "then", 7)
    other = (await registry.create_project(plan="pro")).project

    assert await archive.snapshots(other) == ()
    with pytest.raises(UnknownSnapshotError, match="it has: none"):
        await archive.restore(other, "then")


def many_rows(name: str, count: int) -> Any:
    """Rows in tables of each kind: those that are kept by key, and those that are kept as they came."""

    def work(transaction: Transaction) -> None:
        transaction.traces.claim([f"event {number} of {name}" for number in range(count)])
        for number in range(count // 10):
            transaction.scores.add(ScoreRecord(f"{number}", f"{name}{number % 7}", None, "a", 0.5, None, None, number))

    return work


async def test_rows_copied_in_any_pieces_are_those_that_were_there(store: Store) -> None:
    for name in ("first", "second", "third"):
        await store.write(1, fills(name))
        await store.write(2, fills(f"{name} of another"))
    await store.write(1, many_rows("much", 90))

    for number, most in ((3, 1), (4, 2), (5, 7), (6, 1000)):
        place: CopyPlace | None = CopyPlace()
        while place is not None:
            copy = partial(copy_some, place, most)
            place = await store.write(number, copy)
        assert await store.read(number, whole) == await store.read(1, whole)


def whole(reader: Reader) -> Any:
    return reader.rows.export()


def copy_some(place: CopyPlace, most: int, transaction: Transaction) -> CopyPlace | None:
    return transaction.rows.copy_some(1, place, most)


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

    assert len(late_rows(await content(store, project), "trace")) == len(writes)
    copied = await content(store, await archive.restore(project, "then"))
    told = [late_rows(copied, table) for table in ("event", "trace", "span", "score")]
    assert told == [[f"late {number:03}" for number in range(len(told[0]))]] * 4
    assert len(told[0]) < len(writes)


def late_rows(exported: Any, table: str) -> list[str]:
    """Which of the late writes a table has rows of."""
    texts = (" ".join(map(str, row)) for row in exported[table]["rows"])
    return sorted({found.group() for text in texts if (found := re.search(r"late \d{3}", text))})


async def test_a_dropped_snapshot_is_gone(archive: Archive, project: Project) -> None:
    await archive.snapshot(project, "then", 7)
    await archive.drop_snapshot(project, "then")

    assert await archive.snapshots(project) == ()
    with pytest.raises(UnknownSnapshotError):
        await archive.drop_snapshot(project, "then")


async def test_an_export_travels_as_json_into_another_project(
    store: Store, registry: ProjectRegistry, archive: Archive, project: Project
) -> None:
    await store.write(project.number, fills("first"))
    exported = json.loads(json.dumps(await archive.export(project)))
    other = (await registry.create_project(plan="pro")).project
    await store.write(other.number, fills("other"))

    filled = await archive.import_(other, exported)

    assert await content(store, filled) == await content(store, project)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        {},
        {"format": "twosignal-mock-project"},
        {"format": "twosignal-mock-project", "tables": {"nobody": {"columns": [], "rows": []}}},
        {"format": "twosignal-mock-project", "tables": {"score": None}},
        {"format": "twosignal-mock-project", "tables": {"score": {"columns": ["id"], "rows": []}}},
        {"format": "twosignal-mock-project", "tables": {"event": {"columns": ["id"], "rows": [["a"], ["a"]]}}},
        {"format": "twosignal-mock-project", "tables": {"event": {"columns": ["id"], "rows": [["a", "b"]]}}},
        {"format": "twosignal-mock-project", "tables": {"event": {"columns": ["id"], "rows": [[["a"]]]}}},
        {"format": "twosignal-mock-project", "tables": {"event": {"columns": ["id"], "rows": [[{"base64": "?"}]]}}},
        {"format": "twosignal-mock-project", "tables": {"event": {"columns": ["id"], "rows": [[1 << 70]]}}},
    ],
    ids=json.dumps,
)
async def test_what_is_no_export_is_refused_and_changes_nothing(
    store: Store, registry: ProjectRegistry, archive: Archive, project: Project, broken: object
) -> None:
    await store.write(project.number, fills("first"))
    before = await content(store, project)

    with pytest.raises(ExportError):
        await archive.import_(project, broken)
    assert registry.project(project.id) == project
    assert await content(store, project) == before
