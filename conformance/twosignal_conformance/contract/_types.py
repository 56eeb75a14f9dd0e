"""The contract as the suite needs it: what is judged (clauses, dialects), and the numbers that judging takes.

What only a server needs to know, such as its own error texts, is left in `document`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any


class About(StrEnum):
    """The kind of run that counts a clause."""

    SERVER = "server"
    CLIENT = "client"


class Level(StrEnum):
    """How heavily a broken clause weighs: a `may` is observed and never fails a server."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"


@dataclass(frozen=True, slots=True)
class Clause:
    """One testable sentence of the contract, and where it is written."""

    id: str
    about: About
    """Whom it binds; a run about servers counts only clauses about servers."""
    level: Level
    sources: tuple[str, ...]
    """Tags of Contract.sources."""
    says: str
    untestable: str | None
    """The reason, for a clause that no check can decide."""
    pointer: str
    """JSON pointer of its item in an x-clauses."""
    line: int
    """Line in the document, 1 is the first."""
    operation_id: str | None
    """The operation around it; None at the root and in shared schemas."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where clauses come from; an item of /x-sources."""

    tag: str
    title: str
    kind: str
    authority: int
    """1 is the highest."""
    seed: str | None


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How the rate is counted and told; /x-rate-limit. The four last are names of headers."""

    window: int
    """Seconds."""
    retry_after: str
    limit: str
    remaining: str
    reset: str


@dataclass(frozen=True, slots=True)
class PayloadLimit:
    """Bounds of a body; x-payload-limit of an operation."""

    bytes: int
    """Largest body, in bytes, that must be accepted."""
    refused_above: int
    """Bytes; every larger body must be refused. What lies between the two is the server's choice."""
    events: int | None
    """Most items of the array `events_at` in the body."""
    events_at: str | None


@dataclass(frozen=True, slots=True)
class Retry:
    """What a client has to do after a refusal; /x-retry."""

    wait_statuses: tuple[int, ...]
    wait_headers: tuple[str, ...]
    """The first one present tells the wait."""
    backoff_statuses: tuple[int, ...]
    delays: tuple[float, ...]
    """Seconds before the first, second, ... retry."""
    most: int
    """Retries after the first attempt."""
    never: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Lifetimes in seconds and claims; /x-tokens."""

    access_lifetime: int
    access_claims: tuple[str, ...]
    refresh_lifetime: int


@dataclass(frozen=True, slots=True)
class Reading:
    """One documented way to answer; a member of a dialect's values."""

    sources: tuple[str, ...]
    says: str
    status: int | None


@dataclass(frozen=True, slots=True)
class Dialect:
    """A point on which the sources disagree, so that each of its values is accepted; an item of /x-dialects."""

    name: str
    canonical: str
    values: Mapping[str, Reading]
    clause: str


@dataclass(frozen=True, slots=True)
class Question:
    """A conflict or gap of the sources; an item of /x-questions."""

    id: str
    subject: str
    settled_by: tuple[str, ...]
    """Ids of clauses and names of dialects."""
    irrelevant: str | None


@dataclass(frozen=True, slots=True)
class Contract:
    """The document by which is judged."""

    version: str
    """/info/version"""
    path: Path
    sha256: str
    """Hex digest of the file."""
    document: Mapping[str, Any]
    """Plain data, not to be changed."""
    lines: Mapping[str, int]
    """JSON pointer to line, for every place of the document."""
    clauses: Mapping[str, Clause]
    sources: Mapping[str, Source]
    plans: Mapping[str, int]
    """Requests in one window of `rate_limit`; /x-plans."""
    rate_limit: RateLimit
    payload_limits: Mapping[str, PayloadLimit]
    """By operationId."""
    unlimited: frozenset[str]
    """operationIds of what is exempt from the rate limit."""
    retry: Retry
    tokens: Tokens
    dialects: Mapping[str, Dialect]
    questions: Mapping[str, Question]
