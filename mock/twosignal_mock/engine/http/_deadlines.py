"""How long connections may wait: the phases of one, and the one timer that finds whichever is overdue."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from enum import IntEnum
from typing import Protocol

_SWEEP_SECONDS = 0.25
"""How often deadlines are looked at: they are late by no more than this."""


class Phase(IntEnum):
    """What a connection waits for."""

    IDLE = 0
    HEAD = 1
    BODY = 2
    ANSWER = 3
    DRAIN = 4
    """An answer was given before its request was complete: the rest is read and thrown away."""
    DISCARD = 5
    """The connection was refused: everything is thrown away until the peer closes."""


class Waiting(Protocol):
    """What may be overdue."""

    deadline: float
    """By the loop's clock; infinite when it may wait for ever."""

    def expire(self) -> None:
        """The deadline has passed."""
        ...


class Sweeper:
    """Looks at the deadlines of all connections of a server, as long as there are any: a request costs no timer."""

    def __init__(self) -> None:
        self._watching = False

    def watch(self, loop: asyncio.AbstractEventLoop, connections: Collection[Waiting]) -> None:
        """Begin, if not begun, with these connections; the collection is asked again each time."""
        if not self._watching:
            self._watching = True
            loop.call_later(_SWEEP_SECONDS, self._sweep, loop, connections)

    def _sweep(self, loop: asyncio.AbstractEventLoop, connections: Collection[Waiting]) -> None:
        now = loop.time()
        for connection in tuple(connections):
            if connection.deadline < now:
                connection.expire()
        self._watching = bool(connections)
        if self._watching:
            loop.call_later(_SWEEP_SECONDS, self._sweep, loop, connections)
