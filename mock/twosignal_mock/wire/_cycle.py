"""One request and its answer on a connection: what an ASGI application receives and sends.

A variation of uvicorn's cycle (0.54): the head and the body of an answer leave in one write, a body that was not read
to its end never costs the client its answer, and a request that came too slowly can be told apart from one that broke.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

if TYPE_CHECKING:
    from twosignal_mock.wire._protocol import Connection

_NO_BODY = frozenset({204, 304})
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Cycle(RequestResponseCycle):
    """One request and its answer."""

    connection: Connection
    timed_out: float | None = None
    """Seconds after which the body was given up."""
    _head: bytes = b""

    async def receive(self) -> Any:
        """The next part of the body."""
        if self.waiting_for_100_continue and not self.transport.is_closing():
            self.transport.write(_CONTINUE)
            self.waiting_for_100_continue = False
        if self.more_body and not self.disconnected and not self.response_complete and self.timed_out is None:
            if not self.body:
                self.message_event.clear()
                self.flow.resume_reading()
                await self.message_event.wait()
        elif not self.more_body and not self.body and self.response_complete:
            return {"type": "http.disconnect"}
        if self.timed_out is not None:
            return {"type": "http.disconnect", "twosignal.timeout": self.timed_out}
        if self.disconnected or self.response_complete:
            return {"type": "http.disconnect"}
        message = {"type": "http.request", "body": bytes(self.body), "more_body": self.more_body}
        if self.body:
            self.body = bytearray()
        return message

    async def send(self, message: Any) -> None:
        """Writes a part of the answer."""
        if self.flow.write_paused and not self.disconnected:
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
            raise RuntimeError(f"{kind} after the answer was complete")

    def _start(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.response_started = True
        if self.waiting_for_100_continue:
            # The client still waits for leave to send its body. It may take the answer for a no, or send all the same:
            # what comes next on this connection cannot be told.
            self.waiting_for_100_continue = False
            self.keep_alive = False
        content = [STATUS_LINE[status]]
        closing = False
        self.chunked_encoding = status not in _NO_BODY
        for name, value in headers:
            if name == b"content-length":
                self.chunked_encoding = False
            elif name == b"connection" and value == b"close":
                self.keep_alive, closing = False, True
            content += (name, b": ", value, b"\r\n")
        if not self.keep_alive and not closing:
            content.append(b"connection: close\r\n")
        if self.chunked_encoding:
            content.append(b"transfer-encoding: chunked\r\n")
        content.append(b"\r\n")
        self._head = b"".join(content)

    def _write(self, body: bytes, more: bool) -> None:
        if self.scope["method"] == "HEAD":
            body = b""
        elif self.chunked_encoding:
            body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + (b"" if more else b"0\r\n\r\n")
        self.transport.write(self._head + body if self._head else body)
        self._head = b""
        if not more:
            self.response_complete = True
            self.message_event.set()
            self.connection.end_answer(self)

    def cut(self) -> None:
        """Break the connection without warning (RST where the system can): a reset for the client."""
        self.disconnected = self.response_started = self.response_complete = True
        self.connection.reset()

    def stop(self) -> None:
        """Close the connection after what was written so far: an answer that ends too early."""
        self.disconnected = self.response_started = self.response_complete = True
        self.transport.close()
