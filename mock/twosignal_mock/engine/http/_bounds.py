"""What one client may cost, in bytes, seconds and connections, and the one timer that finds connections overdue.

None of it is the contract's; all of it is ours.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a server. A test may tighten them."""

    head: int = 32 * KIBIBYTE
    """Bytes of the request line and all headers. Twice what nginx takes (4 buffers of 8 KiB hold one line each)."""
    connections: int = 1000
    """Open at once; one more gets 503 and is closed. Each idle one costs some 10 KiB and a file descriptor."""
    head_seconds: float = 10
    """From the first byte of a request to the end of its headers."""
    body_seconds: float = 30
    """Without a byte of the body, or of the response being read."""
    body_total_seconds: float = 300
    """For a whole body, however steadily it drips."""
    idle_seconds: float = 75
    """Between two requests of a connection; as nginx."""
    drain_bytes: int = 256 * MEBIBYTE
    """Read and thrown away after an error, so that a client that only reads when it has sent all sees its 413."""
    drain_seconds: float = 15
    """For the same."""


class Phase(IntEnum):
    """What a connection waits for."""

    IDLE = 0
    HEAD = 1
    BODY = 2
    RESPONSE = 3
    DRAIN = 4
    """A response was sent before its request was complete: the rest is read and thrown away."""
    DISCARD = 5
    """The connection got an error: everything is thrown away until the peer closes."""


# Each by a name of its own: a request asks ten times, and Python 3.11 takes 50 ns to find a member in its class.
IDLE, HEAD, BODY, RESPONSE, DRAIN, DISCARD = Phase


class Waiting(Protocol):
    """What may be overdue."""

    deadline: float
    """By the loop's clock; infinite when it may wait for ever."""

    def expire(self) -> None:
        """The deadline has passed."""
        ...


_SWEEP_SECONDS = 0.25
"""How often deadlines are looked at: they are late by no more than this."""


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
