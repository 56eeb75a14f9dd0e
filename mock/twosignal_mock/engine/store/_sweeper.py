"""Removes the rows of numbers that no project and no snapshot has any more, a few between the writes of others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from twosignal_mock.engine.store._interface import Store, StoreError, Transaction

_STEP = 500
"""Rows in one write. It takes about a millisecond, and other writes may have to wait for it."""

_log = logging.getLogger(__name__)


class Sweeper:
    """Background work of the project registry."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._spared = set[int]()

    async def sweep_left_over(self) -> None:
        """Begins to remove the rows of all numbers without an owner."""

        def work(transaction: Transaction) -> set[int]:
            projects = {project.number for project in transaction.accounts.projects()}
            snapshots = {snapshot.number for snapshot in transaction.accounts.snapshots()}
            return set(transaction.rows.numbers()) - projects - snapshots

        spared = set(self._spared)  # as they are before the read: meanwhile one may get its owner
        for number in sorted(await self._store.read(0, work) - spared):
            self.sweep(number)

    @asynccontextmanager
    async def spare(self, number: int) -> AsyncIterator[None]:
        """Leaves the rows of a number alone while they are written. Afterwards they need an owner."""
        self._spared.add(number)
        try:
            yield
        finally:
            self._spared.discard(number)
            await self.sweep_left_over()

    def sweep(self, number: int) -> None:
        """Begins to remove the rows of a number."""
        if number not in self._tasks:
            task = asyncio.get_running_loop().create_task(self._sweep(number))
            self._tasks[number] = task
            task.add_done_callback(lambda _: self._tasks.pop(number, None))

    async def close(self) -> None:
        """Stops. The rest stays in the file until the next start."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _sweep(self, number: int) -> None:
        try:
            more = True
            while more:
                more = await self._store.write(number, lambda transaction: transaction.rows.drop_some(_STEP))
                await asyncio.sleep(0)
        except StoreError as error:
            _log.warning("Old rows stay until the mock starts again: %s", error)
