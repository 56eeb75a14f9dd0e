"""What APIs do beside requests: turns of their workers, by the clock of each sandbox. No request waits for a turn.

For one event loop: nothing here is locked.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TypeVar

from twosignal_mock.engine.api import Project, WorkCall, Worker
from twosignal_mock.engine.sandbox._clock import ClockKind
from twosignal_mock.engine.sandbox._sandbox import Sandboxes
from twosignal_mock.engine.store import ProjectRegistry, Store, Transaction

_PAUSE = 0.1
"""Seconds between the write of a request and the turn that it causes, so that a run of writes causes one."""
_REST = 1.0
"""Seconds until a turn that failed comes again."""
_MOST_TURNS = 16
"""At once, over all sandboxes and workers."""
_LONGEST_SLEEP = 3600.0
"""Seconds. A clock may be set meanwhile; whoever sets it wakes its sandbox."""

_T = TypeVar("_T")
_Place = tuple[int, str]
"""Index of a worker, id of a project."""


class Workers:
    """Gives all workers their turns."""

    def __init__(
        self, workers: Sequence[Worker], registry: ProjectRegistry, sandboxes: Sandboxes, store: Store
    ) -> None:
        self._workers = tuple(workers)
        self._registry = registry
        self._sandboxes = sandboxes
        self._store = store
        self._tasks: dict[_Place, asyncio.Task[None]] = {}
        self._again = set[_Place]()
        """Those that something happened to while they had their turn."""
        self._timers: dict[_Place, asyncio.TimerHandle] = {}
        self._free = asyncio.Semaphore(_MOST_TURNS)
        self._changed = asyncio.Event()
        """Set, and replaced by another one, when a turn has ended."""
        self._closed = False

    @property
    def wake(self) -> Callable[[Project], None] | None:
        """Tells that something was stored for a project; None without workers."""
        return self._wake if self._workers else None

    def wake_sandbox(self, project: Project) -> None:
        """Tells that the clock of a project's sandbox was moved, or its rows were replaced."""
        for each in self._of_sandbox(project):
            self._wake(each, 0)

    def _of_sandbox(self, project: Project) -> tuple[Project, ...]:
        home = project.home or project.id
        owner = self._registry.project(home)
        return (*(() if owner is None else (owner,)), *self._registry.sharing(home))

    def start(self) -> None:
        """Begin with what an earlier run left."""
        if self._workers:
            for project in self._registry.projects():
                self._wake(project, 0)

    async def close(self) -> None:
        """End all turns, wherever they are."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        tasks = tuple(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def wait(self, project: Project, seconds: float) -> bool:
        """Waits until nothing is left to do in a project's sandbox by its clock; False when that takes longer."""
        # In a task of its own: a request is none, and only a task can be timed out.
        return await asyncio.get_running_loop().create_task(self._wait(project, seconds))

    async def _wait(self, project: Project, seconds: float) -> bool:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not self._is_idle(project):
                    await self._changed.wait()
        return self._is_idle(project)

    def _is_idle(self, project: Project) -> bool:
        places = [(index, each.id) for index in range(len(self._workers)) for each in self._of_sandbox(project)]
        return not any(place in self._tasks or place in self._timers for place in places)

    def _wake(self, project: Project, pause: float = _PAUSE) -> None:
        for index in range(len(self._workers)):
            self._begin((index, project.id), pause)

    def _begin(self, place: _Place, pause: float = 0) -> None:
        if self._closed:
            return
        if place in self._tasks:
            self._again.add(place)
            return
        if (timer := self._timers.pop(place, None)) is not None:
            timer.cancel()
        task = asyncio.get_running_loop().create_task(self._run(place, pause))
        self._tasks[place] = task
        task.add_done_callback(partial(self._end, place))

    async def _run(self, place: _Place, pause: float) -> None:
        await asyncio.sleep(pause)
        async with self._free:
            self._again.discard(place)
            index, project_id = place
            project = self._registry.project(project_id)
            if project is None:
                return
            worker, seconds = self._workers[index], None
            try:
                seconds = await self._turn(worker, project)
            except Exception:  # noqa: BLE001 - whatever one turn brings to light, the mock and the other workers go on
                _report(worker, traceback.format_exc())
                seconds = _REST
        if seconds is not None and not self._closed:
            delay = min(seconds, _LONGEST_SLEEP)
            self._timers[place] = asyncio.get_running_loop().call_later(delay, self._begin, place)

    async def _turn(self, worker: Worker, project: Project) -> float | None:
        """Seconds until there is more to do; None: not before something happens."""
        sandbox = self._sandboxes.of(project)
        read = partial(self._store.read, project.number)

        async def write(work: Callable[[Transaction], _T]) -> _T:
            result = await self._store.write(project.number, work)
            # What one worker leaves may be another one's to do.
            for index, other in enumerate(self._workers):
                if other is not worker:
                    self._begin((index, project.id))
            return result

        while True:
            now = sandbox.clock.now() // 1000
            more = await worker.turn(WorkCall(project, now, read, write))
            if more is None:
                return None
            if more > now:
                return None if sandbox.clock.kind is ClockKind.FROZEN else (more - now) / 1000
            await asyncio.sleep(0)

    def _end(self, place: _Place, task: asyncio.Task[None]) -> None:
        del self._tasks[place]
        if place in self._again:
            self._again.discard(place)
            if not task.cancelled():
                self._begin(place)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _report(worker: Worker, text: str) -> None:
    with suppress(OSError, ValueError):  # nobody reads it, or the stream is closed
        print(f"twosignal-mock: the worker {worker.name} failed:\n{text}", file=sys.stderr, flush=True)
