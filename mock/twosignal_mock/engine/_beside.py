"""What an API may hand over beside its operations: sample data, routes of the control API, work without a request.

`engine/api.py` gives all of it out; read that first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from twosignal_contract import Contract

from twosignal_mock.engine.store import Project, Transaction

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_T = TypeVar("_T")


# --- sample data, and routes below /__mock/v1/ -----------------------------------------------------------------------
class SampleRequest(NamedTuple):
    """One request of the sample; it goes through the handler of its operation."""

    operation_id: str
    body: dict[str, Any]
    received: int
    """Milliseconds since 1970 at which the server would have received it; never after the `now` of the sample."""


SampleWork = Callable[[Transaction], object]
"""Writes a part of the sample itself: what no operation of the API can write."""

Sample = Callable[[Contract, int, str, int], Iterator[Sequence[SampleRequest | SampleWork]]]
"""(contract, count, seed, now in milliseconds since 1970) to what is stored; each sequence in one write."""


class Work(Protocol):
    """Runs a function on a transaction of the project, and gives its result."""

    async def __call__(self, work: Callable[[Transaction], _T]) -> _T:
        """The result."""
        ...


@dataclass(frozen=True, slots=True)
class ControlCall:
    """One call of an API's own route of the control API: parameters and body are checked against its document."""

    path: Mapping[str, str]
    query: Mapping[str, Any]
    """Converted and checked; defaults of the document filled in, others absent."""
    body: Any
    """{} when an optional one was not sent."""
    contract: Contract
    """Of the API."""
    now: int
    """Milliseconds since 1970, by the clock of the sandbox that the call names."""
    check: Callable[[Mapping[str, Any], Any, str], None]
    """(JSON Schema, value, its name in messages): raises ControlError for a value that the schema does not allow."""
    read: Work
    """On the sandbox that the call names."""
    write: Work


class ControlErrorKind(Enum):
    """The codes with their statuses; the enum of the control document says the same."""

    INVALID_REQUEST = 400
    UNAUTHORIZED = 401
    FORBIDDEN = 403
    NOT_FOUND = 404
    METHOD_NOT_ALLOWED = 405
    CONFLICT = 409
    PAYLOAD_TOO_LARGE = 413
    STORE_ERROR = 500


class ControlError(Exception):
    """A call of the control API that cannot be carried out: what was sent, what was expected, what to do next."""

    def __init__(self, kind: ControlErrorKind, got: str, expected: str, then: str) -> None:
        super().__init__(f"{got}; expected {expected}; {then}")
        self.kind = kind
        self.got = got
        self.expected = expected
        self.then = then


@dataclass(frozen=True, slots=True)
class ControlRoutes:
    """Routes of an API in the control API."""

    document: Traversable
    """A YAML file with the `paths` and `components` that join the control document."""
    handlers: Mapping[str, Callable[[ControlCall], Awaitable[object]]]
    """By operationId; each gives the body of the response, None for an empty one. Raises ControlError."""


# --- work beside requests ---------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class WorkCall:
    """One turn of a worker, on the sandbox of one project."""

    project: Project
    now: int
    """Milliseconds since 1970, by the clock of the sandbox."""
    read: Work
    write: Work


@dataclass(frozen=True, slots=True)
class Worker:
    """Work that an API does beside its requests. What is to do stands in the store, so that it outlives a restart.

    A sandbox has one turn of a worker at a time. There is one after each write, each move of the clock, and at start.
    """

    name: str
    turn: Callable[[WorkCall], Awaitable[int | None]]
    """Does a bounded piece of what is due. Gives when there is more to do, in milliseconds since 1970 by the clock of
    the sandbox: at once when that is not after `now`; None: only after a further write. What it raises is reported, and
    the turn comes again a little later."""
