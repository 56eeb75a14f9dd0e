"""The state in memory: one connection, used by the thread that asks, one work after the other.

Works that come together share a transaction: to begin and to end one takes as long as a small batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, TypeVar, cast

import apsw

from twosignal_mock.engine.store._interface import BatchWork, StoreError, Transaction
from twosignal_mock.engine.store._tables import Tables
from twosignal_mock.engine.store.sqlite._connection import open_memory
from twosignal_mock.engine.store.sqlite._jobs import Holds, Job, run_together
from twosignal_mock.engine.store.sqlite._migrations import scripts_of
from twosignal_mock.engine.store.sqlite._rows import RowTables
from twosignal_mock.engine.store.sqlite._transaction import SqliteTransaction

A = TypeVar("A")
R = TypeVar("R")
T = TypeVar("T")


class MemoryStore:
    """A Store that is gone with the process."""

    def __init__(self, tables: Sequence[Tables[Any]]) -> None:
        self.tables = tables
        self._connection = open_memory(scripts_of(tables))
        self._transaction = partial(SqliteTransaction, self._connection, RowTables.of(tables))
        self._holds = Holds()
        self._waiting: list[Job] = []

    async def write(self, project: int, work: Callable[[Transaction], T]) -> T:
        """Returns what `work` returns, once its changes are stored. It waits for nothing but a hold."""
        if project in self._holds:
            await self._holds.wait(project)
        return self._carry_out(lambda: work(self._transaction(project)))

    async def write_together(self, project: int, work: BatchWork[A, T], item: A) -> T:
        """Returns what `work` returns for an item. It runs with those that come in the same turn of the loop."""
        if project in self._holds:
            await self._holds.wait(project)
        loop = asyncio.get_running_loop()
        job = Job(project, work, item, loop.create_future(), batched=True)
        if not self._waiting:
            loop.call_soon(self._run_waiting)
        self._waiting.append(job)
        return cast(T, await job.outcome)

    def _run_waiting(self) -> None:
        jobs, self._waiting = self._waiting, []
        if not jobs:
            return
        try:
            self._carry_out(lambda: run_together(jobs, self._transaction))
        except Exception:  # noqa: BLE001 - it comes again for the job that it belongs to
            for job in jobs:
                self._run_alone(job)
        for job in jobs:
            job.settle(None)

    def _run_alone(self, job: Job) -> None:
        try:
            self._carry_out(lambda: job.run(self._transaction))
        except Exception as error:  # noqa: BLE001 - it is its caller's
            job.error = error

    def _carry_out(self, work: Callable[[], R]) -> R:
        execute = self._connection.execute
        try:
            execute("BEGIN")
            try:
                result = work()
            except BaseException:
                execute("ROLLBACK")
                raise
            execute("COMMIT")
        except apsw.Error as error:
            raise StoreError(f"The state could not be changed: {error}") from error
        return result

    def hold(self, project: int) -> AbstractContextManager[None]:
        """While it lasts, new writes to a project wait; earlier ones are carried out."""
        self._run_waiting()
        return self._holds.hold(project)

    async def read(self, project: int, work: Callable[[Transaction], T]) -> T:
        """Returns what `work` returns. It sees all writes that were answered."""
        try:
            return work(self._transaction(project))
        except apsw.Error as error:
            raise StoreError(f"The state could not be read: {error}") from error

    async def close(self) -> None:
        """Frees the memory."""
        self._run_waiting()
        self._connection.close()
