"""What passes between the gate and a resource: a checked call goes in; a body or a refusal comes out.

Only values live here. A resource knows no HTTP, no clock and no socket: everything it may know of the outside is in its
Call, everything it may keep goes through its Transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from twosignal_mock.engine.store import Project, Transaction, User

__all__ = ["Call", "Joint", "Operation", "Project", "Refusal", "Setting", "UserDirectory"]


@dataclass(slots=True)
class Call:
    """One request that passed the gate. Not frozen, which would cost each request as much as its routing."""

    operation_id: str
    project: Project
    now: int
    """Milliseconds since 1970, by the clock of the project's sandbox."""
    new_id: Callable[[], str]
    """A fresh UUID on each call; repeats for the same seed, sandbox and order of calls."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Query parameters, converted and checked; defaults of the contract filled in, others absent when not sent."""
    body: Any = None
    """The JSON body: aliases normalised, checked against the schema of the operation; None when there is none."""
    token: str | None = None
    """The bearer token of an operation whose security is not an API key, as it came."""


class Refusal(Exception):  # noqa: N818 - an answer of the contract, not an error of ours
    """A call that is refused for its meaning; answered by the row of Contract.errors that `cause` names."""

    def __init__(self, cause: str, **values: object) -> None:
        super().__init__(cause)
        self.cause = cause
        self.values = values
        """Fill the message template of the row."""


class Joint(NamedTuple):
    """How a write is carried out for calls of one project that came together."""

    prepare: Callable[[Call], Any]
    """What it needs to know of a call, read as soon as that is checked, and all that is kept of it: what a body says
    takes less room than the body, and the next one finds its room still warm. Raises Refusal."""
    handle_all: Callable[[Sequence[Any], Transaction], Sequence[object]]
    """The bodies of the success answers for what `prepare` gave, as if the calls came in this order. When it raises,
    all that it did is undone and each call is carried out alone: it takes no new ids and leaves what it got as it is.
    """


@dataclass(frozen=True, slots=True)
class Operation:
    """What a resource offers for one operationId of the contract."""

    id: str
    handle: Callable[[Call, Transaction], object]
    """Gives the body of the success answer; its status is the contract's. Raises Refusal, and then nothing is kept."""
    writes: bool = False
    """Whether `handle` may change anything; then its answer waits until the change is stored."""
    joint: Joint | None = None
    """For a write: the same for calls that came together."""
    stateless: bool = False
    """Whether `handle` neither reads nor writes: then the store is not asked, and there is no transaction."""
    attempt_keys: Callable[[Any], tuple[str, ...]] | None = None
    """From a decoded body (checked or not: it must not fail on any JSON), the ids that tell a repeated attempt: event
    ids, OTLP span ids. None: attempts are told by the hash of the body."""
    locate: Callable[[Any, str | None], str | None] | None = None
    """For operations without an API key: the id of the project that (body, token) belongs to, None when it cannot be
    told. The body may be unchecked: it must not fail on any JSON."""


class UserDirectory(Protocol):
    """Who may sign in."""

    def find_user(self, email: str) -> User | None:
        """The user of this e-mail, whatever its case."""
        ...

    def find_user_by_id(self, user_id: str) -> User | None:
        """The user of this id."""
        ...

    def sign_in(self, email: str, password: str) -> User | None:
        """The user of this e-mail if the password is theirs; None takes as long, whichever of the two is wrong."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What the operations are built with, once at start."""

    dialects: Mapping[str, str]
    """The value chosen for every dialect of the contract."""
    token_secret: bytes
    """Signs access tokens."""
    users: UserDirectory
    """Who may sign in."""
    lag: int = 0
    """Milliseconds between the receipt of a trace and its first showing, as of a server that queues what it takes."""
