"""What only a state file can show: what survives, who may open it, what happens when the disk is full."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import pytest
from twosignal_mock.engine.store import FileStore, ProjectRegistry, StateError, StoreError, Transaction

from tests.mock.engine.store.notes import NOTES, Mark, marks_of
from tests.mock.engine.store.waiting import until_empty

# Of the store's outside: SQLite's pages of 4,096 bytes; small files here, for the sake of speed.
_PAGE = 4096
_ROOT = Path(__file__).parents[4]
"""Where programs of their own find the package `tests`."""


def adds(note_id: str, bytes_: int = 10) -> Callable[[Transaction], None]:
    def work(transaction: Transaction) -> None:
        transaction.of(NOTES).marks.put(Mark(note_id, "x" * bytes_))

    return work


async def ids_of(store: FileStore, project: int = 1) -> set[str]:
    return {mark.name for mark in await store.read(project, marks_of)}


def size_of(path: Path) -> int:
    return path.stat().st_size


def names_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def accepts(writing: Awaitable[object]) -> bool:
    try:
        await writing
    except StoreError:
        return False
    return True


async def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.db", [NOTES])
    await store.write(1, adds("a"))
    await store.close()

    again = FileStore(tmp_path / "state.db", [NOTES])
    assert await ids_of(again) == {"a"}
    await again.close()


async def test_a_closed_store_leaves_the_file_alone(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.db", [NOTES])
    await store.write(1, adds("a"))
    await store.close()

    assert names_in(tmp_path) == ["state.db"]
    with pytest.raises(StoreError, match="closed"):
        await store.write(1, adds("b"))


async def test_every_answer_comes_after_the_commit(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.db", [NOTES])
    outside = apsw.Connection(str(tmp_path / "state.db"), flags=apsw.SQLITE_OPEN_READONLY)
    missing = []

    async def write_and_look(note_id: str) -> None:
        await store.write(1, adds(note_id))
        # Another connection sees nothing but what is committed.
        if not outside.execute("SELECT 1 FROM mark WHERE name = ?", (note_id,)).fetchone():
            missing.append(note_id)

    await asyncio.gather(*(write_and_look(str(number)) for number in range(300)))
    outside.close()
    await store.close()

    assert missing == []


async def test_writes_of_one_moment_share_a_commit(tmp_path: Path) -> None:
    sizes = []
    for name, together in (("one.db", 1), ("many.db", 50)):
        store = FileStore(tmp_path / name, [NOTES])
        start = size_of(tmp_path / f"{name}-wal")
        for first in range(0, 100, together):
            await asyncio.gather(*(store.write(1, adds(str(first + index))) for index in range(together)))
        sizes.append(size_of(tmp_path / f"{name}-wal") - start)
        await store.close()

    # Every commit writes the pages that it changed, so that few commits make a short log.
    assert sizes[1] * 5 < sizes[0]


async def test_the_log_stays_bounded_under_a_steady_load(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.db", [NOTES])
    largest = 0
    for number in range(300):
        await store.write(1, adds(str(number), 40 * _PAGE))
        largest = max(largest, size_of(tmp_path / "state.db-wal"))
        await store.read(1, marks_of)
    await store.close()

    assert size_of(tmp_path / "state.db") > 48_000_000
    assert largest < 25_000_000


async def test_a_full_disk_refuses_every_write_of_the_group_and_keeps_nothing_of_it(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.db", [NOTES], most_pages=200)
    works = [store.write(1, adds(str(number), 5 * _PAGE)) for number in range(100)]
    answers = await asyncio.gather(*works, return_exceptions=True)

    kept = {str(number) for number, answer in enumerate(answers) if answer is None}
    assert {type(answer) for answer in answers} <= {type(None), StoreError}
    assert len(kept) < 100
    assert await ids_of(store) == kept
    await store.close()


async def test_a_store_lives_on_when_there_is_room_again(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.db", [NOTES], most_pages=200)
    registry = await ProjectRegistry.open(store, plan="free")
    project = (await registry.create_project(plan="free")).project
    number = 0
    while await accepts(store.write(project.number, adds(str(number), 5 * _PAGE))):
        number += 1
    assert await ids_of(store, project.number) == {str(kept) for kept in range(number)}

    async with asyncio.timeout(10):
        while await store.write(project.number, lambda transaction: transaction.rows.drop_some(10)):
            pass
    await store.write(project.number, adds("after", 5 * _PAGE))

    assert await ids_of(store, project.number) == {"after"}
    await registry.close()
    await store.close()


async def test_a_second_opener_is_refused_until_the_first_has_closed(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    store = FileStore(path, [NOTES])
    with pytest.raises(StateError, match=r"state\.db is in use by another process: stop that one, or name another"):
        FileStore(path, [NOTES])
    await store.write(1, adds("a"))
    await store.close()
    await FileStore(path, [NOTES]).close()


def test_the_lock_of_a_killed_process_is_gone_with_it(tmp_path: Path) -> None:
    program = (
        "import sys, time, pathlib; from twosignal_mock.engine.store import FileStore;"
        "from tests.mock.engine.store.notes import NOTES;"
        "store = FileStore(pathlib.Path(sys.argv[1]), [NOTES]); print('open', flush=True); time.sleep(60)"
    )
    path = tmp_path / "state.db"
    process = subprocess.Popen([sys.executable, "-c", program, str(path)], stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(StateError, match="in use"):
            FileStore(path, [NOTES])
        process.send_signal(signal.SIGKILL)
    asyncio.run(FileStore(path, [NOTES]).close())


def test_a_commit_that_the_disk_refuses_acknowledges_nothing_and_the_store_recovers(tmp_path: Path) -> None:
    # The limit holds for a whole process, so that a process of its own has it.
    program = """
