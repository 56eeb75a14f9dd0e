"""ASGI as this package speaks it: its types, a response, and how a response is sent or the connection cut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

CONTROL = "/__mock"
"""Paths at and below it belong to the control application."""

CYCLE = "mock.cycle"
"""Scope extension of our own server: the Cycle of the request, which can do more than ASGI has messages for."""


class Cuttable(Protocol):
    """A request whose connection can be cut."""

    def cut(self) -> None:
        """Break the connection without warning."""
        ...

    def stop(self) -> None:
        """Close the connection after what was written so far."""
        ...


@dataclass(slots=True)
class Response:
    """A response, ready to be sent."""

    status: int
    headers: list[Header]
    body: bytes


@dataclass(slots=True)
class Cut(Exception):  # noqa: N818 - it is an end of the request, not an error of the server
    """The connection is to be cut, as a fault ordered."""

    response: Response | None = field(default=None)


async def send_response(send: Send, response: Response, *, head: bool) -> None:
    """Send a response; without its body to HEAD."""
    await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
    await send({"type": "http.response.body", "body": b"" if head else response.body, "more_body": False})


async def send_cut(send: Send, cycle: Cuttable | None, cut: Cut) -> None:
    """Send the beginning of a response, if there is one, and cut the connection."""
    response = cut.response
    if response is not None:
        await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
        await send({"type": "http.response.body", "body": response.body, "more_body": True})
    if cycle is None:
        # There is no socket to cut: the caller of the application gets the error that its socket would have raised.
        raise ConnectionResetError("the connection was cut by a fault of the mock")
    if response is None:
        cycle.cut()
    else:
        cycle.stop()


async def receive_nothing() -> Any:
    """Of a request without a connection there is nothing to receive."""
    return {"type": "http.disconnect"}


async def serve_lifespan(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the shape of ASGI
    """Confirm the start and the end of the server: there is nothing to do."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
