"""One request on its way: what is known of it so far, for the stages of the pipeline and for the records at its end."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from twosignal_mock.engine.api import Refusal
from twosignal_mock.engine.sandbox import Fault, RateVerdict, Sandbox
from twosignal_mock.engine.validation import CompiledOperation

if TYPE_CHECKING:
    from twosignal_mock.engine.http._cycle import Cycle

CYCLE = "twosignal.cycle"
"""Scope extension of our own server: the Cycle of the request, which can do more than ASGI has messages for."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]


@dataclass(slots=True)
class Reply:
    """An answer, ready to be sent."""

    status: int
    headers: list[Header]
    body: bytes


class Exchange:
    """One request. Stages fill it in; nothing of it outlives the request but what the records keep.

    One is made for every request: what most requests leave as it is stands on the class.
    """

    answered: float | None = None
    """When the answer was ready to be sent; None while it is not."""
    key: str | None = None
    """The API key that was known; names the rate window."""
    token: str | None = None
    """Whatever came as a bearer token."""
    operation: CompiledOperation | None = None
    verdict: RateVerdict | None = None
    fault: Fault | None = None
    preference: bytes | None = None
    """What was honoured of Prefer."""
    raw: bytes | None = None
    """The decompressed body; None when it was not read."""
    unread: Refusal | None = None
    """Why the body could not be read."""
    keys: tuple[str, ...] = ()
    """Ids in the body that tell a repeated attempt."""
    respelled = False
    kept = False
    """Whether the operation was carried out."""
    cause: str | None = None
    clauses: tuple[str, ...] = ()

    def __init__(self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], sandbox: Sandbox) -> None:
        self.started = time.monotonic()
        self.scope = scope
        self.receive = receive
        self.cycle: Cycle | None = (scope.get("extensions") or {}).get(CYCLE)
        """The request as our own server has it; None behind any other."""
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = headers
        self.sandbox = sandbox
        self.now = sandbox.clock.now()
        """Microseconds since 1970, by the sandbox's clock."""


@dataclass(slots=True)
class Cut(Exception):  # noqa: N818 - it is an end of the exchange, not an error of the server
    """The connection is to be cut, as a fault ordered."""

    reply: Reply | None = field(default=None)
    """What is begun of an answer; its body is already cut, its Content-Length is not. None: nothing is answered."""
