"""Log lines in the store: their type, what they are searched by, and what a repository offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from twosignal_mock.engine.store import JsonText


@dataclass(frozen=True, slots=True)
class Comparison:
    """A field compared with a value, or with any of several."""

    field: str
    """Its name, dotted for nesting."""
    operator: str
    """The name of an operator of /x-appsignal-log-query that negates no other."""
    values: tuple[str, ...]
    """More than one only of a list. Case-folded where letter case does not count."""
    negated: bool = False
    """True: it holds for exactly the lines for which the comparison does not."""


@dataclass(frozen=True, slots=True)
class Junction:
    """Terms of which all must hold, or one."""

    joined_by: str
    """`and` or `or`, as /x-appsignal-log-query/precedence names them."""
    terms: tuple[Query, ...]
    """None of them is joined in the same way. Without terms, joined by `and`: every line."""


Query = Comparison | Junction


class LogLine(NamedTuple):
    """A log line."""

    source: int
    """The number of its source."""
    time: int
    """Nanoseconds since 1970."""
    chunk: int
    """Lines of one source that came together, at most as many as a chunk holds, by a number of the project's."""
    place: int
    """In its chunk. Chunk and place tell the lines of a project apart."""
    severity: str
    """In the letter case of /x-appsignal-log-query/severities."""
    hostname: str
    group: str | None
    message: str
    json: JsonText | None
    """The structured part as it came."""
    fields: JsonText
    """What it is searched by, `{"text": {}, "folded": {}, "number": {}}`: every attribute that has a value, by its
    dotted name, as text; its case-folded text unless it is ASCII, which SQLite folds; and its number if it is one. The
    last two have what stands outside of the attributes, too: severity, hostname, group and message."""


class LogSearch(NamedTuple):
    """Which lines a search wants."""

    sources: Sequence[int]
    """Their numbers."""
    query: Query
    earliest: int
    latest: int
    """Nanoseconds since 1970, inclusive."""
    newest_first: bool
    most: int


class SearchTooLongError(Exception):
    """A search that looks at more than a server should for one request; says at how much."""


class Logs(Protocol):
    """The log lines of a project."""

    def add(self, lines: Sequence[LogLine]) -> None:
        """Keeps lines."""
        ...

    def next_chunk(self) -> int:
        """The number of a chunk that the project does not have yet, nor any higher one."""
        ...

    def all(self) -> Iterable[LogLine]:
        """By chunk and place."""
        ...

    def search(self, search: LogSearch) -> Sequence[LogLine]:
        """The first lines that match, by time; those of one instant by chunk and place. They lack `fields`.

        Raises SearchTooLongError.
        """
        ...
