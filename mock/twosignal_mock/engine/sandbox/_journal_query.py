"""Finds requests in the journal, counts those that a test expects, and tells how near the others came."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import orjson

from twosignal_mock.engine.sandbox._journal import Entry

_CLASS = "xx"
"""Behind its first digit, a class of statuses: `4xx`."""
NO_STATUS = "none"
_LONGEST = 80
"""Characters of a value that a difference shows."""
_MOST_NEAR = 3
_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class JournalQuery:
    """Which requests. What is None or empty is not asked for; all that is must hold."""

    operation: str | None = None
    method: str | None = None
    path: str | None = None
    """A part of the path."""
    status: str | None = None
    """`404`, `4xx`, or NO_STATUS for a request without a response."""
    clause: str | None = None
    """One that the request broke."""
    begin: int | None = None
    """Microseconds since 1970, by the sandbox's clock: at or after."""
    end: int | None = None
    """Before."""
    query: Mapping[str, str] = field(default_factory=dict)
    """Parameters that were sent with these values, among others; of one that was sent twice either will do."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    """A part of the JSON body: of an object the members that are named, of an array items, in any order."""

    def differences(self, entry: Entry) -> Iterator[tuple[str, object, object]]:
        """Each point in which an entry is another: what it is about, what was got, what was expected."""
        attempt = entry.attempt
        status = NO_STATUS if attempt.status is None else str(attempt.status)
        points: Sequence[tuple[str, object, object, bool]] = (
            ("operation", attempt.operation_id, self.operation, attempt.operation_id == self.operation),
            ("method", attempt.method, self.method, attempt.method == (self.method or "").upper()),
            ("path", attempt.path, self.path, (self.path or "") in attempt.path),
            ("status", status, self.status, _is_status(status, self.status or "")),
            ("clause", list(attempt.clauses), self.clause, self.clause in attempt.clauses),
            ("at", attempt.at, self.begin, attempt.at >= (self.begin or 0)),
            ("at", attempt.at, self.end, self.end is None or attempt.at < self.end),
        )
        for name, got, expected, holds in points:
            if expected is not None and not holds:
                yield name, got, expected
        if self.query:
            raw = attempt.query.decode("latin-1") if isinstance(attempt.query, bytes) else attempt.query
            yield from _members("query", parse_qsl(raw, keep_blank_values=True), self.query)
        if self.headers:
            fields = ((name.decode("latin-1"), value.decode("latin-1")) for name, value in attempt.headers)
            yield from _members("header", fields, {name.lower(): value for name, value in self.headers.items()})
        if self.body is not None:
            yield from _parts("body", _body_of(entry), self.body)

    def matches(self, entry: Entry) -> bool:
        """Whether the entry is one of them."""
        return next(self.differences(entry), None) is None


class NearMiss(NamedTuple):
    """A request that is nearly one of those that were expected."""

    entry: Entry
    differences: tuple[tuple[str, object, object], ...]


def near_misses(entries: Iterable[Entry], query: JournalQuery) -> Sequence[NearMiss]:
    """Those that differ in the fewest points, the latest first."""
    found = [NearMiss(entry, tuple(query.differences(entry))) for entry in entries]
    others = [miss for miss in reversed(found) if miss.differences]
    return sorted(others, key=_distance)[:_MOST_NEAR]


def shown(value: object) -> str:
    """A value of a difference as text."""
    if value is _MISSING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _distance(miss: NearMiss) -> tuple[bool, int]:
    # Another operation is no near miss, however little was asked for beside it.
    return any(name in ("operation", "method", "path") for name, _, _ in miss.differences), len(miss.differences)


def _is_status(status: str, wanted: str) -> bool:
    return status == wanted or (wanted.endswith(_CLASS) and status[:1] == wanted[:1] and status != NO_STATUS)


def _members(
    what: str, sent: Iterable[tuple[str, str]], wanted: Mapping[str, str]
) -> Iterator[tuple[str, object, object]]:
    values: dict[str, list[str]] = {}
    for name, value in sent:
        values.setdefault(name, []).append(value)
    for name, value in wanted.items():
        got = values.get(name, [])
        if value not in got:
            yield f"{what} {name}", got[0] if len(got) == 1 else got or _MISSING, value


def _body_of(entry: Entry) -> Any:
    if entry.bodies_dropped or len(entry.body) < entry.body_size:
        return "(the journal has not all of it)"
    try:
        return orjson.loads(entry.body)
    except orjson.JSONDecodeError:
        return entry.body.decode("utf-8", "replace") if entry.body else _MISSING


def _parts(place: str, got: Any, expected: Any) -> Iterator[tuple[str, object, object]]:
    if isinstance(expected, dict) and isinstance(got, dict):
        for name, value in expected.items():
            yield from _parts(f"{place}.{name}", got.get(name, _MISSING), value)
    elif isinstance(expected, list) and isinstance(got, list):
        for index, value in enumerate(expected):
            options = [list(_parts(f"{place}[{index}]", item, value)) for item in got]
            if not options:
                yield f"{place}[{index}]", _MISSING, value
            elif all(options):
                yield from min(options, key=len)
    elif type(got) is bool or type(expected) is bool or got is _MISSING:
        if got is not expected:
            yield place, got, expected
    elif got != expected:
        yield place, got, expected
