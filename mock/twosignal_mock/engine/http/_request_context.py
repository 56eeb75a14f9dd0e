"""What is known of one request on its way: one immutable value for each stage, written by that stage alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from twosignal_mock.engine.api import ApiError
from twosignal_mock.engine.http._asgi import CYCLE, Receive, Scope
from twosignal_mock.engine.http._cycle import Cycle
from twosignal_mock.engine.http._fields import SINGLE, combine
from twosignal_mock.engine.sandbox import Fault, RateVerdict, Sandbox
from twosignal_mock.engine.validation import CompiledOperation

as_tuple: Any = tuple.__new__
"""Makes a named tuple of all its values in half the time that its constructor takes; for those of every request."""


class Arrival(NamedTuple):
    """What was sent; written by http."""

    started: float
    """Seconds, monotonic and real (time.monotonic), when it arrived."""
    method: str
    path: str
    headers: Mapping[bytes, bytes]
    scope: Scope
    receive: Receive
    cycle: Cycle | None
    """The request as our own server has it; None behind any other."""


class Admitted(NamedTuple):
    """Who calls, and in which sandbox; written by security."""

    sandbox: Sandbox
    now: int
    """Microseconds since 1970, by the sandbox's clock."""
    key: str | None = None
    """The API key that was known; names the rate window."""
    token: str | None = None
    """The credential that the handler checks."""


class Disturbance(NamedTuple):
    """The fault that it meets; written by the fault player."""

    fault: Fault | None = None
    preference: bytes | None = None
    """What was honoured of Prefer."""
    hint: bytes | None = None
    """What is told of the rest of it."""


class Content(NamedTuple):
    """Its body; written by whoever reads it first."""

    raw: bytes | None = None
    """The decompressed body; None when it was not read."""
    error: ApiError | None = None
    """Why it could not be read."""
    attempt_keys: tuple[str, ...] = ()
    """Ids in the body by which a repeated attempt is recognised."""
    broken: tuple[str, ...] = ()
    """Clauses that it broke although it was understood: by another spelling than the contract's."""


class Outcome(NamedTuple):
    """What happened to it; written by the handler's stage, or by the response to an error."""

    carried_out: bool = False
    cause: str | None = None
    """Of the error that it got."""
    clauses: tuple[str, ...] = ()
    """Those behind the error."""
    broken: tuple[str, ...] = ()
    """Those of them that the client broke."""
    reason: str = ""
    """The error in words, as the client is told."""


CARRIED_OUT = Outcome(carried_out=True)


class RequestContext:
    """One request. Nothing of it outlives the request but what the records keep.

    One is made for every request: what most requests leave as it is stands on the class.
    """

    operation: CompiledOperation | None = None
    """What it asks for; written by routing. None: no operation of any contract."""
    admitted: Admitted
    disturbance = Disturbance()
    verdict: RateVerdict | None = None
    """Of the rate window; written by the rate stage."""
    content = Content()
    outcome = Outcome()
    responded: float | None = None
    """When the response was ready to be sent, as Arrival.started; None while it is not."""

    sequence: int | None = None
    """Its number in the journal, when it stands there already: it is delayed. Written by the fault player."""

    contradiction: bytes | None = None
    """The name of a field that stands there with two values and may have one; written by http."""

    def __init__(self, scope: Scope, receive: Receive, started: float, single: frozenset[bytes] = SINGLE) -> None:
        """`single`: the fields that may have one value."""
        lines = scope["headers"]
        headers = dict(lines)
        if len(headers) != len(lines):
            headers, self.contradiction = combine(lines, single)
        cycle = (scope.get("extensions") or {}).get(CYCLE)
        self.arrival: Arrival = as_tuple(
            Arrival, (started, scope["method"], scope["path"], headers, scope, receive, cycle)
        )
