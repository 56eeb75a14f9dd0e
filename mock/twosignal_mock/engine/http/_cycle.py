"""One request and its response on a connection: what an ASGI application receives and sends.

Instead of uvicorn's cycle: the head and the body of a response are one write, a body that was not read to its end
never costs the client its response, and a request that was too slow can be told apart from one that broke off.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from contextlib import closing
from typing import Any, Protocol, cast

from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from twosignal_mock.engine.http._asgi import Header, Scope
from twosignal_mock.engine.http._loop_turns import Outlet

GIVEN_UP = "mock.given-up"
"""Member of a disconnect message: why the body was given up, a cause of the contract's errors and its values."""

_FIRST_FINAL = 200
"""Below are interim responses: ours say that the connection ends, for no other response follows."""
_NO_BODY = frozenset({*range(100, _FIRST_FINAL), 204, 304})
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_STATUS_LINES = {status: line.removesuffix(b"\r\n") for status, line in STATUS_LINE.items()}

_SURE = 16 * 1024
"""Bytes of a response that the system takes at once, also when the client reads nothing."""
_LOOK = 0.005
"""Seconds between two looks whether the client's system has confirmed a response."""
_MOST_LOOKS = 1000
"""Without that it confirmed any byte more: then nobody is there."""
_TCP_CLOSE = 7
"""Of a connection that was reset (include/net/tcp_states.h of Linux)."""

_log = logging.getLogger(__name__)


class Owner(Protocol):
    """The connection of a cycle."""

    transport: asyncio.Transport
    flow: FlowControl
    ended: bool
    """Whether nothing more is read."""

    def reset(self) -> None:
        """Break the connection with a RST."""
        ...

    def is_lost(self) -> bool:
        """Whether the connection is gone."""
        ...

    def end_response(self, cycle: Cycle) -> None:
        """A response is written to its end."""
        ...

    def fail(self, cycle: Cycle) -> None:
        """The application gave no response, or not all of one."""
        ...


