"""The HTTP/1.1 protocol of the server: uvicorn's, with every connection's bytes and seconds in our hands.

Uvicorn 0.54 with httptools takes headers without end and waits for them for ever, drops the answers of a client that
closed its sending half, and cannot cut a connection on purpose. Here each connection is in one phase, each phase has a
deadline, and one timer for all connections finds what is overdue: a request costs no timer of its own.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import urllib.parse
from collections.abc import Callable
from enum import IntEnum
from math import inf
from typing import Any, cast

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from twosignal_mock.wire._bounds import Bounds
from twosignal_mock.wire._cycle import Cycle

RESET = "twosignal.reset"
"""Scope extension: a callable that breaks the connection."""
STOP = "twosignal.stop"
"""Scope extension: a callable that ends the answer where it is and closes the connection."""

Refuse = Callable[[str, dict[str, object]], tuple[int, bytes]]
"""From a cause of the contract's errors and its values to a status and the bytes of a JSON body."""

_SWEEP_SECONDS = 0.25
"""How often deadlines are looked at: they are late by no more than this."""

_LINGER_NOT = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing throws away what is unsent, and tells the peer with a RST."""


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


class Connection(HttpToolsProtocol):
    """One connection. `bind` makes the class that a server uses."""

    bounds = Bounds()
    refuse: Refuse
    sweeper: Sweeper

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.phase = Phase.IDLE
        self.deadline = inf
        self._body_deadline = inf
        self._head_size = self._head_fed = 0
        self._messages = 0
        self._drained = 0
        self._ended = False
        self._cause: tuple[str, dict[str, object]] | None = None

    # --- the transport's calls ---------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client came."""
        super().connection_made(transport)
        self.sweeper.watch(self)
        self._wait(Phase.IDLE, self.bounds.idle_seconds)
        if len(self.connections) > self.bounds.connections:
            self._refuse("unavailable")

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self.phase is Phase.DISCARD:
            self._throw_away(len(data))
            return
        was, messages = self.phase, self._messages
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            # Another protocol was offered, which nobody needs to take: the request is answered, then this ends.
            self.cycle.keep_alive = False
            return
        except httptools.HttpParserError as error:
            cause, values = self._cause or ("malformed-request", {"problem": _explain(error)})
            self._refuse(cause, **values)
            return
        if self.phase is Phase.BODY:
            self.deadline = min(self.loop.time() + self.bounds.body_seconds, self._body_deadline)
        elif self.phase is Phase.HEAD:
            self._count_unfinished_head(len(data), begun=self._messages - messages, was=was)

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio reads the result; uvicorn has none
        """The client sends no more; whether it is still owed an answer."""
        self._ended = True
        return self._is_working() and not cast("Cycle", self.cycle).more_body

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self.deadline = inf
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not read its answer."""
        super().pause_writing()
        self.deadline = self.loop.time() + self.bounds.body_seconds

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        if self.phase is Phase.ANSWER:
            self.deadline = inf

    def shutdown(self) -> None:
        """The server stops: end after the answer that is under way."""
        self._ended = True
        self.pipeline.clear()
        if self._is_working():
            self.cycle.keep_alive = False
        else:
            self.transport.close()

    # --- the parser's calls ------------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._messages += 1
        self._head_size = 0
        self._wait(Phase.HEAD, self.bounds.head_seconds)

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self.url += url
        self._count(len(url))

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        name = name.lower()
        self._count(len(name) + len(value) + 4)
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The headers are whole: the application may begin."""
        parser, scope = self.parser, self.scope
        version = parser.get_http_version()
        scope["method"] = parser.get_method().decode("ascii")
        scope["http_version"] = version
        target = httptools.parse_url(self.url)
        raw_path = cast("bytes | None", target.path)
        if raw_path is None:
            self._cause = ("malformed-request", {"problem": "its target has no path"})
            raise ValueError
        path = raw_path.decode("ascii")
        scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        scope["raw_path"] = raw_path
        scope["query_string"] = target.query or b""
        active = cast("Cycle | None", self.cycle)
        cycle = Cycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=[],
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version == "1.1" and parser.should_keep_alive() and not parser.should_upgrade(),
            on_response=self.on_response_complete,
        )
        cycle.connection = self
        cast("dict[str, Any]", scope)["extensions"] = {RESET: cycle.cut, STOP: cycle.stop}
        self.cycle = cycle
        now = self.loop.time()
        self.phase = Phase.BODY
        self.deadline = now + self.bounds.body_seconds
        self._body_deadline = now + self.bounds.body_total_seconds
        if active is None or active.response_complete:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        cycle = self.cycle
        if cycle.response_complete:
            self._throw_away(len(body))
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        """The request is whole."""
        cycle = self.cycle
        cycle.more_body = False
        if cycle.response_complete:
            self._drained = 0
            self._rest()
            return
        cycle.message_event.set()
        self.phase = Phase.ANSWER
        self.deadline = inf

    # --- the cycle's calls -------------------------------------------------------------------------------------------
    def end_answer(self, cycle: Cycle) -> None:
        """An answer is written to its end."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if not cycle.keep_alive:
            self.pipeline.clear()
            if cycle.more_body:
                self._linger()
            else:
                self.transport.close()
            return
        self.flow.resume_reading()
        if self.pipeline:
            following, app = self.pipeline.pop()
            self._start_asgi_task(following, app)
        elif self.cycle is cycle and cycle.more_body:
            self._wait(Phase.DRAIN, self.bounds.drain_seconds)
        elif self.phase is Phase.ANSWER:
            self._rest()

    def reset(self) -> None:
        """Break the connection so that the client is told with a RST."""
        peer: Any = self.transport.get_extra_info("socket")
        if peer is not None and peer.family in (socket.AF_INET, socket.AF_INET6):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        self.transport.abort()

    # --- ours --------------------------------------------------------------------------------------------------------
    def expire(self) -> None:
        """The deadline has passed."""
        self.deadline = inf
        if self.phase is Phase.HEAD and not self._is_working():
            self._refuse("request-timeout", seconds=_plain(self.bounds.head_seconds))
        elif self.phase is Phase.BODY and not self.cycle.response_started:
            cycle = cast("Cycle", self.cycle)
            cycle.timed_out = self.bounds.body_seconds
            # The application answers and the connection ends; should it fail to, the next deadline ends it.
            cycle.keep_alive = False
            cycle.message_event.set()
            self.deadline = self.loop.time() + self.bounds.head_seconds
            self.phase = Phase.ANSWER
        elif self.phase is Phase.IDLE:
            self.transport.close()
        elif self.phase is not Phase.HEAD:
            self.transport.abort()

    def _is_working(self) -> bool:
        cycle = cast("Cycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _rest(self) -> None:
        if self._ended:
            self.transport.close()
        else:
            self._wait(Phase.IDLE, self.bounds.idle_seconds)

    def _wait(self, phase: Phase, seconds: float) -> None:
        self.phase = phase
        self.deadline = self.loop.time() + seconds

    def _count(self, size: int) -> None:
        self._head_size += size
        if self._head_size > self.bounds.head:
            self._cause = ("headers-too-large", {"limit": self.bounds.head})
            raise ValueError  # httptools stops and tells data_received

    def _count_unfinished_head(self, size: int, *, begun: int, was: Phase) -> None:
        """Bound a head by what was fed: the parser tells of a header when it is whole, and one may never end.

        Of a head that began behind other requests in one read it is not known where; it counts from the next read on.
        """
        if begun == 0:
            self._head_fed += size
        else:
            self._head_fed = size if begun == 1 and was is Phase.IDLE else 0
        if self._head_fed > self.bounds.head:
            self._refuse("headers-too-large", limit=self.bounds.head)

    def _throw_away(self, size: int) -> None:
        self._drained += size
        if self._drained > self.bounds.drain_bytes:
            self.transport.abort()

    def _refuse(self, cause: str, **values: object) -> None:
        """Answer for the connection itself, and take nothing more from it."""
        if self._is_working():
            # Answers go out in the order of their requests: the one that is under way is the last.
            self.cycle.keep_alive = False
            self.pipeline.clear()
            self._wait(Phase.DISCARD, self.bounds.drain_seconds)
            return
        status, body = type(self).refuse(cause, values)
        head = b"content-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body)
        self.transport.write(STATUS_LINE[status] + head + body)
        self._linger()

    def _linger(self) -> None:
        """Close our half, and the rest when the client has read: closing at once may cost it what was written."""
        if self._ended:
            self.transport.close()
            return
        self._wait(Phase.DISCARD, self.bounds.drain_seconds)
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()


class Sweeper:
    """Looks at the deadlines of all connections of a server, as long as there are any."""

    def __init__(self) -> None:
        self._watching = False

    def watch(self, connection: Connection) -> None:
        """Begin, if not begun, with the connections that `connection` is one of."""
        if not self._watching:
            self._watching = True
            connection.loop.call_later(_SWEEP_SECONDS, self._sweep, connection.loop, connection.connections)

    def _sweep(self, loop: asyncio.AbstractEventLoop, connections: set[Any]) -> None:
        now = loop.time()
        for connection in tuple(connections):
            if connection.deadline < now:
                connection.expire()
        self._watching = bool(connections)
        if self._watching:
            loop.call_later(_SWEEP_SECONDS, self._sweep, loop, connections)


def bind(bounds: Bounds, refuse: Refuse) -> type[Connection]:
    """The protocol class of one server."""
    members = {"bounds": bounds, "refuse": staticmethod(refuse), "sweeper": Sweeper()}
    return type("BoundConnection", (Connection,), members)


def _explain(error: Exception) -> str:
    return str(error) or "it cannot be read"


def _plain(seconds: float) -> str:
    return f"{seconds:g}"
