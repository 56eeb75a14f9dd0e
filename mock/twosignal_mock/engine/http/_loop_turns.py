"""What is done within one turn of the event loop: coroutines begin at once, and writes are gathered.

Most requests get their response without a wait, and those need no task of their own: `begin` does what
asyncio.Task(eager_start=True) does, which Python has from 3.12 on. Until its first wait such a coroutine is in no task:
asyncio.current_task() is None there, and whoever asks for it (asyncio.timeout, say) must not come first. Nothing that
serves a request does.

uvloop writes at once (0.23). A client that sleeps on another processor is woken by each response, which takes the
server longer than to write it; behind the first of several responses it is awake already. So writes of one turn leave
together. None waits for more than what the loop has to do in one turn, nor for more than MOST others.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any

MOST = 16
"""Responses that are gathered: more would gain nothing, and the first of them would wait."""


class Gathering:
    """What one server's connections have to write."""

    def __init__(self) -> None:
        self._waiting: list[Outlet] = []

    def add(self, outlet: Outlet) -> None:
        """Write at the end of this turn."""
        if not self._waiting:
            outlet.loop.call_soon(self._flush)
        self._waiting.append(outlet)
        if len(self._waiting) >= MOST:
            self._flush()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        for outlet in waiting:
            outlet.flush()


class Outlet(asyncio.Transport):
    """A connection's transport that writes later; everything else that it is asked for comes after what was written."""

    def __init__(self, transport: asyncio.Transport, gathering: Gathering, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self.loop = loop
        self._transport = transport
        self._gathering = gathering
        self._held = b""

    def write(self, data: Any) -> None:
        """Bytes to be sent, in order."""
        if self._held:
            self._held += data
        elif data:
            self._held = data
            self._gathering.add(self)

    def flush(self) -> None:
        """Write now."""
        held, self._held = self._held, b""
        if held:
            self._transport.write(held)

    def close(self) -> None:
        """End the connection, when all is sent."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._held = b""
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether it is ending."""
        return self._transport.is_closing()

    def can_write_eof(self) -> bool:
        """Whether our half can be closed alone."""
        return self._transport.can_write_eof()

    def write_eof(self) -> None:
        """Close our half, when all is sent."""
        self.flush()
        self._transport.write_eof()

    def pause_reading(self) -> None:
        """Read nothing more for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Read again."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What is known of the connection."""
        return self._transport.get_extra_info(name, default)


def begin(work: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> asyncio.Task[None] | None:
    """Runs `work` to its first wait; the task that does the rest, None when nothing is left."""
    try:
        awaited = work.send(None)
    except StopIteration:
        return None
    return loop.create_task(_finish(work, awaited))


async def _finish(work: Coroutine[Any, Any, None], awaited: Any) -> None:
    await _rest(work, awaited)


@types.coroutine
def _rest(work: Coroutine[Any, Any, None], awaited: Any) -> Generator[Any, Any, None]:
    """Passes what the coroutine waits for to the task, and what the task gets back to the coroutine."""
    step: Callable[[Any], Any]
    while True:
        try:
            result = yield awaited
        except BaseException as error:  # noqa: BLE001 - whatever it is, the coroutine deals with it
            step, argument = work.throw, error
        else:
            step, argument = work.send, result
        try:
            awaited = step(argument)
        except StopIteration:
            return
