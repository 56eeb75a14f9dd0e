"""The state in a file: writes that arrive together share a transaction and its fsync, and are answered after it.

Works run on the thread of the event loop; only COMMIT, which waits for the disk, runs on another thread. So a group of
works costs two hand-overs between threads, however many works it has. If the works ran on the other thread, the two
threads would hand over Python's lock at every statement.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar, cast

import apsw

from twosignal_mock.engine.store._interface import BatchWork, StateError, StoreError, Transaction
from twosignal_mock.engine.store._tables import Tables
from twosignal_mock.engine.store.sqlite._connection import open_file, open_reader
from twosignal_mock.engine.store.sqlite._jobs import Holds, Job, as_store_error, run_together, single
from twosignal_mock.engine.store.sqlite._lock import FileLock
from twosignal_mock.engine.store.sqlite._migrations import scripts_of
from twosignal_mock.engine.store.sqlite._rows import RowTables
from twosignal_mock.engine.store.sqlite._transaction import SqliteTransaction

A = TypeVar("A")
T = TypeVar("T")

_IN_MEMORY = {":memory:"}
"""Names that SQLite takes for no file; each connection would have a state of its own."""
_GROUP = 256
"""Most works in one transaction. It bounds how long the first of them waits for the others."""
_QUEUE = 1024
"""Most works that wait for a transaction. Further ones wait for room."""


class FileStore:
    """A Store in a SQLite file, in WAL mode with full synchronisation: what was answered survives a power cut.

    One event loop at a time may use it. Raises StateError when the file cannot be used.
    """

    def __init__(self, path: Path, tables: Sequence[Tables[Any]], *, most_pages: int | None = None) -> None:
        """Opens or makes the file; `most_pages` of 4,096 bytes is all it may grow to (None: no bound)."""
        self.tables = tables
        _check_path(path)
        self._lock = FileLock(path)
        try:
            self._writer = open_file(path, scripts_of(tables))
        except StateError:
            self._lock.release()
            raise
        if most_pages is not None:
            self._writer.pragma("max_page_count", most_pages)
        self._reader = open_reader(path)
        self._writing = partial(SqliteTransaction, self._writer, RowTables.of(tables))
        self._reading = partial(SqliteTransaction, self._reader, RowTables.of(tables))
        self._waiting: deque[Job] = deque()
        self._room: deque[asyncio.Future[None]] = deque()
        self._idle = asyncio.Event()
        self._idle.set()
        self._holds = Holds()
        self._closed = False
        self._commits: SimpleQueue[_Group | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._commit_groups, name="store-commit", daemon=True)
        self._thread.start()

    async def write(self, project: int, work: Callable[[Transaction], T]) -> T:
        """Returns what `work` returns, once it is on disk. What it raises is raised here, and nothing is kept."""
        return cast(T, await self._write(project, single(work), None, batched=False))

    async def write_together(self, project: int, work: BatchWork[A, T], item: A) -> T:
        """Returns what `work` returns for an item. It runs together with items of others."""
        return cast(T, await self._write(project, work, item, batched=True))

    async def _write(self, project: int, work: BatchWork[Any, Any], item: object, *, batched: bool) -> Any:
        loop = asyncio.get_running_loop()
        while project in self._holds or len(self._waiting) >= _QUEUE:
            await self._holds.wait(project)
            if len(self._waiting) >= _QUEUE:
                room = loop.create_future()
                self._room.append(room)
                await room
        if self._closed:
            raise StoreError("The store is closed")
        job = Job(project, work, item, loop.create_future(), batched=batched)
        self._waiting.append(job)
        if self._idle.is_set():
            self._idle.clear()
            # Whatever else the loop has read by now joins the group.
            loop.call_soon(self._run_group, loop)
        return await job.outcome

    def hold(self, project: int) -> AbstractContextManager[None]:
        """While it lasts, new writes to a project wait; earlier ones are carried out, because they are queued."""
        return self._holds.hold(project)

    async def read(self, project: int, work: Callable[[Transaction], T]) -> T:
        """Returns what `work` returns. It sees all writes that were answered."""
        try:
            if not self._reader.in_transaction:
                self._reader.execute("BEGIN")  # so that all statements of the work see one state
            try:
                return work(self._reading(project))
            finally:
                # While nothing is written the next work may see the same state. While something is, no reader stays:
                # it would keep the log from being written back, and so from beginning anew.
                if not self._idle.is_set():
                    self._end_reading()
        except apsw.Error as error:
            raise StoreError(f"The state could not be read: {error}") from error

    async def close(self) -> None:
        """Waits for the writes under way, writes the log back into the file, and lets the file go."""
        if self._closed:
            return
        self._closed = True
        await self._idle.wait()
        self._commits.put(None)
        self._thread.join()
        self._reader.close()
        try:
            self._writer.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.Error as error:
            raise StoreError(f"The log could not be written back, it is kept beside the file: {error}") from error
        finally:
            self._writer.close()
            self._lock.release()

    # --- on the thread of the event loop ------------------------------------------------------------------------------

    def _run_group(self, loop: asyncio.AbstractEventLoop) -> None:
        jobs = [self._waiting.popleft() for _ in range(min(_GROUP, len(self._waiting)))]
        group = _Group(jobs, loop)
        try:
            self._end_reading()
            self._writer.execute("BEGIN IMMEDIATE")
            if not (all(job.batched for job in jobs) and self._run_together(jobs)):
                for job in jobs:
                    self._run(job)
        except apsw.Error as error:
            self._undo()
            self._settle(group, error)
            return
        self._commits.put(group)

    def _run_together(self, jobs: list[Job]) -> bool:
        """Runs works that can run again. False when one failed; then all that they did is undone."""
        try:
            run_together(jobs, self._writing)
        except Exception:  # noqa: BLE001 - it comes again under a savepoint, and its caller is told
            self._undo()
            self._writer.execute("BEGIN IMMEDIATE")
            return False
        return True

    def _run(self, job: Job) -> None:
        """Runs one work under a savepoint. Raises apsw.Error when SQLite gave up the whole transaction."""
        execute = self._writer.execute
        execute("SAVEPOINT work")
        try:
            job.run(self._writing)
        except Exception as error:
            if not self._writer.in_transaction:
                raise
            execute("ROLLBACK TO work")
            job.error = as_store_error(error)
        execute("RELEASE work")

    def _settle(self, group: _Group, error: apsw.Error | None) -> None:
        """Answers a group that is on disk, or that could not be stored. Then the next group begins."""
        for job in group.jobs:
            job.settle(error)
        while self._room:
            room = self._room.popleft()
            if not room.done():
                room.set_result(None)
        if self._waiting:
            group.loop.call_soon(self._run_group, group.loop)
        else:
            self._idle.set()

    def _end_reading(self) -> None:
        """Lets go of the state that reads saw last, unless SQLite did so already."""
        if self._reader.in_transaction:
            self._reader.execute("COMMIT")

    def _undo(self) -> None:
        """Ends a transaction that failed, unless SQLite did so already."""
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK")

    # --- on the thread that waits for the disk ------------------------------------------------------------------------

    def _commit_groups(self) -> None:
        while (group := self._commits.get()) is not None:
            failure: apsw.Error | None = None
            try:
                self._writer.execute("COMMIT")
            except apsw.Error as error:
                failure = error
                self._undo()
            group.loop.call_soon_threadsafe(self._settle, group, failure)


class _Group:
    """The works of one transaction, and the loop that waits for them."""

    __slots__ = ("jobs", "loop")

    def __init__(self, jobs: list[Job], loop: asyncio.AbstractEventLoop) -> None:
        self.jobs = jobs
        self.loop = loop


def _check_path(path: Path) -> None:
    if str(path) in _IN_MEMORY:
        raise StateError(f"SQLite takes {path} for a state in memory: leave --state out for that, or name a file")
    try:
        is_folder, has_folder = path.is_dir(), path.parent.is_dir()
    except OSError as error:
        raise StateError(
            f"The state file {path} cannot be used ({error.strerror}): name another with --state"
        ) from None
    if is_folder:
        raise StateError(f"The state file {path} is a directory: name a file with --state")
    if not has_folder:
        raise StateError(f"The state file {path} cannot be made, its directory is missing: make {path.parent} first")
