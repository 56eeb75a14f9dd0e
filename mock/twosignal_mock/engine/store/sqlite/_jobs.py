"""Works that wait: for a transaction, in which several of them run, or for the end of a hold on their project."""

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
    """One work, and what came of it."""

    __slots__ = ("answer", "error", "item", "joint", "project", "result", "work")

    def __init__(
        self, project: int, work: BatchWork[Any, Any], item: object, answer: asyncio.Future[Any], *, joint: bool
    ) -> None:
        self.project = project
        self.work = work
        self.item = item
        self.answer = answer
        self.joint = joint
        """Whether its work may have items of others too, and be run again."""
        self.result: Any = None
        self.error: Exception | None = None

    def run(self, transaction_of: TransactionOf) -> None:
        """Carries it out alone."""
        (self.result,) = self.work([self.item], transaction_of(self.project))

    def settle(self, failure: apsw.Error | None) -> None:
        """Tells the caller, unless gone. A refusal may rest on other works of its group, and falls with them."""
        if self.answer.done():
            return
        error = self.error if failure is None else as_store_error(failure)
        if error is None:
            self.answer.set_result(self.result)
        else:
            self.answer.set_exception(error)


def single(work: Callable[[Transaction], Any]) -> BatchWork[None, Any]:
    """A work that needs no item, as one of those that have some."""
    return lambda _, transaction: (work(transaction),)


def run_together(jobs: Sequence[Job], transaction_of: TransactionOf) -> None:
    """Carries out works in their order, those in a row that are one work for one project at once; raises what one does.

    Nothing is set up to undo one of them alone: for that SQLite keeps a copy of every page that a work changes, and
    nearly never is one needed.
    """
    for (project, work), row in groupby(jobs, _KIND):
        alike = list(row)
        results = work([job.item for job in alike], transaction_of(project))
        for job, result in zip(alike, results, strict=True):
            job.result = result


def as_store_error(error: Exception) -> Exception:
    """The store's word for an error of SQLite; any other as it is."""
    if not isinstance(error, apsw.Error):
        return error
    failure = StoreError(f"The state could not be changed: {error}")
    failure.__cause__ = error
    return failure


class Holds:
    """The projects that are held, by their numbers. For one event loop."""

    def __init__(self) -> None:
        self._ends: dict[int, asyncio.Event] = {}

    @contextmanager
    def hold(self, project: int) -> Iterator[None]:
        """Holds a project that is not held yet; raises ValueError if it is."""
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
        """Returns once the project is not held."""
        while (end := self._ends.get(project)) is not None:
            await end.wait()


_KIND: Callable[[Job], tuple[int, BatchWork[Any, Any]]] = attrgetter("project", "work")
