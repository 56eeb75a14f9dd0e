"""What an API hands over to have its data kept: tables for each database, and the records that an export holds.

The engine copies, drops, exports and migrates them without knowing what they mean. A second API is a further value of
`Tables`, and nothing in the engine changes. A further database is a further field of `Tables`, beside `sqlite`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from twosignal_mock.engine.store._connection import Connection

R = TypeVar("R")
"""What an API calls its repositories: a Protocol with one attribute for each concern."""
R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, slots=True)
class RecordSet(Generic[R]):
    """Records of one kind, as values of the API's interface: what an export of a project holds."""

    name: str
    """Its key in an export, such as "documents"."""
    record: type
    """A NamedTuple, a dataclass, or `str`."""
    read: Callable[[R], Iterable[Any]]
    """All records of the project, in an order that does not depend on the implementation."""
    add: Callable[[R, Sequence[Any]], object]
    """Keeps some records, in the order in which `read` gave them, in a project that has none of them."""
    key: Callable[[Any], Hashable]
    """What tells two records apart."""


@dataclass(frozen=True, slots=True)
class SqliteTables(Generic[R_co]):
    """How SQLite keeps what an API keeps."""

    migrations: Sequence[str]
    """Scripts. The first one makes the tables; number n changes those that n-1 left. A script that was in a release
    stays as it is: a change of the tables is a further script."""
    tables: Sequence[str]
    """The tables with rows of a project. Each has a column `project` and an index that begins with it."""
    repositories: Callable[[Connection, int], R_co]
    """The repositories of one project, by its number, for one transaction."""
    derived: Mapping[str, str] = field(default_factory=dict)
    """Further tables, whose rows follow from the others, and the statement that makes them for a project."""


@dataclass(frozen=True, slots=True)
class Tables(Generic[R]):
    """What one API keeps in the store. `Transaction.of` gives its repositories."""

    name: str
    """Name of the API; also its key in an export and in the list of migrations."""
    export_version: int
    """Grows when `record_sets` change so that an older export cannot be read any more."""
    record_sets: Sequence[RecordSet[R]]
    """In the order in which an import adds them."""
    sqlite: SqliteTables[R]
