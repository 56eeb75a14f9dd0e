"""What an API hands over to the engine, and what passes between the two. Read this file before you add an API.

An API is one value, `Api`. Only values live here. A handler knows no HTTP, no clock and no socket: its Call holds all
that it may know of the outside, and what it keeps goes through its transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from twosignal_contract import Contract, ErrorTemplate

from twosignal_mock.engine._beside import (
    ControlCall,
    ControlError,
    ControlErrorKind,
    ControlRoutes,
    Sample,
    SampleRequest,
    SampleWork,
    Work,
    WorkCall,
    Worker,
)
from twosignal_mock.engine.store import Project, Tables, Transaction, User

__all__ = [
    "Api",
    "ApiError",
    "BatchHandler",
    "Bundle",
    "Call",
    "ClauseTable",
    "ControlCall",
    "ControlError",
    "ControlErrorKind",
    "ControlRoutes",
    "Dependencies",
    "Deviations",
    "Handler",
    "KeyScheme",
    "Project",
    "Sample",
    "SampleRequest",
    "SampleWork",
    "ServedApi",
    "Spelling",
    "Success",
    "TokenScheme",
    "UserDirectory",
    "Work",
    "WorkCall",
    "Worker",
]


# --- what passes between the engine and a handler --------------------------------------------------------------------
@dataclass(slots=True)
class Call:
    """One request that passed validation. Not frozen, which would cost each request as much as its routing."""

    operation_id: str
    project: Project
    now: int
    """Milliseconds since 1970, by the clock of the project's sandbox."""
    new_id: Callable[[], str]
    """Gives a fresh UUID; the same ones for the same seed, sandbox and order of calls."""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """By name, converted and checked, with the defaults of the contract; others are absent when they were not sent."""
    body: Any = None
    """The JSON body: checked, its aliases normalised; None when there is none."""
    token: str | None = None
    """The credential of a TokenScheme, as it was sent."""


class Success(NamedTuple):
    """A result that says more than its body: its status, which of several media types it has, or headers."""

    body: object
    status: int | None = None
    """None: the first success status of the contract."""
    media_type: str | None = None
    """None: the one that the request accepts, else the first."""
    headers: tuple[tuple[str, str], ...] = ()
    """Names with values, beside those that every response has."""


class ApiError(Exception):
    """An error that the contract declares, raised by a handler or a stage; the row of x-errors that `cause` names."""

    def __init__(self, cause: str, **values: object) -> None:
        super().__init__(cause)
        self.cause = cause
        self.values = values
        """Fill the template of the row."""


class BatchHandler(NamedTuple):
    """How a write is carried out for several calls of one project at once."""

    prepare: Callable[[Call], Any]
    """What is needed of a call. It is read as soon as the call is checked, and nothing else is kept of the call: it
    takes less room than the body, and the next body finds its room still warm in the cache. Raises ApiError."""
    handle_all: Callable[[Sequence[Any], Transaction], Sequence[object]]
    """(what `prepare` gave, transaction) to the results, as if the calls came in this order. When it raises, all that
    it did is undone and each call is carried out alone: it takes no new ids, and changes nothing of what it is given.
    """


@dataclass(frozen=True, slots=True)
class Handler:
    """Carries out one operation of the contract."""

    id: str
    """The operationId."""
    handle: Callable[[Call, Any], object]
    """(call, transaction) to the body of the response, or a Success. Raises ApiError, and then nothing is kept."""
    parameters: tuple[str, ...] = ()
    """Names of the parameters that it reads: one that the contract has and no handler reads is refused at start."""
    writes: bool = False
    """True when `handle` may change anything; then the response waits until the change is stored."""
    batch: BatchHandler | None = None
    """For a write: the same for several calls at once."""
    accounts: bool = False
    """For a write: True when it changes projects or keys, which are known anew before the response is sent."""
    stateless: bool = False
    """True when `handle` neither reads nor writes; it gets None for a transaction."""
    awaited: bool = False
    """True when `handle`, of a stateless one, gives something to await: it may ask other servers, within its bounds."""
    attempt_keys: Callable[[Any], tuple[str, ...]] | None = None
    """From a decoded body, the ids in it by which a repeated attempt is recognised. The body may be unchecked: it must
    not fail on any JSON. None: attempts are recognised by the hash of the body."""
    locate: Callable[[Any], str | None] | None = None
    """For an operation that anybody may call: the id of the project that a body belongs to, None when it cannot be
    told. The body may be unchecked."""


class UserDirectory(Protocol):
    """Who may sign in."""

    def users_of(self, project_id: str) -> Sequence[User]:
        """The users of a project, oldest first."""
        ...

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
class Dependencies:
    """What handlers are built with, once at start."""

    dialects: Mapping[str, str]
    """The value chosen for every dialect of the contract."""
    token_secret: bytes
    """Signs tokens."""
    users: UserDirectory
    """Who may sign in."""
    new_key: Callable[[], str] = str
    """Makes an API key that nobody can guess."""
    key_uses: Callable[[str], Mapping[str, int]] = field(default=lambda _project: {})
    """From the id of a project to the digests of keys of its sandbox that were used in this run, and when last:
    milliseconds since 1970."""
    lag: int = 0
    """Milliseconds between the receipt of something and its first showing, as of a server that works from a queue."""
    seed: int = 0
    """Decides what an API invents."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Options of the mock that only an API knows the meaning of, by name; absent when not given."""


