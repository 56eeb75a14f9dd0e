"""The store: one narrow interface, its errors beside it. Every implementation passes tests/mock/engine/store/contract.

All rows belong to a project's number. Check and change happen in one write; what a write returned is on disk.
A repository (traces, scores, ...) is bound to one project and lives as long as its transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from twosignal_mock.engine.store._project_interface import Accounts, Rows, RowsReader
from twosignal_mock.engine.store._setting_interface import RoutingConfigs, Sessions, Templates
from twosignal_mock.engine.store._trace_interface import ScoreReader, Scores, TraceReader, Traces

A = TypeVar("A")
T = TypeVar("T")


JointWork = Callable[[Sequence[A], "Transaction"], Sequence[T]]
"""What is done for several items, with a result for each."""


class StoreError(Exception):
    """The store could not do it: disk full, file read-only, I/O error. Nothing of the work was kept."""


class StateError(Exception):
    """The state file cannot be used: unreadable, not ours, of another schema version, or opened by another process."""


class Reader(Protocol):
    """What may be read in a project."""

    # Each resource adds its repository here.

    @property
    def traces(self) -> TraceReader:
        """Its traces."""
        ...

    @property
    def scores(self) -> ScoreReader:
        """Its scores."""
        ...

    @property
    def accounts(self) -> Accounts:
        """What stands above the projects."""
        ...

    @property
    def rows(self) -> RowsReader:
        """Its rows, whatever they mean."""
        ...

    @property
    def templates(self) -> Templates:
        """Prompt templates."""
        ...

    @property
    def routing(self) -> RoutingConfigs:
        """Model routing configurations."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Open sessions."""
        ...


class Transaction(Reader, Protocol):
    """What may be changed in a project; all of it is kept or nothing."""

    @property
    def traces(self) -> Traces:
        """Its traces."""
        ...

    @property
    def scores(self) -> Scores:
        """Its scores."""
        ...

    @property
    def rows(self) -> Rows:
        """Its rows, whatever they mean."""
        ...


class Store(Protocol):
    """Where the state of all projects lives."""

    async def write(self, project: int, work: Callable[[Transaction], T]) -> T:
        """What `work` returns, once its changes are stored; whatever it raises is raised here, and nothing is kept.

        `work` runs alone and must not block; it runs once. Raises StoreError when the changes cannot be stored.
        """
        ...

    async def write_together(self, project: int, work: JointWork[A, T], item: A) -> T:
        """What `work` returns for an item, carried out together with those that others bring for it meanwhile.

        As `write`, but that `work` gets several items at once, in the order in which they came. When it raises for
        several, it is run again for each alone, after all that it did was undone.
        """
        ...

    async def read(self, project: int, work: Callable[[Reader], T]) -> T:
        """What `work` returns on the state of all writes that were answered."""
        ...

    def hold(self, project: int) -> AbstractContextManager[None]:
        """While it lasts, writes to a project wait; those that came before are not over. Not twice at a time."""
        ...

    async def close(self) -> None:
        """Waits for the writes under way, and lets the file go."""
        ...
