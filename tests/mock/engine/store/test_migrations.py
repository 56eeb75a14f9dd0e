"""A state file of this build opens in the next one; a file that this build cannot read is refused and left alone."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import apsw
import pytest
from twosignal_mock.apis.rest.store import TABLES, ScoreRecord, repositories_of
from twosignal_mock.engine.store import FileStore, ProjectRegistry, StateError, Tables, Transaction

from tests.mock.engine.store.notes import NOTES, Mark, Note, Repositories, marks_of, notes_of

_BUILD = version("twosignal-contract")


def migrated(*scripts: str) -> Tables[Repositories]:
    """The tables of a build that has more migrations than this one."""
    sqlite = replace(NOTES.sqlite, migrations=(*NOTES.sqlite.migrations, *scripts))
    return replace(NOTES, sqlite=sqlite)


_NEXT = migrated(
    "ALTER TABLE note RENAME TO old_note; CREATE TABLE note (project INTEGER NOT NULL, id TEXT NOT NULL, "
    "text TEXT NOT NULL); INSERT INTO note SELECT project, id, upper(text) FROM old_note; DROP TABLE old_note; "
    "CREATE INDEX note_by_project ON note (project);"
)
_AFTER_NEXT = migrated(_NEXT.sqlite.migrations[1], "UPDATE mark SET name = name || '!';")


async def make(path: Path, tables: Tables[Repositories] = NOTES) -> None:
    """A file with a note and a mark."""

    def fill(transaction: Transaction) -> None:
        transaction.of(tables).notes.add(Note("a", "text"))
        transaction.of(tables).marks.put(Mark("m"))

    store = FileStore(path, [tables])
    await store.write(1, fill)
    await store.close()


async def content(path: Path, tables: Tables[Repositories]) -> tuple[list[Note], list[Mark]]:
    store = FileStore(path, [tables])
    found = list(await store.read(1, notes_of)), list(await store.read(1, marks_of))
    await store.close()
    return found


async def test_a_file_of_this_build_opens_in_the_next_one_and_in_the_one_after(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await make(path)

    assert await content(path, _NEXT) == ([Note("a", "TEXT")], [Mark("m")])
    assert await content(path, _NEXT) == ([Note("a", "TEXT")], [Mark("m")])
    assert await content(path, _AFTER_NEXT) == ([Note("a", "TEXT")], [Mark("m!")])


async def test_several_migrations_are_gone_through_at_once(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await make(path)

    assert await content(path, _AFTER_NEXT) == ([Note("a", "TEXT")], [Mark("m!")])


async def test_an_api_is_added_to_a_file_that_was_made_without_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    await make(path)
    score = ScoreRecord("s", "t", None, "accuracy", 1.0, None, None, 0)

    store = FileStore(path, [NOTES, TABLES])
    await store.write(1, lambda transaction: repositories_of(transaction).scores.add(score))
    assert await store.read(1, notes_of) == [Note("a", "text")]
    assert list(await store.read(1, lambda transaction: repositories_of(transaction).scores.of_trace("t"))) == [score]
    await store.close()


async def test_accounts_of_an_older_file_are_those_of_the_next_build(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = FileStore(path, [NOTES])
    registry = await ProjectRegistry.open(store, plan="free")
    made = await registry.create_project(plan="pro", password="secret")  # noqa: S106 - not one
    await registry.close()
    await store.close()

    store = FileStore(path, [_NEXT])
    registry = await ProjectRegistry.open(store, plan="free")
    assert (found := registry.find_key(made.api_key)) is not None
    assert found.project == made.project
    assert registry.sign_in(made.email, "secret") is not None
    await registry.close()
    await store.close()


def test_a_migration_that_fails_leaves_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    asyncio.run(make(path))

    with pytest.raises(StateError, match="no such table: nobody"):
        FileStore(path, [migrated("UPDATE mark SET name = 'changed';", "DROP TABLE nobody;")])
    assert asyncio.run(content(path, NOTES)) == ([Note("a", "text")], [Mark("m")])


def _newer(path: Path) -> None:
    asyncio.run(make(path, _AFTER_NEXT))
    with apsw.Connection(str(path)) as connection:
        connection.execute("UPDATE migration SET build = '9.8.7' WHERE number = 3")


def _with_another_api(path: Path) -> None:
    store = FileStore(path, [NOTES, TABLES])
    asyncio.run(store.close())


def _with_other_tables(path: Path) -> None:
    script = NOTES.sqlite.migrations[0].replace("note_by_project", "another_name")
    other = replace(NOTES, sqlite=replace(NOTES.sqlite, migrations=(script,)))
    asyncio.run(make(path, other))


def _unnumbered(path: Path) -> None:
    asyncio.run(make(path))
    with apsw.Connection(str(path)) as connection:
        connection.pragma("user_version", 1234567)
        connection.execute("DROP TABLE migration")


@pytest.mark.parametrize(
    ("make_file", "says"),
    [
        (_newer, rf"9\.8\.7 \(schema 3 of 'notes'; this version, {_BUILD}, knows 1\): use 9\.8\.7 or a newer one"),
        (_with_another_api, r"schema [0-9]+ of 'rest'; this version, .*, knows 0"),
        (_with_other_tables, rf"a build of {_BUILD} with other tables \(schema 1 of 'notes'\): use that build"),
        (_unnumbered, r"from before its tables had numbers \(schema 1234567\): only the build that wrote it"),
    ],
    ids=["a newer build", "an API that this build has not", "other tables of the same number", "an unnumbered build"],
)
def test_a_file_that_only_another_build_can_read_is_refused_and_left_as_it_is(
    tmp_path: Path, make_file: Callable[[Path], None], says: str
) -> None:
    path = tmp_path / "state.db"
    make_file(path)
    before = path.read_bytes()

    with pytest.raises(StateError, match=rf"state\.db was written by another version of twosignal-mock.*{says}"):
        FileStore(path, [NOTES])
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["state.db"]
