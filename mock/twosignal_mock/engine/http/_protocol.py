"""The HTTP/1.1 protocol of the server: uvicorn's, with every connection's bytes and seconds in our hands.

Uvicorn 0.54 with httptools takes headers without end and waits for them for ever, drops the answers of a client that
closed its sending half, and cannot cut a connection on purpose. Here each connection is in one phase, each phase has a
deadline, and one timer for all connections finds what is overdue: a request costs no timer of its own.
"""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from typing import Any, cast

import httptools
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT

from twosignal_mock.engine.http._bounds import Bounds
from twosignal_mock.engine.http._cycle import Cycle
from twosignal_mock.engine.http._deadlines import Phase, Sweeper
from twosignal_mock.engine.http._exchange import CYCLE, Scope
from twosignal_mock.engine.http._gathering import Gathering, Outlet
from twosignal_mock.engine.http._head import HeadReader
from twosignal_mock.engine.http._line import Refuse
from twosignal_mock.engine.http._starting import begin


class Connection(HeadReader):
    """One connection. `bind` makes the class that a server uses."""

    sweeper: Sweeper
    gathering: Gathering

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._body_deadline = inf
        self._last: Cycle | None = None
        """The request that came last."""
        self._next: tuple[Cycle, Scope] | None = None
        """The request to be begun when all that was read is parsed."""
        self._queue: deque[tuple[Cycle, Scope]] = deque()
        """Requests that came while another was under way."""

    # --- the transport's calls ---------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """A client came."""
        super().connection_made(Outlet(transport, self.gathering, self.loop))
        self.sweeper.watch(self.loop, cast("set[Any]", self.connections))
        self.wait(Phase.IDLE, self.bounds.idle_seconds)
        if len(self.connections) > self.bounds.connections:
            self._refuse("unavailable")

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if self.phase is Phase.DISCARD:
            self.throw_away(len(data))
            return
        was, messages = self.phase, self.messages
        try:
            self.feed(data)
        except httptools.HttpParserUpgrade:
            # Another protocol was offered, which nobody needs to take: the request is answered, then this ends.
            cast("Cycle", self._last).keep_alive = False
        except httptools.HttpParserError as error:
            cause, values = self.cause or ("malformed-request", {"problem": _explain(error)})
            self._refuse(cause, **values)
        else:
            if self.phase is Phase.BODY:
                self._await_body()
            elif self.phase is Phase.HEAD:
                self._await_head(begun=self.messages - messages, was=was)
        if self._next is not None:
            (cycle, scope), self._next = self._next, None
            work = cycle.run(self.app, scope)
            # Who sends a body mostly writes, and waits for the disk: a turn later more writes share the wait.
            has_body = cycle.more_body or cycle.waiting
            self._keep(self.loop.create_task(work) if has_body else begin(work, self.loop))

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio reads the result; uvicorn has none
        """The client sends no more; whether it is still owed an answer."""
        self.ended = True
        cast("Outlet", self.transport).flush()  # for the connection may be closed behind it
        return self._is_working() and not cast("Cycle", self._last).more_body

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the shape of a protocol
        """The connection is gone."""
        self.deadline = inf
        self.connections.discard(self)
        if self._last is not None:
            self._last.disconnect()
        self.flow.resume_writing()
        self.parser = None  # type: ignore[assignment]  # it refers to this object, which refers to it

    def shutdown(self) -> None:
        """The server stops: end after the answer that is under way."""
        self.ended = True
        self._queue.clear()
        if self._is_working():
            cast("Cycle", self._last).keep_alive = False
        else:
            self.transport.close()

    # --- the parser's calls, beside those for a head -----------------------------------------------------------------
    def on_headers_complete(self) -> None:
        """The headers are whole: the application may begin."""
        parser = self.parser
        version = parser.get_http_version()
        scope = self.read_head(version)
        keep_alive = version == "1.1" and parser.should_keep_alive() and not parser.should_upgrade()
        bodiless = scope["method"] == "HEAD"
        cycle = Cycle(self, bodiless=bodiless, keep_alive=keep_alive, expects_continue=self.expect_100_continue)
        scope["extensions"] = {CYCLE: cycle}
        self.phase = Phase.BODY
        self._body_deadline = inf
        if self._is_working():
            self.flow.pause_reading()
            self._queue.append((cycle, scope))
        else:
            self._next = cycle, scope
        self._last = cycle

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        cycle = cast("Cycle", self._last)
        if cycle.response_complete:
            self.throw_away(len(body))
            return
        cycle.add(body)
        if cycle.waiting > HIGH_WATER_LIMIT:
            self.flow.pause_reading()

    def on_message_complete(self) -> None:
        """The request is whole."""
        cycle = cast("Cycle", self._last)
        cycle.more_body = False
        if cycle.response_complete:
            self.rest()
            return
        cycle.wake()
        self.phase = Phase.ANSWER
        self.deadline = inf

    # --- the cycle's calls -------------------------------------------------------------------------------------------
    def end_answer(self, cycle: Cycle) -> None:
        """An answer is written to its end."""
        if self.transport.is_closing():
            return
        if not cycle.keep_alive:
            self._queue.clear()
            if cycle.more_body:
                self.linger()
            else:
                self.transport.close()
            return
        self.flow.resume_reading()
        if self._queue:
            # A task from its beginning: a client that sends a thousand requests at once must not keep the loop.
            following, scope = self._queue.popleft()
            self._keep(self.loop.create_task(following.run(self.app, scope)))
        elif self._last is cycle and cycle.more_body:
            self.wait(Phase.DRAIN, self.bounds.drain_seconds)
        elif self.phase is Phase.ANSWER:
            self.rest()

    def fail(self, cycle: Cycle) -> None:
        """The application gave no answer, or not all of one."""
        if cycle.response_started:
            self.transport.close()
            return
        cycle.response_started = cycle.response_complete = True
        self._queue.clear()
        self.refuse_all("internal")

    # --- ours --------------------------------------------------------------------------------------------------------
    def expire(self) -> None:
        """The deadline has passed."""
        self.deadline = inf
        if self.phase is Phase.HEAD and not self._is_working():
            self._refuse("request-timeout", seconds=_plain(self.bounds.head_seconds))
        elif self.phase is Phase.BODY and not cast("Cycle", self._last).response_started:
            cycle = cast("Cycle", self._last)
            cycle.timed_out = self.bounds.body_seconds
            # The application answers and the connection ends; should it fail to, the next deadline ends it.
            cycle.keep_alive = False
            cycle.wake()
            self.wait(Phase.ANSWER, self.bounds.head_seconds)
        elif self.phase is Phase.IDLE:
            self.transport.close()
        elif self.phase is not Phase.HEAD:
            self.transport.abort()

    def _is_working(self) -> bool:
        return self._last is not None and not self._last.response_complete

    def _keep(self, task: asyncio.Task[None] | None) -> None:
        """Hold a task that answers, if there is one, until it is done."""
        if task is not None:
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)

    def _await_head(self, *, begun: int, was: Phase) -> None:
        if begun:
            self.deadline = self.loop.time() + self.bounds.head_seconds
        if self.is_too_long(begun=begun, was=was):
            self._refuse("headers-too-large", limit=self.bounds.head)

    def _await_body(self) -> None:
        now = self.loop.time()
        if self._body_deadline == inf:
            self._body_deadline = now + self.bounds.body_total_seconds
        self.deadline = min(now + self.bounds.body_seconds, self._body_deadline)

    def _refuse(self, cause: str, **values: object) -> None:
        """Take nothing more from the connection, and say why unless an answer is under way."""
        if self._is_working():
            # Answers go out in the order of their requests: the one that is under way is the last.
            cast("Cycle", self._last).keep_alive = False
            self._queue.clear()
            self.wait(Phase.DISCARD, self.bounds.drain_seconds)
            return
        self.refuse_all(cause, **values)


def bind(bounds: Bounds, refuse: Refuse) -> type[Connection]:
    """The protocol class of one server."""
    members = {"bounds": bounds, "refuse": staticmethod(refuse), "sweeper": Sweeper(), "gathering": Gathering()}
    return type("BoundConnection", (Connection,), members)


def _explain(error: Exception) -> str:
    return str(error) or "it cannot be read"


def _plain(seconds: float) -> str:
    return f"{seconds:g}"
