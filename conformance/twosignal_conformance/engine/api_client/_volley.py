"""One request many times, each at its moment: prepared bytes on several connections, many under way at a time.

A server far away is sent as many requests in a second as one nearby, because as many are under way as that rate takes
over that distance. With more than one under way on a connection they are pipelined (RFC 9112 section 9.3.2); where a
connection ends early, what it left unanswered is sent again, one at a time.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from math import ceil, inf
from typing import cast

import httptools

_CONNECTIONS, _AT_ONCE = 32, 8
"""Most connections, and how many are opened at the same time: gateways allow an address some, and servers queue few."""

_FEWEST = 16
"""Requests under way at least."""

_ATTEMPTS = 3
"""Most times that a request is sent on connections that end without any response."""

_LARGEST = 1_000_000
"""Bytes of a response's body. What is sent in volleys is answered shortly, and a volley keeps all its responses."""

_LOOK = 0.25
"""Seconds after which is looked again whether a response is overdue."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When the requests of a volley go out."""

    offsets: Sequence[float]
    """Seconds after the start, in order, one for each request."""
    under_way: int
    """Requests that may be without response at one time: the rate to reach times the distance of the server."""
    start: float | None = None
    """On the monotonic clock; None: as soon as the connections are open."""
    last: float = inf
    """Seconds after the start when sending ends. What was not sent until then is left out of the result."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a volley goes, and the bytes of its request."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    request: bytes
    timeout: float
    """Seconds for a response, and for a connection."""


@dataclass(slots=True)
class Shot:
    """One request of a volley. Without a response `status` is None and `problem` says why."""

    sent: float = 0.0
    """Seconds of the monotonic clock, before its first byte was written; of the last attempt."""
    answered: float = 0.0
    status: int | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    problem: str | None = None
    attempts: int = 0


def send_volley(target: Target, schedule: Schedule, explain: Callable[[Exception], str]) -> list[Shot]:
    """What became of every request that was sent, in their order; `explain` words a connection that fails."""
    return asyncio.run(_Volley(target, schedule, explain).send())


class _Connection(asyncio.Protocol):
    """One connection: which requests wait on it for their responses, oldest first."""

    def __init__(self, volley: _Volley) -> None:
        self.waiting: deque[Shot] = deque()
        self.answered = 0
        self.ended = False
        """True when the server said that it ends with this response, or it ended."""
        self._volley = volley
        self._parser = httptools.HttpResponseParser(self)
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._until_end = False
        self._failed = False
        self._transport: asyncio.Transport  # from connection_made on, before which nobody has the connection

    def send(self, shots: Sequence[Shot], request: bytes) -> None:
        """Write them all at once."""
        now = time.monotonic()
        for shot in shots:
            shot.sent = now
        self.waiting.extend(shots)
        self._transport.write(request * len(shots))

    def abort(self) -> None:
        """End it, whatever is on its way."""
        self.ended = True
        self._transport.abort()

    # --- what asyncio tells ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._volley.join(self)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"the response is not HTTP: {error}")
        if self.ended:
            self.abort()
        self._volley.fill(self)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._until_end and self.waiting:
            self.on_message_complete()
        self.ended = True
        self._volley.lose(self)

    # --- what httptools tells ---

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        names = {name for name, _ in self._headers}
        informal = self._parser.get_status_code() < 200
        self._until_end = not informal and not names & {b"content-length", b"transfer-encoding"}

    def on_body(self, body: bytes) -> None:
        self._body += body
        if len(self._body) > _LARGEST:
            self._fail(f"the response is larger than {_LARGEST:,} bytes")

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        headers, body = tuple(self._headers), bytes(self._body)
        self._headers.clear()
        self._body.clear()
        self._until_end = False
        if status < 200 or not self.waiting or self._failed:  # hints before the response itself
            return
        shot = self.waiting.popleft()
        shot.status, shot.headers, shot.body, shot.answered = status, headers, body, time.monotonic()
        self.answered += 1
        self.ended = self.ended or not self._parser.should_keep_alive()
        self._volley.finish()

    def _fail(self, problem: str) -> None:
        if self.waiting:
            self._volley.give_up(self.waiting.popleft(), problem)
        self._failed = True
        self.abort()


@dataclass
class _Volley:
    target: Target
    schedule: Schedule
    explain: Callable[[Exception], str]
    connections: list[_Connection] = field(default_factory=list)
    ready: deque[Shot] = field(default_factory=deque)
    """Requests whose moment has come and that no connection has taken yet."""
    depth: int = 1
    """Most requests under way on a connection."""
    opening: int = 0
    open: int = 0
    """Requests without response, of those whose moment has come."""
    over: bool = False
    done: asyncio.Event = field(default_factory=asyncio.Event)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def send(self) -> list[Shot]:
        shots = [Shot() for _ in self.schedule.offsets]
        watch = asyncio.ensure_future(self._watch())
        try:
            await self._open_all(len(shots))
            await self._follow(shots)
            while self.open:
                self.done.clear()
                await self.done.wait()
        finally:
            watch.cancel()
            self.over = True
            for connection in self.connections:
                connection.abort()
            for task in self.tasks:
                task.cancel()
            await asyncio.sleep(0)  # sockets are closed in the next turn of the loop
        return [shot for shot in shots if shot.answered]

    def fill(self, connection: _Connection, most: int | None = None) -> None:
        """Send what is ready, as far as the connection has room; at most so many."""
        room = min(self.depth - len(connection.waiting), len(self.ready), len(self.ready) if most is None else most)
        if room > 0 and not connection.ended:
            connection.send([self.ready.popleft() for _ in range(room)], self.target.request)

    def finish(self) -> None:
        """One request less is open."""
        self.open -= 1
        if not self.open:
            self.done.set()

    def give_up(self, shot: Shot, problem: str) -> None:
        """A request that gets no response."""
        shot.problem, shot.answered = problem, time.monotonic()
        shot.sent = shot.sent or shot.answered
        self.finish()

    def join(self, connection: _Connection) -> None:
        """A connection is open."""
        self.connections.append(connection)
        self.fill(connection)

    def lose(self, connection: _Connection) -> None:
        """A connection ended: what it left unanswered goes out on another one."""
        self.connections.remove(connection)
        if len(connection.waiting) > 1:
            self.depth = 1
        for shot in reversed(connection.waiting):
            shot.attempts += not connection.answered
            if shot.attempts < _ATTEMPTS and not self.over:
                self.ready.appendleft(shot)
            else:
                self.give_up(shot, "the server closed the connection without a response")
        if self.ready:
            self._start_opening()

    # --- inside ---

    async def _open_all(self, count: int) -> None:
        under_way = min(count, max(_FEWEST, self.schedule.under_way))
        number = min(under_way, _CONNECTIONS)
        self.depth = ceil(under_way / max(1, number))
        for first in range(0, number, _AT_ONCE):
            await asyncio.gather(*(self._open() for _ in range(first, min(number, first + _AT_ONCE))))

    async def _open(self) -> None:
        target = self.target
        name = target.host if target.tls else None
        made = asyncio.get_running_loop().create_connection(
            lambda: _Connection(self), target.host, target.port, ssl=target.tls, server_hostname=name
        )
        self.opening += 1
        try:
            await asyncio.wait_for(made, target.timeout)
        except (OSError, TimeoutError) as error:
            self._miss(error)
        finally:
            self.opening -= 1

    def _miss(self, error: Exception) -> None:
        """A connection that cannot be opened matters when there is no other."""
        if not self.connections and self.opening <= 1:
            while self.ready:
                self.give_up(self.ready.popleft(), self.explain(error))

    def _start_opening(self) -> None:
        task = asyncio.ensure_future(self._open())
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _follow(self, shots: Sequence[Shot]) -> None:
        """Make every request ready at its moment."""
        start = time.monotonic() if self.schedule.start is None else self.schedule.start
        rows = iter(shots)
        if self.schedule.last < inf:
            asyncio.get_running_loop().call_later(start + self.schedule.last - time.monotonic(), self._stop)
        for offset, group in groupby(self.schedule.offsets):
            await asyncio.sleep(max(0.0, start + offset - time.monotonic()))
            if self.over:
                return
            due = [next(rows) for _ in group]
            self.open += len(due)
            self.ready.extend(due)
            self._spread()

    def _spread(self) -> None:
        """Hand out what is ready evenly."""
        if not self.connections and not self.opening:
            self._start_opening()
        share = ceil(len(self.ready) / max(1, len(self.connections)))
        for connection in sorted(self.connections, key=lambda row: len(row.waiting)):
            self.fill(connection, share)

    def _stop(self) -> None:
        """From now on nothing is sent."""
        self.over = True
        self.open -= len(self.ready)
        self.ready.clear()
        if not self.open:
            self.done.set()

    async def _watch(self) -> None:
        """End connections on which a response is overdue."""
        while True:
            await asyncio.sleep(_LOOK)
            late = time.monotonic() - self.target.timeout
            for connection in [row for row in self.connections if row.waiting and row.waiting[0].sent < late]:
                while connection.waiting:
                    self.give_up(connection.waiting.popleft(), f"no response within {self.target.timeout:g} s")
                connection.abort()
