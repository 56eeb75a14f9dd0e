"""Works that wait: for a transaction that they share, or for the end of a hold on their project."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from typing import Any

import apsw

from twosignal_mock.engine.store._interface import BatchWork, StoreError, Transaction

TransactionOf = Callable[[int], Transaction]
"""From the number of a project to a transaction on it."""


class Job:
    """One work, and its result."""

    __slots__ = ("batched", "error", "item", "outcome", "project", "result", "work")

    def __init__(
        self, project: int, work: BatchWork[Any, Any], item: object, outcome: asyncio.Future[Any], *, batched: bool
    ) -> None:
        self.project = project
        self.work = work
        self.item = item
        self.outcome = outcome
        self.batched = batched
        """True when its work may get items of others too, and may run again."""
        self.result: Any = None
        self.error: Exception | None = None

    def run(self, transaction_of: TransactionOf) -> None:
        """Runs it alone."""
        (self.result,) = self.work([self.item], transaction_of(self.project))

    def settle(self, failure: apsw.Error | None) -> None:
        """Tells the caller, unless the caller is gone. When the group fails, so does each of its works.

        Also a work that raised fails with its group: it may have raised because of what the others did.
        """
        if self.outcome.done():
            return
        error = self.error if failure is None else as_store_error(failure)
        if error is None:
            self.outcome.set_result(self.result)
        else:
            self.outcome.set_exception(error)


def single(work: Callable[[Transaction], Any]) -> BatchWork[None, Any]:
    """A work without an item, in the shape of a work for several."""
    return lambda _, transaction: (work(transaction),)


def run_together(jobs: Sequence[Job], transaction_of: TransactionOf) -> None:
    """Runs works in their order; those in a row that are one work for one project run as one. Raises what one raises.

    None of them can be undone alone. For that SQLite would keep a copy of every page that a work changes, and almost no
    work has to be undone.
    """
    for (project, work), row in groupby(jobs, _KIND):
        alike = list(row)
        results = work([job.item for job in alike], transaction_of(project))
        for job, result in zip(alike, results, strict=True):
            job.result = result


def as_store_error(error: Exception) -> Exception:
    """A StoreError for an error of SQLite; any other error as it is."""
    if not isinstance(error, apsw.Error):
        return error
    failure = StoreError(f"The state could not be changed: {error}")
    failure.__cause__ = error
    return failure


class Holds:
    """The projects whose writes wait, by number: their rows are being copied, and a copy is of one moment."""

    def __init__(self) -> None:
        self._ends: dict[int, asyncio.Event] = {}

    @contextmanager
    def hold(self, project: int) -> Iterator[None]:
        """Holds a project. Raises ValueError when it is held already."""
        if project in self._ends:
            raise ValueError(f"project {project} is held already")
        end = self._ends[project] = asyncio.Event()
        try:
            yield
        finally:
            del self._ends[project]
            end.set()

    def __contains__(self, project: int) -> bool:
        return project in self._ends

    async def wait(self, project: int) -> None:
        """Returns when the project is not held."""
        while (end := self._ends.get(project)) is not None:
            await end.wait()


_KIND: Callable[[Job], tuple[int, BatchWork[Any, Any]]] = attrgetter("project", "work")
