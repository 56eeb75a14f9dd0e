"""Whole projects: snapshots, export and import bring back exactly what was there, and nothing of others."""

import json
from typing import Any

import pytest
from twosignal_mock._call import Project
from twosignal_mock.store import (
    Archive,
    Catalogue,
    ExportError,
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
def archive(store: Store, catalogue: Catalogue) -> Archive:
    return StoreArchive(store, catalogue)


@pytest.fixture
async def project(catalogue: Catalogue) -> Project:
    return (await catalogue.create_project(plan="pro")).project


def fills(name: str) -> Any:
    def work(transaction: Transaction) -> None:
        transaction.traces.claim([f"event of {name}"])
        transaction.traces.add_spans([SpanRecord(name, "span", None, None, "s", "LLM", 1, None, False, 3, None, "{}")])
        transaction.traces.save(TraceRecord(name, 5, place=-1, name=name, tags='["a","b"]', spans=1, open=1, tokens=3))
        transaction.scores.add(ScoreRecord(f"score of {name}", name, None, "accuracy", 0.25, None, "caf\xe9", 6))

    return work


def content(store: Store, project: Project) -> Any:
    def work(reader: Reader) -> Any:
        return reader.rows.export()

    return store.read(project.number, work)


async def test_a_restored_snapshot_brings_back_what_was_there(store: Store, archive: Archive, project: Project) -> None:
    await store.write(project.number, fills("first"))
    before = content(store, project)
    await archive.snapshot(project, "then", 7)
    await store.write(project.number, fills("second"))

    restored = await archive.restore(project, "then")

    assert content(store, restored) == before
    assert (restored.id, restored.name) == (project.id, project.name)


async def test_a_snapshot_can_be_restored_again_and_again(store: Store, archive: Archive, project: Project) -> None:
    await store.write(project.number, fills("first"))
    before = content(store, project)
    await archive.snapshot(project, "then", 7)
    for _ in range(3):
        project = await archive.restore(project, "then")
        assert content(store, project) == before
        await store.write(project.number, fills("more"))


async def test_a_snapshot_of_the_same_name_replaces_the_one_before(
    store: Store, archive: Archive, project: Project
) -> None:
    await archive.snapshot(project, "then", 7)
    await store.write(project.number, fills("first"))
    await archive.snapshot(project, "then", 8)

    assert [(snapshot.name, snapshot.created) for snapshot in archive.snapshots(project)] == [("then", 8)]
    assert content(store, await archive.restore(project, "then")) == content(store, project) != {}


async def test_a_snapshot_belongs_to_its_project(catalogue: Catalogue, archive: Archive, project: Project) -> None:
    await archive.snapshot(project, "then", 7)
    other = (await catalogue.create_project(plan="pro")).project

    assert archive.snapshots(other) == ()
    with pytest.raises(UnknownSnapshotError, match="it has: none"):
        await archive.restore(other, "then")


async def test_a_dropped_snapshot_is_gone(archive: Archive, project: Project) -> None:
    await archive.snapshot(project, "then", 7)
    await archive.drop_snapshot(project, "then")

    assert archive.snapshots(project) == ()
    with pytest.raises(UnknownSnapshotError):
        await archive.drop_snapshot(project, "then")


async def test_an_export_travels_as_json_into_another_project(
    store: Store, catalogue: Catalogue, archive: Archive, project: Project
) -> None:
    await store.write(project.number, fills("first"))
    exported = json.loads(json.dumps(archive.export(project)))
    other = (await catalogue.create_project(plan="pro")).project
    await store.write(other.number, fills("other"))

    filled = await archive.import_(other, exported)

    assert content(store, filled) == content(store, project)


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
    store: Store, catalogue: Catalogue, archive: Archive, project: Project, broken: object
) -> None:
    await store.write(project.number, fills("first"))
    before = content(store, project)

    with pytest.raises(ExportError):
        await archive.import_(project, broken)
    assert catalogue.project(project.id) == project
    assert content(store, project) == before
