"""The store: one narrow interface, its errors beside it. Every implementation passes tests/mock/engine/store/contract.

All rows belong to a project's number. Check and change happen in one write; what a write returned is on disk.
A repository is bound to one project and lives as long as its transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeVar

from twosignal_mock.engine.store._accounts import Accounts
from twosignal_mock.engine.store._tables import Tables

A = TypeVar("A")
R = TypeVar("R")
T = TypeVar("T")


class StoreError(Exception):
    """The store could not do it: disk full, file read-only, I/O error. Nothing of the work was kept."""


class StateError(Exception):
    """The state file cannot be used: unreadable, not ours, of another build, or opened by another process."""


class CopyPosition(NamedTuple):
    """How far a copy of all rows has come."""

    table: int = 0
    after: tuple[Any, ...] = ()
    """The last row that was copied. Only the implementation knows what the values mean."""

    def next_table(self) -> CopyPosition:
        """The beginning of the next table."""
        return CopyPosition(self.table + 1)


class Rows(Protocol):
    """The rows of a project in the tables of all APIs, whatever they mean."""

    def numbers(self) -> Sequence[int]:
        """The numbers of all projects that have rows."""
        ...

    def copy_some(self, number: int, position: CopyPosition, most: int) -> CopyPosition | None:
        """Copies at most `most` rows of another number, from a position on. Returns where to go on; None at the end."""
        ...

    def drop_some(self, most: int) -> bool:
        """Removes at most so many rows. True when there may be more."""
        ...


class Transaction(Protocol):
    """One unit of work on one project: all of it is kept, or nothing."""

    @property
    def accounts(self) -> Accounts:
        """Projects, keys, users and snapshots."""
        ...

    @property
    def rows(self) -> Rows:
        """The project's rows, whatever they mean."""
        ...

    def of(self, tables: Tables[R]) -> R:
        """The repositories of an API, the same ones for as long as the transaction lasts."""
        ...

    def on(self, project: int) -> Transaction:
        """The same unit of work on another project of the sandbox, by its number."""
        ...


BatchWork = Callable[[Sequence[A], Transaction], Sequence[T]]
"""What is done for several items, with a result for each."""


class Store(Protocol):
    """Where the state of all projects lives.

    What `read` and `write` run is a plain function on a transaction. An implementation may run it at once or on another
    thread, so a function touches nothing but its transaction and what never changes.
    """

    @property
    def tables(self) -> Sequence[Tables[Any]]:
        """What the APIs keep in it."""
        ...

    async def write(self, project: int, work: Callable[[Transaction], T]) -> T:
        """Returns what `work` returns, once its changes are stored. What it raises is raised here, and nothing is kept.

        `work` runs once, and no other work on the project runs meanwhile. Raises StoreError when the changes cannot be
        stored.
        """
        ...

    async def write_together(self, project: int, work: BatchWork[A, T], item: A) -> T:
        """Returns what `work` returns for an item. It is carried out together with items that others bring meanwhile.

        As `write`, but `work` gets several items at once, in the order in which they came. When it raises for several,
        all that it did is undone, and it runs again for each of them alone.
        """
        ...

    async def read(self, project: int, work: Callable[[Transaction], T]) -> T:
        """Returns what `work` returns. It sees all writes that were answered, and changes nothing."""
        ...

    def hold(self, project: int) -> AbstractContextManager[None]:
        """While it lasts, new writes to a project wait; earlier ones are carried out. Not twice at a time."""
        ...

    async def close(self) -> None:
        """Waits for the writes under way, and lets the file go."""
        ...