class Cycle:
    """One request and its response. Made for every request: what is rarely set is set on the class.

    It does not know its scope, which has it as an extension: two objects that know each other are left to the garbage
    collector, which took a quarter of the time of a short request.
    """

    disconnected = False
    more_body = True
    """Whether a part of the request's body is still to come."""
    waiting = 0
    """Bytes of the body that the connection has and the application has not."""
    response_started = False
    response_complete = False
    given_up: tuple[str, dict[str, object]] | None = None
    """Why nothing more is read of the body: a cause of the contract's errors and its values."""
    _chunked = False
    _head = b""
    _news: asyncio.Event | None = None
    """What `receive` waits for."""
    _left: asyncio.Event | None = None
    """What `pause` waits for."""
    is_doubted = False
    """Whether the client may have left before it had the response: `is_taken` knows."""
    _is_unseen = False
    """Whether nobody would notice that it left."""

    def __init__(self, connection: Owner, *, bodiless: bool, keep_alive: bool, expects_continue: bool) -> None:
        self.connection = connection
        self.transport = connection.transport
        self.flow = connection.flow
        self._bodiless = bodiless
        self.keep_alive = keep_alive
        self._expects_continue = expects_continue
        self._parts: list[bytes] = []

    # --- what the connection says ------------------------------------------------------------------------------------
    def add(self, body: bytes) -> None:
        """A part of the body was received."""
        self._parts.append(body)
        self.waiting += len(body)
        self.wake()

    def wake(self) -> None:
        """Something changed for whoever waits for the body."""
        if self._news is not None:
            self._news.set()

    def give_up(self, cause: str, values: dict[str, object]) -> None:
        """Nothing more is read of the body; the application responds with the reason, and the connection ends."""
        self.given_up = (cause, values)
        self.keep_alive = False
        self.wake()

    def disconnect(self) -> None:
        """The client is gone."""
        if not self.response_complete:
            self.disconnected = self.is_doubted = True
        self.wake()
        if self._left is not None:
            self._left.set()

    # --- what the application does -----------------------------------------------------------------------------------
    async def run(self, application: Any, scope: Scope) -> None:
        """Let an ASGI application respond; when it fails to, the connection does."""
        try:
            await application(scope, self.receive, self.send)
        except Exception:  # noqa: BLE001 - whatever it is, the client and the server's log are told
            _log.exception("The application failed")
        if not self.response_complete and not self.disconnected:
            self.connection.fail(self)

    def whole_body(self) -> bytes | None:
        """The body, when all of it is here; None: it is to be received."""
        if self.more_body or self._expects_continue or self._is_over():
            return None
        body, self._parts, self.waiting = b"".join(self._parts), [], 0
        return body

    async def receive(self) -> Any:
        """The next part of the body."""
        if self._expects_continue and not self.transport.is_closing():
            self.transport.write(_CONTINUE)
            self._expects_continue = False
        if self.more_body and not self._parts and not self._is_over():
            self._news = asyncio.Event()
            self.flow.resume_reading()
            await self._news.wait()
            self._news = None
        if self.given_up is not None:
            return {"type": "http.disconnect", GIVEN_UP: self.given_up}
        if self._is_over():
            return {"type": "http.disconnect"}
        body, self._parts, self.waiting = b"".join(self._parts), [], 0
        return {"type": "http.request", "body": body, "more_body": self.more_body}

    async def send(self, message: Any) -> None:
        """Writes a part of the response."""
        if self.flow.write_paused and not self.disconnected:
            self.is_doubted = True
            await self.flow.drain()
        if self.disconnected:
            return
        kind = message["type"]
        if not self.response_started:
            if kind != "http.response.start":
                raise RuntimeError(f"expected http.response.start, not {kind}")
            self._start(message["status"], message.get("headers", ()))
        elif not self.response_complete:
            if kind != "http.response.body":
                raise RuntimeError(f"expected http.response.body, not {kind}")
            self._write(message.get("body", b""), bool(message.get("more_body", False)))
        else:
            raise RuntimeError(f"{kind} after the response was complete")

    # --- extensions of the scope -------------------------------------------------------------------------------------
    def respond(self, status: int, headers: list[Header], body: bytes) -> bool:
        """Writes a whole response, its Content-Length among its headers; True when it did.

        It did not when the client does not read: then `send` waits for it.
        """
        if self.flow.write_paused:
            return False
        if self.disconnected:
            return True
        if not self.keep_alive or self._expects_continue or status < _FIRST_FINAL:
            self._start(status, headers)
            self._write(body, more=False)
        else:
            # Nearly all responses: nothing is to be asked of the headers.
            shown = b"" if self._bodiless else body
            self.transport.write(b"\r\n".join([_STATUS_LINES[status], *map(b": ".join, headers), b"", shown]))
            self.response_started = self.response_complete = True
            self.connection.end_response(self)
        if len(body) > _SURE:
            cast("Outlet", self.transport).flush()  # so that it is seen whether the client reads it
            self.is_doubted = self.is_doubted or self.flow.write_paused
        return True

    async def is_taken(self) -> bool:
        """Wait until the response has left this process; False when the client went away before."""
        if self.disconnected or self.connection.is_lost():
            return False
        # A client that closed its connection looks like one that closed its sending half, until it is sent something:
        # then its system confirms that, or resets the connection.
        is_unseen = self._is_unseen or self.connection.ended
        try:
            own = self.transport.get_extra_info("socket").dup()
        except OSError:
            return False  # it was closed just now
        with closing(own) as peer:
            cast("Outlet", self.transport).flush()
            if self.flow.write_paused:
                await self.flow.drain()
            if self.connection.is_lost():
                return False
            return not is_unseen or await _is_confirmed(peer)

    async def pause(self, seconds: float) -> None:
        """Let so many seconds pass, but none for a client that is gone."""
        if self.disconnected:
            return
        left = self._left = asyncio.Event()
        timer = asyncio.get_running_loop().call_later(seconds, left.set)
        await left.wait()
        timer.cancel()
        self._left = None
        if self.flow.read_paused:
            # While later requests wait nothing is read, not even that the client left.
            self.is_doubted = self._is_unseen = True

    def cut(self) -> None:
        """Break the connection without warning (RST where the system can): a reset for the client."""
        self.disconnected = self.response_started = self.response_complete = True
        self.connection.reset()

    def stop(self) -> None:
        """Close the connection after what was written so far: a response that ends too early."""
        self.disconnected = self.response_started = self.response_complete = True
        self.transport.close()

    # --- ours --------------------------------------------------------------------------------------------------------
    def _is_over(self) -> bool:
        return self.disconnected or self.response_complete or self.given_up is not None

    def _start(self, status: int, headers: list[Header]) -> None:
        self.response_started = True
        if self._expects_continue:
            # The client still waits for leave to send its body. It may take this for a no, or send it all the same:
            # nobody can tell what comes next on this connection.
            self._expects_continue = False
            self.keep_alive = False
        lines = [_STATUS_LINES[status], *map(b": ".join, headers)]
        values = dict(headers)
        if values.get(b"connection") == b"close":
            self.keep_alive = False
        elif not self.keep_alive:
            lines.append(b"connection: close")
        if b"content-length" not in values and status not in _NO_BODY:
            self._chunked = True
            lines.append(b"transfer-encoding: chunked")
        self._head = b"\r\n".join(lines) + b"\r\n\r\n"

    def _write(self, body: bytes, more: bool) -> None:
        if self._bodiless:
            body = b""
        elif self._chunked:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n")
        self.transport.write(self._head + body if self._head else body)
        self._head = b""
        if not more:
            self.response_complete = True
            self.wake()
            self.connection.end_response(self)


async def _is_confirmed(peer: socket.socket) -> bool:
    """Whether the other side's system confirmed all that was written to it."""
    if sys.platform == "win32":
        return True
    import fcntl
    import termios

    left, looks = bytes(4), 0
    while looks < _MOST_LOOKS and not _is_reset(peer):
        before, left = left, fcntl.ioctl(peer, termios.TIOCOUTQ, bytes(4))
        if not any(left):
            return True
        looks = looks + 1 if left == before else 0
        await asyncio.sleep(_LOOK)
    return False


def _is_reset(peer: socket.socket) -> bool:
    # A failed write takes the error of the socket away; the state stays.
    is_closed = hasattr(socket, "TCP_INFO") and peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == _TCP_CLOSE
    return is_closed or peer.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) != 0
