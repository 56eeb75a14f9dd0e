"""One request on its way: what is known of it so far, for the stages of the pipeline and for the records at its end."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from twosignal_mock._call import Refusal
from twosignal_mock.gate import CompiledOperation
from twosignal_mock.universes import Fault, RateVerdict, Universe

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Header = tuple[bytes, bytes]


@dataclass(slots=True)
class Reply:
    """An answer, ready to be sent."""

    status: int
    headers: list[Header]
    body: bytes


class Exchange:
    """One request. Stages fill it in; nothing of it outlives the request but what the records keep."""

    __slots__ = (
        "answered",
        "cause",
        "clauses",
        "fault",
        "headers",
        "kept",
        "key",
        "keys",
        "method",
        "now",
        "operation",
        "path",
        "preference",
        "raw",
        "receive",
        "respelled",
        "scope",
        "started",
        "token",
        "universe",
        "unread",
        "verdict",
    )

    def __init__(self, scope: Scope, receive: Receive, headers: Mapping[bytes, bytes], universe: Universe) -> None:
        self.started = time.monotonic()
        self.answered: float | None = None
        """When the answer was ready to be sent; None while it is not."""
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers = headers
        self.universe = universe
        self.now = 0
        """Microseconds since 1970, by the universe's clock."""
        self.key: str | None = None
        """The API key that was known; names the rate window."""
        self.token: str | None = None
        """Whatever came as a bearer token."""
        self.operation: CompiledOperation | None = None
        self.verdict: RateVerdict | None = None
        self.fault: Fault | None = None
        self.preference: bytes | None = None
        """What was honoured of Prefer."""
        self.raw: bytes | None = None
        """The decompressed body; None when it was not read."""
        self.unread: Refusal | None = None
        """Why the body could not be read."""
        self.keys: tuple[str, ...] = ()
        """Ids in the body that tell a repeated attempt."""
        self.respelled = False
        self.kept = False
        """Whether the operation was carried out."""
        self.cause: str | None = None
        self.clauses: tuple[str, ...] = ()


@dataclass(slots=True)
class Cut(Exception):  # noqa: N818 - it is an end of the exchange, not an error of the server
    """The connection is to be cut, as a fault ordered."""

    reply: Reply | None = field(default=None)
    """What is begun of an answer; its body is already cut, its Content-Length is not. None: nothing is answered."""
