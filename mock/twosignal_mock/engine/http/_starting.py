"""Begins a coroutine at once: most requests are answered without a wait, and those need no task of their own.

What asyncio.Task(eager_start=True) does, which Python has from 3.12 on. Until its first wait a coroutine that was begun
so is in no task: asyncio.current_task() is None there, and whoever asks for it (asyncio.timeout, say) must not come
first. Nothing that serves a request does.
"""

from __future__ import annotations

import asyncio
import types
from collections.abc import Callable, Coroutine, Generator
from typing import Any


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
    """Hands what the coroutine waits for to the task, and back to it what the task is told."""
    step: Callable[[Any], Any]
    while True:
        try:
            told = yield awaited
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the coroutine's to deal with
            step, argument = work.throw, error
        else:
            step, argument = work.send, told
        try:
            awaited = step(argument)
        except StopIteration:
            return
