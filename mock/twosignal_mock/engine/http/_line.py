"""One TCP connection below its requests: what it waits for and how long, what it says for itself, and how it ends."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from math import inf
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from twosignal_mock.engine.http._bounds import Bounds
from twosignal_mock.engine.http._deadlines import Phase

Refuse = Callable[[str, dict[str, object]], tuple[int, bytes]]
"""From a cause of the contract's errors and its values to a status and the bytes of a JSON body."""

_LINGER_NOT = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing throws away what is unsent, and tells the peer with a RST."""


class Line(HttpToolsProtocol):
    """The part of a connection that knows no request. Uvicorn gives it transport, flow, loop and settings."""

    bounds = Bounds()
    refuse: Refuse

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.phase = Phase.IDLE
        self.deadline = inf
        self.ended = False
        """Whether nothing more is read: the client closed its half, or the server stops."""
        self._drained = 0

    def pause_writing(self) -> None:
        """The client does not read its answer."""
        super().pause_writing()
        self.deadline = self.loop.time() + self.bounds.body_seconds

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if self.phase is Phase.ANSWER:
            self.deadline = inf

    def wait(self, phase: Phase, seconds: float) -> None:
        """Be in this phase for so long at most."""
        self.phase = phase
        self.deadline = self.loop.time() + seconds

    def rest(self) -> None:
        """Wait for a request, if one may come."""
        if self.ended:
            self.transport.close()
        else:
            self._drained = 0
            self.wait(Phase.IDLE, self.bounds.idle_seconds)

    def throw_away(self, size: int) -> None:
        """So many bytes came that nobody wants; there is an end to that too."""
        self._drained += size
        if self._drained > self.bounds.drain_bytes:
            self.transport.abort()

    def refuse_all(self, cause: str, **values: object) -> None:
        """Answer for the connection itself, and take nothing more from it."""
        status, body = type(self).refuse(cause, values)
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self.linger()

    def linger(self) -> None:
        """Close our half, and the rest when the client has read: closing at once may cost it what was written."""
        if self.ended:
            self.transport.close()
            return
        self.wait(Phase.DISCARD, self.bounds.drain_seconds)
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def reset(self) -> None:
        """Break the connection so that the client is told with a RST."""
        peer: Any = self.transport.get_extra_info("socket")
        if peer is not None and peer.family in (socket.AF_INET, socket.AF_INET6):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()
