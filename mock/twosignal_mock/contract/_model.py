"""The contract as typed values: everything that the document states outside of OpenAPI's own keywords.

Frozen, and made once at start. Whoever needs a number of the contract takes it from here and writes it nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from twosignal_mock.contract._routing import Routing


class About(StrEnum):
    """Whom a clause binds."""

    SERVER = "server"
    CLIENT = "client"


class Level(StrEnum):
    """How strongly: a `must` that is broken fails; a `may` is only observed."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


@dataclass(frozen=True, slots=True)
class Clause:
    """One testable sentence; an item of any x-clauses."""

    id: str
    about: About
    level: Level
    sources: tuple[str, ...]
    """Tags of Contract.sources."""
    says: str
    untestable: str | None
    """Why no check can decide it; None when one can."""
    pointer: str
    operation_id: str | None
    """The operation that it stands in; None for a clause of the root or of a shared schema."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a clause comes from; an item of /x-sources."""

    tag: str
    title: str
    kind: str
    authority: int
    """Rank; 1 is the highest and wins where sources disagree."""
    seed: str | None


@dataclass(frozen=True, slots=True)
class RateHeaders:
    """Names of the headers that tell the limit; /x-rate-limit/headers."""

    retry_after: str
    limit: str
    remaining: str
    reset: str


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How requests are counted; /x-rate-limit. How many are allowed is a plan's: Contract.plans."""

    algorithm: str
    key: str
    window: int
    """Seconds."""
    headers: RateHeaders


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """How one cause of refusal is answered; a member of /x-errors."""

    status: int
    code: str
    message: str
    """A template: {name} stands for a value of the case."""


@dataclass(frozen=True, slots=True)
class Retry:
    """What a client does after a refusal; /x-retry."""

    wait_statuses: tuple[int, ...]
    """Statuses after which it waits as long as the answer says."""
    wait_headers: tuple[str, ...]
    """Headers that say how long; the first one present counts."""
    backoff_statuses: tuple[int, ...]
    delays: tuple[float, ...]
    """Seconds before the first, second, ... retry."""
    most: int
    """Retries, the first attempt not counted."""
    never: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Lifetimes in seconds, and what an access token claims; /x-tokens."""

    access_lifetime: int
    access_claims: tuple[str, ...]
    refresh_lifetime: int


@dataclass(frozen=True, slots=True)
class DialectValue:
    """One documented answer to a point of disagreement; a member of a dialect's values."""

    name: str
    sources: tuple[str, ...]
    says: str
    status: int | None


@dataclass(frozen=True, slots=True)
class Dialect:
    """A point on which the sources disagree; an item of /x-dialects."""

    name: str
    canonical: str
    values: Mapping[str, DialectValue]
    clause: str


@dataclass(frozen=True, slots=True)
class Question:
    """A conflict or a gap of the sources, and what settled it; an item of /x-questions."""

    id: str
    subject: str
    settled_by: tuple[str, ...]
    """Ids of clauses and names of dialects; empty when the contract need not answer."""
    irrelevant: str | None


@dataclass(frozen=True, slots=True)
class PayloadLimit:
    """How large a body may be, after decompression; x-payload-limit of an operation."""

    bytes: int
    """The largest body that must be accepted."""
    refused_above: int
    """Bytes; the smallest body that must be refused has one more."""
    events: int | None
    """The most items of the array `events_at`."""
    events_at: str | None


@dataclass(frozen=True, slots=True)
class OperationOutline:
    """What the extensions say of an operation; its OpenAPI part stays in the document, at `pointer`."""

    operation_id: str
    method: str
    """Lower case, as in the document."""
    path: str
    """The template below the server's base URL."""
    pointer: str
    payload_limit: PayloadLimit | None
    rate_limited: bool


@dataclass(frozen=True, slots=True)
class Contract:
    """The whole document, checked."""

    version: str
    """/info/version"""
    path: Path
    sha256: str
    """Hex digest of the file's bytes."""
    document: Mapping[str, Any]
    """The document as plain dictionaries and lists; not to be changed."""
    clauses: Mapping[str, Clause]
    sources: Mapping[str, Source]
    plans: Mapping[str, int]
    """Requests that each plan may send in one window of `rate_limit`; /x-plans."""
    rate_limit: RateLimit
    errors: Mapping[str, ErrorKind]
    """By cause."""
    retry: Retry
    tokens: Tokens
    routing: Routing
    dialects: Mapping[str, Dialect]
    questions: Mapping[str, Question]
    operations: tuple[OperationOutline, ...]
