"""What the extensions of a contract say, as typed values.

Frozen, and made once at start. Whoever needs a number of the contract takes it from here and writes it nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


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
class Api:
    """Which API the document describes; /x-api."""

    name: str
    """The implementation that serves it, such as `rest`."""
    title: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One testable sentence; an item of any x-clauses."""

    id: str
    about: About
    level: Level
    sources: tuple[str, ...]
    """Tags of Contract.sources."""
    says: str
    """On one line, however it is folded in the document."""
    untestable: str | None
    """Why no check can decide it, on one line; None when one can."""
    pointer: str
    line: int
    """Line of the item in the document, 1 is the first."""
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
    """Names of the headers that tell the limit; /x-rate-limit/headers.

    A contract without a limit still has a header that tells a wait, the one of RFC 9110 section 10.2.3.
    """

    retry_after: str = "Retry-After"
    limit: str = ""
    remaining: str = ""
    reset: str = ""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How requests are counted; /x-rate-limit. How many are allowed is a plan's: Contract.plans.

    Without plans nothing is limited, and this says so: a window of no length.
    """

    algorithm: str = ""
    key: str = ""
    window: int = 0
    """Seconds."""
    headers: RateHeaders = RateHeaders()


@dataclass(frozen=True, slots=True)
class PayloadLimit:
    """How large a body may be, after decompression; x-payload-limit of an operation."""

    bytes: int
    """The largest body that must be accepted."""
    refused_above: int
    """Bytes. Every larger body must be refused; what lies between the two is the server's choice."""
    events: int | None
    """The most items of the array `events_at`."""
    events_at: str | None


@dataclass(frozen=True, slots=True)
class Retry:
    """What a client does after an error; /x-retry. Without it, nothing is asked of clients."""

    wait_statuses: tuple[int, ...] = ()
    """Statuses after which it waits as long as the response says."""
    wait_headers: tuple[str, ...] = ()
    """Headers that say how long; the first one present counts."""
    backoff_statuses: tuple[int, ...] = ()
    delays: tuple[float, ...] = ()
    """Seconds before the first, second, ... retry; the last one holds for all that follow."""
    most: int = 0
    """Retries, the first attempt not counted."""
    never: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DialectValue:
    """One documented way to answer; a member of a dialect's values."""

    name: str
    sources: tuple[str, ...]
    says: str
    status: int | None


@dataclass(frozen=True, slots=True)
class Dialect:
    """A point on which the sources disagree, so that each of its values is accepted; an item of /x-dialects."""

    name: str
    canonical: str
    values: Mapping[str, DialectValue]
    clause: str
    """Id of the clause that decides."""

    @property
    def choices(self) -> tuple[str, ...]:
        """Names of the values, the canonical one first."""
        return (self.canonical, *(name for name in self.values if name != self.canonical))


@dataclass(frozen=True, slots=True)
class Question:
    """A conflict or a gap of the sources, and what settled it; an item of /x-questions."""

    id: str
    subject: str
    settled_by: tuple[str, ...]
    """Ids of clauses and names of dialects; empty when the contract need not answer."""
    irrelevant: str | None
