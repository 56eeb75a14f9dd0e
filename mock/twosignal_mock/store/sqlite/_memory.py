"""The state in memory: one connection, used by the thread that asks, one work after the other."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

import apsw

from twosignal_mock.store._holds import Holds
from twosignal_mock.store._interface import Reader, StoreError, Transaction
from twosignal_mock.store.sqlite._connection import open_memory
from twosignal_mock.store.sqlite._session import Session

T = TypeVar("T")


class MemoryStore:
    """A Store that is gone with the process."""

    def __init__(self) -> None:
        self._connection = open_memory()
        self._holds = Holds()

    async def write(self, project: int, work: Callable[[Transaction], T], *, repeatable: bool = False) -> T:
        """What `work` returns, once its changes are stored; waits for nothing but a hold, and nothing is run again."""
        del repeatable
        if project in self._holds:
            await self._holds.wait(project)
        execute = self._connection.execute
        try:
            execute("BEGIN")
            try:
                result = work(Session(self._connection, project))
            except BaseException:
                execute("ROLLBACK")
                raise
            execute("COMMIT")
        except apsw.Error as error:
            raise StoreError(f"The state could not be changed: {error}") from error
        return result

    def hold(self, project: int) -> AbstractContextManager[None]:
        """While it lasts, writes to a project wait."""
        return self._holds.hold(project)

    def read(self, project: int, work: Callable[[Reader], T]) -> T:
        """What `work` returns on the state of all writes that were answered."""
        try:
            return work(Session(self._connection, project))
        except apsw.Error as error:
            raise StoreError(f"The state could not be read: {error}") from error

    async def close(self) -> None:
        """Frees the memory."""
        self._connection.close()
