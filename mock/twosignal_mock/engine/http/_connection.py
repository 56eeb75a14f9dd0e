"""The HTTP/1.1 protocol of the server: uvicorn's, with every connection's bytes and seconds in our hands.

Uvicorn 0.54 with httptools reads headers without end and waits for them for ever, drops the responses of a client that
closed its sending half, and cannot cut a connection on purpose. Here each connection is in one phase, each phase has a
deadline, and one timer for all connections finds what is overdue: a request costs no timer of its own.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections import deque
from collections.abc import Callable
from math import inf
from typing import Any, cast

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from twosignal_mock.engine.http._asgi import CYCLE, Response, Scope
from twosignal_mock.engine.http._bounds import BODY, DISCARD, DRAIN, HEAD, IDLE, RESPONSE, Bounds, Phase, Sweeper
from twosignal_mock.engine.http._cycle import Cycle
from twosignal_mock.engine.http._head import HeadReader
from twosignal_mock.engine.http._loop_turns import Gathering, Outlet, begin

Refuse = Callable[[str, dict[str, object], Scope], Response]
"""From a cause of the contract's errors, its values and what is known of the request to its response."""

_LINGER_NOT = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing throws away what is unsent, and tells the peer with a RST."""


class Connection(HttpToolsProtocol):
    """One connection. `bind` makes the class that a server uses; uvicorn gives it transport, flow, loop and sets."""

    bounds: Bounds
    refuse: Refuse
    sweeper: Sweeper
    gathering: Gathering

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.head: HeadReader = HeadReader(self.bounds.head, self)
        self._use(httptools.HttpRequestParser(self.head))
        self.phase = IDLE
        self.deadline = inf
        self.ended = False
        """True when nothing more is read: the client closed its half, or the server stops."""
        self._drained = 0
        self._body_deadline = inf
        self._addresses: tuple[Any, Any, Any] = (None, None, None)
        """Scheme, client and server of every scope of this connection."""
        self._last: Cycle | None = None
        """The last request."""
        self._served: Cycle | None = None
        """The one that is carried out; not the last one when several were sent at once."""
        self._next: tuple[Cycle, Scope] | None = None
        """The request to begin when all that was read is parsed."""
        self._queue: deque[tuple[Cycle, Scope]] = deque()
        """Requests that were read while another was under way."""

    # --- the transport's calls ---------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client connected."""
        # "Paused" then means that something is still here: a client that goes away has not got all of its response.
        transport.set_write_buffer_limits(0)
        super().connection_made(Outlet(transport, self.gathering, self.loop))
        self._addresses = (self.scheme, self.client, self.server)
        self.sweeper.watch(self.loop, cast("set[Any]", self.connections))
        self._wait(IDLE, self.bounds.idle_seconds)
        if len(self.connections) > self.bounds.connections:
            self._reject("unavailable", {})

    def data_received(self, data: bytes) -> None:
        """Bytes were read."""
        if self.phase is DISCARD:
            self._throw_away(len(data))
            return
        was, messages = self.phase, self.head.messages
        try:
            try:
                self.head.feed(self.parser, data, within=was is HEAD)
            except httptools.HttpParserUpgrade as offer:
                self._parse_on(data, offer)
        except httptools.HttpParserError as error:
            invalid_method = isinstance(error, httptools.HttpParserInvalidMethodError)
            cause, values = self.head.why(data, invalid_method=invalid_method)
            self._reject(cause, values)
        else:
            if self.phase is BODY:
                self._await_body()
            elif self.phase is HEAD:
                self._await_head(data, begun=self.head.messages - messages, idle=was is IDLE)
        if self._next is not None:
            (cycle, scope), self._next = self._next, None
            self._served = cycle
            work = cycle.run(self.app, scope)
            # Who sends a body mostly writes, and waits for the disk: a turn later more writes share the wait.
            has_body = cycle.more_body or cycle.waiting
            self._keep(self.loop.create_task(work) if has_body else begin(work, self.loop))

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio reads the result; uvicorn has none
        """The client sends no more; True when it still gets a response."""
        self.ended = True
        cast("Outlet", self.transport).flush()  # for the connection may be closed behind it
        return self._is_working() and not cast("Cycle", self._last).more_body

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the shape of a protocol
        """The connection is gone."""
        self.deadline = inf
        self.connections.discard(self)
        for cycle in {self._served, self._last} - {None}:
            cast("Cycle", cycle).disconnect()
        # Each of the two refers to this object, which refers to it.
        self.parser = self.head = None  # type: ignore[assignment]
        self.flow.resume_writing()

    def shutdown(self) -> None:
        """The server stops: end after the response that is under way."""
        self.ended = True
        if self._is_working():
            self._served.keep_alive = self._last.keep_alive = False  # type: ignore[union-attr]  # each is one
        else:
            self.transport.close()

    def pause_writing(self) -> None:
        """The client does not read its response."""
        super().pause_writing()
        self.deadline = self.loop.time() + self.bounds.body_seconds

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if self.phase is RESPONSE:
            self.deadline = inf
        elif self.phase is IDLE:
            self._wait(IDLE, self.bounds.idle_seconds)

    # --- the parser's calls, but for those within a head -------------------------------------------------------------
    def on_headers_complete(self) -> None:
        """The headers are whole: the application may begin."""
        parser = self.parser
        version = parser.get_http_version()
        method = parser.get_method().decode("ascii")
        scope = self.head.read(method, version, self._addresses)
        keep_alive = version == "1.1" and parser.should_keep_alive()
        expects = self.head.expects_continue
        cycle = Cycle(self, bodiless=method == "HEAD", keep_alive=keep_alive, expects_continue=expects)
        scope["extensions"] = {CYCLE: cycle}
        self.phase = BODY
        self._body_deadline = inf
        if self._is_working():
            self.flow.pause_reading()
            self._queue.append((cycle, scope))
        else:
            self._next = cycle, scope
        self._last = cycle

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self.head.overhead = 0
        cycle = cast("Cycle", self._last)
        if cycle.response_complete:
            self._throw_away(len(body))
            return
        cycle.add(body)
        if cycle.waiting > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self.parser.should_upgrade():
            return  # the parser believes so, because another protocol is offered: its successor tells when it is
        cycle = cast("Cycle", self._last)
        cycle.more_body = False
        if cycle.response_complete:
            self._rest()
            return
        cycle.wake()
        self.phase = RESPONSE
        self.deadline = inf

    # --- the cycle's calls -------------------------------------------------------------------------------------------
    def end_response(self, cycle: Cycle) -> None:
        """A response is written to its end."""
        if self.transport.is_closing():
            return
        if not cycle.keep_alive:
            self._queue.clear()
            if cycle.more_body:
                self._linger()
            else:
                self.transport.close()
            return
        self.flow.resume_reading()
        if self._queue:
            # A task from its beginning: a client that sends a thousand requests at once must not keep the loop.
            following, scope = self._queue.popleft()
            self._served = following
            self._keep(self.loop.create_task(following.run(self.app, scope)))
        elif self._last is cycle and cycle.more_body:
            self._wait(DRAIN, self.bounds.drain_seconds)
        elif self.phase is RESPONSE:
            self._rest()

    def fail(self, cycle: Cycle) -> None:
        """The application gave no response, or not all of one."""
        if cycle.response_started:
            self.transport.close()
            return
        cycle.response_started = cycle.response_complete = True
        self._queue.clear()
        self._last = cycle  # what was read behind it gets no response
        self._send_error("internal", {}, self.head.read_part("-", self._addresses))

    def is_lost(self) -> bool:
        """Whether the connection is gone."""
        return self.parser is None

    def reset(self) -> None:
        """Break the connection with a RST."""
        peer: Any = self.transport.get_extra_info("socket")
        if peer is not None and peer.family in (socket.AF_INET, socket.AF_INET6):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()

    # --- the sweeper's call ------------------------------------------------------------------------------------------
    def expire(self) -> None:
        """The deadline has passed."""
        self.deadline = inf
        if self.phase is HEAD and not self._is_working():
            self._reject("request-timeout", {"seconds": f"{self.bounds.head_seconds:g}"})
        elif self.phase is BODY and not cast("Cycle", self._last).response_started:
            # The application responds and the connection ends; should it fail to, the next deadline ends it.
            cast("Cycle", self._last).give_up("request-timeout", {"seconds": f"{self.bounds.body_seconds:g}"})
            self._wait(RESPONSE, self.bounds.head_seconds)
        elif self.phase is IDLE and not self.flow.write_paused:
            self.transport.close()
        elif self.phase is not HEAD:
            self.transport.abort()

    # --- ours --------------------------------------------------------------------------------------------------------
    def _is_working(self) -> bool:
        return self._last is not None and not self._last.response_complete

    def _keep(self, task: asyncio.Task[None] | None) -> None:
        """Hold a task that responds, if there is one, until it is done."""
        if task is not None:
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _parse_on(self, data: bytes, offer: httptools.HttpParserUpgrade) -> None:
        """Parse what follows the offer of another protocol, which nobody needs to take: as if it had not been made."""
        at = 0
        while True:
            at += offer.args[0]
            successor, head = self.head.take_over()
            self._use(successor)
            successor.feed_data(head)
            try:
                self.head.feed(successor, memoryview(data)[at:], within=False)
            except httptools.HttpParserUpgrade as another:
                offer = another
            else:
                return

    def _use(self, parser: httptools.HttpRequestParser) -> None:
        # A response may be sent before its request was complete; what still comes of that is thrown away.
        parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self.parser = parser

    def _await_head(self, data: bytes, *, begun: int, idle: bool) -> None:
        if begun:
            self.deadline = self.loop.time() + self.bounds.head_seconds
        self.head.remember_start(data)
        if self.head.is_too_long(begun=begun, idle=idle):
            self._reject("headers-too-large", {"limit": self.bounds.head})

    def _await_body(self) -> None:
        now = self.loop.time()
        if self._body_deadline == inf:
            self._body_deadline = now + self.bounds.body_total_seconds
        self.deadline = min(now + self.bounds.body_seconds, self._body_deadline)
        if self.head.is_overlong_body():
            self._reject("headers-too-large", {"limit": self.bounds.head})

    def _reject(self, cause: str, values: dict[str, object]) -> None:
        """Take nothing more from the connection, and say why unless a response is under way."""
        if self.phase is DRAIN:
            self._linger()  # its response was sent
        elif self._is_working():
            # Responses go out in the order of their requests: the last that was read is the last.
            last = cast("Cycle", self._last)
            if last.more_body:
                last.give_up(cause, values)
            last.keep_alive = False
            self._wait(DISCARD, self.bounds.drain_seconds)
        else:
            method = self.parser.get_method().decode("ascii")
            self._send_error(cause, values, self.head.read_part(method, self._addresses))

    def _send_error(self, cause: str, values: dict[str, object], scope: Scope) -> None:
        """Send an error of the connection itself, and take nothing more from it."""
        response = type(self).refuse(cause, values, scope)
        head = b"\r\n".join([*map(b": ".join, response.headers), b"connection: close", b"", b""])
        body = b"" if scope["method"] == "HEAD" else response.body
        self.transport.write(STATUS_LINE[response.status] + head + body)
        self._linger()

    def _linger(self) -> None:
        """Close our half, and the rest when the client has read: closing at once may cost it what was written."""
        if self.ended:
            self.transport.close()
            return
        self._wait(DISCARD, self.bounds.drain_seconds)
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _wait(self, phase: Phase, seconds: float) -> None:
        """Be in this phase for so long at most."""
        self.phase = phase
        self.deadline = self.loop.time() + seconds

    def _rest(self) -> None:
        """Wait for a request, if one may come."""
        if self.ended:
            self.transport.close()
        else:
            self._drained = 0
            self._wait(IDLE, self.bounds.idle_seconds)

    def _throw_away(self, size: int) -> None:
        """So many bytes were read that nobody wants; there is an end to that too."""
        self._drained += size
        if self._drained > self.bounds.drain_bytes:
            self.transport.abort()


def bind(bounds: Bounds, refuse: Refuse) -> type[Connection]:
    """The protocol class of one server."""
    members = {
        "bounds": bounds,
        "refuse": staticmethod(refuse),
        "sweeper": Sweeper(),
        "gathering": Gathering(),
    }
    return type("BoundConnection", (Connection,), members)
