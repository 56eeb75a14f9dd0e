"""Keeps the writes of a project waiting while its rows are copied, so that the copy is of one moment."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


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