# --- who may call ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class KeyScheme:
    """A security scheme whose credential is an API key of the project registry. The contract says where it is sent."""

    missing: str
    """Cause of the error when no key was sent."""
    unknown: str
    revoked: str
    prefixes: tuple[str, ...] = ()
    """What keys of this API begin with: the records hide what looks like one."""
    decides: bool = False
    """True when a key that was sent here counts, known or not, whatever other schemes would say."""


@dataclass(frozen=True, slots=True)
class TokenScheme:
    """A security scheme whose credential the API issues and checks itself: the handler finds it in Call.token."""

    locate: Callable[[str], str | None]
    """The id of the project that a token names, genuine or not; None when it names none."""
    cookie: Callable[[str], str | None] | None = None
    """For a scheme whose cookie has no fixed name, or comes in pieces: from the header Cookie to the token in it."""


# --- how the dialects of an API change its responses -----------------------------------------------------------------
class Spelling(StrEnum):
    """Which spellings of an aliased field are known."""

    BOTH = "both"
    CANONICAL = "canonical"
    """Another spelling is an unknown field, and ignored as such."""
    ALIASES = "aliases"
    """The contract's own spelling is an unknown field."""


# --- several calls in one request ------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Bundle:
    """How one request carries several calls of an API, whose responses come as one JSON array.

    The paths of the operations differ in their last step alone, where the calls stand beside each other. The inputs
    stand in one JSON object by the numbers of the calls, from 0: in the query parameter of the operations, or in the
    body.
    """

    parameter: str
    """Query parameter that tells such a request."""
    value: str
    """Its value."""
    separator: str
    """Between the calls in the path."""
    inputs: str
    """Name of the query parameter that the operations without a body read."""
    most: int
    """Calls in one request."""
    mixed_status: int
    """Status when the calls have different ones."""
    too_many: str
    """Cause of the error for more calls."""
    mixed: str
    """Cause of the error for calls that need different methods."""


@dataclass(frozen=True, slots=True)
class Deviations:
    """How the chosen dialects change what the contract says; the default changes nothing, and costs nothing."""

    spelling: Spelling = Spelling.BOTH
    spellings: Mapping[str, Spelling] = field(default_factory=dict)
    """By operation: in the place of `spelling`."""
    errors: Mapping[str, ErrorTemplate] = field(default_factory=dict)
    """By cause: in the place of the contract's."""
    statuses: Mapping[str, int] = field(default_factory=dict)
    """By operation: its success status."""
    bodies: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    """By operation: from the body of a success to the one that is sent."""
    timestamps: Callable[[str], str] | None = None
    """From a date-time of a success to the text that is sent."""
    reset: Callable[[int, int], int] | None = None
    """(seconds left, now in microseconds since 1970) to the value of the rate header `reset`. None: seconds left."""
    limits_when_refused: bool = True
    """Whether an error for the rate tells the limit beside the wait."""
    refused_schemes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By operation: security schemes of the contract that it does not take all the same."""
    optional_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """By operation: fields of its body that the contract requires, and that may be left out all the same."""


@dataclass(frozen=True, slots=True)
class ClauseTable:
    """Which clauses are behind an error: those that the client broke, and those that demand the error."""

    causes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By cause, whatever the operation."""
    operations: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """By cause and operation: in the place of the row of the cause."""
    places: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """By operation and the place of an invalid value: before the others."""
    respelled: tuple[str, ...] = ()
    """Broken by a request that was understood only because another spelling of a field is accepted as well."""


# --- the API ---------------------------------------------------------------------------------------------------------
def _no_workers(_contract: Contract, _dependencies: Dependencies) -> Iterable[Worker]:
    return ()


def _no_schemes(_contract: Contract) -> Mapping[str, KeyScheme | TokenScheme]:
    return {}


def _no_directions(_contract: Contract) -> Mapping[str, str]:
    return {}


def _no_deviations(_contract: Contract, _dialects: Mapping[str, str]) -> Deviations:
    return Deviations()


@dataclass(frozen=True, slots=True)
class Api:
    """An API that the engine can serve."""

    name: str
    """/x-api/name of the contracts that it serves."""
    handlers: Callable[[Contract, Dependencies], Iterable[Handler]]
    """One for every operation."""
    schemes: Callable[[Contract], Mapping[str, KeyScheme | TokenScheme]] = _no_schemes
    """By their names in /components/securitySchemes."""
    deviations: Callable[[Contract, Mapping[str, str]], Deviations] = _no_deviations
    """(contract, the value chosen for every dialect) to what changes."""
    clauses: ClauseTable = field(default_factory=ClauseTable)
    too_many_items: str = ""
    """Cause of the error when the array that x-payload-limit counts has too many items."""
    key_prefix: Callable[[Mapping[str, str]], str] | None = None
    """From the chosen dialects, what new API keys begin with."""
    tables: Tables[Any] | None = None
    """What it keeps in the store; a handler finds the repositories by Transaction.of."""
    sample: Sample | None = None
    directions: Callable[[Contract], Mapping[str, str]] = _no_directions
    """By a path that is none of its own (`/page`, or `/pages/*`), where to go from there: the error says so."""
    control: ControlRoutes | None = None
    bundle: Callable[[Contract], Bundle] | None = None
    """None: a request is one call."""
    workers: Callable[[Contract, Dependencies], Iterable[Worker]] = _no_workers
    """What it does beside its requests."""


@dataclass(frozen=True, slots=True)
class ServedApi:
    """An API as one server serves it."""

    api: Api
    contract: Contract
    dialects: Mapping[str, str]
    """The value of every dialect."""
    handlers: Mapping[str, Handler]
    """By operation."""
    workers: tuple[Worker, ...] = ()
