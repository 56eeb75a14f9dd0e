"""Gathers what is written in one turn of the loop, so that answers given together leave together.

uvloop writes at once (0.23). A client that sleeps on another processor is woken by each answer, which takes the server
longer than to write it; behind the first of several answers it is awake already. None waits for more than what the
loop has to do in one turn, nor for more than MOST others.
"""

from __future__ import annotations

import asyncio
from typing import Any

MOST = 16
"""Answers that are gathered: those of more gain nothing, and the first of them would wait."""


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
    """A connection's transport, but for when it writes: whatever else it is told comes after what was written."""

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