import asyncio, pathlib, resource, sys
from twosignal_mock.engine.store import FileStore, StoreError
from tests.mock.engine.store.notes import NOTES, Mark, marks_of

async def main():
    store = FileStore(pathlib.Path(sys.argv[1]), [NOTES])
    def add(name):
        mark = Mark(name, "x" * 20_000)
        return store.write(1, lambda transaction: transaction.of(NOTES).marks.put(mark))
    async def ids():
        return [mark.name for mark in await store.read(1, marks_of)]
    await add("before")
    size = pathlib.Path(sys.argv[1] + "-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    answers = await asyncio.gather(*(add(name) for name in "abc"), return_exceptions=True)
    print([type(answer).__name__ for answer in answers], await ids())
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    await add("after")
    print(await ids())
    await store.close()

asyncio.run(main())
"""
    command = [sys.executable, "-c", program, str(tmp_path / "state.db")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=_ROOT)

    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "['StoreError', 'StoreError', 'StoreError'] ['before']",
        "['after', 'before']",
    ]


def _other_program(path: Path) -> None:
    with apsw.Connection(str(path)) as connection:
        connection.pragma("application_id", 7)
        connection.execute("CREATE TABLE theirs (a)")


def _unmarked(path: Path) -> None:
    with apsw.Connection(str(path)) as connection:
        connection.execute("CREATE TABLE theirs (a)")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda path: path.write_bytes(b"no database at all" * 100), "cannot be used"),
        (_other_program, "of another program"),
        (_unmarked, "of another program"),
    ],
    ids=["no database", "another program", "a database without a mark"],
)
def test_a_file_that_is_not_ours_is_refused_and_left_as_it_is(
    tmp_path: Path, make: Callable[[Path], object], says: str
) -> None:
    path = tmp_path / "state.db"
    make(path)
    before = path.read_bytes()

    with pytest.raises(StateError, match=says) as refused:
        FileStore(path, [NOTES])
    assert str(path) in str(refused.value)
    assert path.read_bytes() == before
    assert not path.with_name("state.db.lock").exists()


def test_a_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="is a directory"):
        FileStore(tmp_path, [NOTES])


def test_a_missing_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="its directory is missing"):
        FileStore(tmp_path / "missing" / "state.db", [NOTES])


async def test_rows_that_a_crash_left_over_are_removed_after_the_next_start(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "state.db", [NOTES])
    await store.write(4711, adds("of nobody"))
    registry = await ProjectRegistry.open(store, plan="free")
    await until_empty(lambda: ids_of(store, 4711))
    assert not await ids_of(store, 4711)
    await registry.close()
    await store.close()
