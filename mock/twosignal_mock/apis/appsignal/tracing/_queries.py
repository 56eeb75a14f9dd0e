"""From the body of a request to a query of the store: pagination, filters, sites."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from twosignal_mock.apis.appsignal._access import reach_sites
from twosignal_mock.apis.appsignal._instants import LATEST, MILLISECOND, SECOND, parse_instant, read_range
from twosignal_mock.apis.appsignal.store import Listing, PageQuery, Range, Site
from twosignal_mock.engine.api import ApiError, Call
from twosignal_mock.engine.store import Transaction

_TAG = "tag."
_MOST_WORDS = 100
"""Clause traces.filter.query-bounded."""

_CURSORS: Mapping[str, tuple[type, str]] = {
    "name": (str, 'an object; expected "Time" or "Duration"'),
    "instant": (dict, "a string; expected an object with a time"),
}
"""trace-cursor: the JSON type that is taken, and what is wrong with the other one. Both are taken by default."""


def page_query(call: Call, sites: Sequence[Site], listing: Listing, cursor_dialect: str) -> PageQuery:
    """The rows that a body asks for; without pagination, the newest one. Raises ApiError."""
    body = call.body
    pagination = body.get("pagination") or {"per_page": 1, "order": "DESC", "cursor": "Time"}
    cursor, descending = pagination["cursor"], pagination["order"] == "DESC"
    _check_cursor(cursor, cursor_dialect)
    words, tags = _read_words(body.get("query") or "")
    return PageQuery(
        listing=listing,
        sites=[site.number for site in sites],
        range=_page_range(call, cursor, descending=descending),
        limit=pagination["per_page"],
        descending=descending,
        by_duration=cursor == "Duration",
        trace=fold_trace_id(body.get("trace_id")),
        digests=body.get("digests"),
        namespace=body.get("namespace"),
        action=body.get("action_name"),
        least_duration=min(int((body.get("duration") or 0) * MILLISECOND), LATEST),
        words=words,
        tags=tags,
    )


def fold_trace_id(trace_id: str | None) -> str | None:
    """Hexadecimal digits are the same in any letter case."""
    return None if trace_id is None else trace_id.lower()


def check_pagination(call: Call) -> None:
    """Raises ApiError without pagination; single-trace-pagination."""
    if call.body.get("pagination") is None:
        raise ApiError("invalid-value", place="pagination", problem="is missing; expected an object")


SitesOf = Callable[[Call, Transaction], Sequence[Site]]


def scope_reader(dialect: str) -> SitesOf:
    """Reads the sites of edges and slow events, as `edge-scope` says; what it gives raises ApiError."""
    fields = {"either": ("site_id", "site_ids"), "site-id": ("site_id",), "site-ids": ("site_ids",)}[dialect]

    def read(call: Call, transaction: Transaction) -> Sequence[Site]:
        sent = [call.body[field] for field in fields if call.body.get(field) is not None]
        if not sent:
            problem = f"is missing; expected {' or '.join(fields)}"
            raise ApiError("invalid-value", place=fields[0], problem=problem)
        return reach_sites(transaction, [id_ for each in sent for id_ in ([each] if isinstance(each, str) else each)])

    return read


def range_of(body: Mapping[str, Any]) -> Range:
    """The `from` and `to` of a body."""
    return Range(*read_range(body))


def _page_range(call: Call, cursor: Any, *, descending: bool) -> Range:
    """The range of a body, cut where its cursor goes on, and at its retention boundary."""
    since, until = read_range(call.body)
    if isinstance(cursor, dict) and cursor["time"] is not None:
        instant = parse_instant(cursor["time"], "pagination.cursor.time")
        since, until = (since, min(until, instant)) if descending else (max(since, instant), until)
    ttl = call.body.get("ttl")
    if ttl is not None:
        since = max(since, call.now * MILLISECOND - min(int(ttl * SECOND), LATEST))
    return Range(since, until)


def _check_cursor(cursor: Any, dialect: str) -> None:
    taken = _CURSORS.get(dialect)
    if taken is not None and not isinstance(cursor, taken[0]):
        raise ApiError("invalid-value", place="pagination.cursor", problem=f"is {taken[1]}")


def _read_words(query: str) -> tuple[Sequence[str], Sequence[tuple[str, str]]]:
    """The words of a free text, and the tags that it names."""
    words = list(dict.fromkeys(query.split()))
    if len(words) > _MOST_WORDS:
        raise ApiError(
            "invalid-value", place="query", problem=f"has {len(words)} words; expected at most {_MOST_WORDS}"
        )
    tags = []
    for word in [each for each in words if each.startswith(_TAG) and "=" in each]:
        words.remove(word)
        name, _, value = word.removeprefix(_TAG).partition("=")
        tags.append((name, value))
    return words, tags
