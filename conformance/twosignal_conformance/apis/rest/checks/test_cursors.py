"""Cursors: those that no response gave, those of another project, and what is inside of one."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, Key, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.judging import judge_response, judge_status
from twosignal_conformance.apis.rest.checks.shared_traces import shared_traces


def _encoded(value: object) -> str:
    """A cursor in the documented encoding: base64url of JSON, without padding."""
    text = json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


_MALFORMED = {
    "text that is no base64": "!no cursor!",
    "base64 of text that is no JSON": base64.urlsafe_b64encode(b"no cursor at all").decode(),
    "an object without id": _encoded({}),
    "an id that is a list": _encoded({"id": ["a", {"b": None}]}),
    "JSON that is no object": _encoded(None),
}
"""None of them looks like what a server with opaque cursors could have given, such as a number or an id."""


@covers("traces.list.cursor.malformed", "traces.list.cursor.not-500")
def test_a_cursor_that_no_answer_gave_is_refused(client: ApiClient, judge: Judge) -> None:
    """Nonsense of several kinds."""
    status = client.contract.error("invalid-value").status
    internal = client.contract.error("internal").status
    for what, cursor in _MALFORMED.items():
        exchange = client.call("listTraces", query={"cursor": cursor})
        broken = exchange.status == internal
        judge_response(judge, "traces.list.cursor.not-500", exchange, not broken, f"no {internal} for {what}")
        if not broken:
            judge_status(judge, "traces.list.cursor.malformed", exchange, status, what=what)


@covers(
    "traces.list.cursor.last-id",
    "traces.list.cursor.unknown-trace",
    "traces.list.cursor.other-filters",
    profile="standard",
)
def test_what_is_inside_of_a_cursor(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Read where it is written as the documentation shows it; another one made up in the same way."""
    shared = shared_traces(client, judge)
    first = client.call("listTraces", query={**shared.query(), "limit": 2})
    cursor = responses.next_cursor(first)
    judge.require(cursor, "the first page gave no cursor")
    last = first.at("data", "traces", -1, "id")
    content = _decoded(cursor or "")
    documented = isinstance(content, dict) and content.get("id") == last
    judge.check(
        "traces.list.cursor.last-id",
        documented,
        expected='base64url of {"id":"<last id>"}, perhaps with further members',
        actual="something else",
        evidence=first,
    )
    whole = {**shared.query(), "limit": client.contract.parameter("listTraces", "limit").maximum}
    failed = client.contract.enum("Status")[-1]
    everything = client.call("listTraces", query=whole)
    after = _ids(everything)[2:]
    wanted = [identifier for identifier in after if shared.rows.get(str(identifier), {}).get("status") == failed]
    other = client.call("listTraces", query={**whole, "status": failed, "cursor": cursor})
    judge.check(
        "traces.list.cursor.other-filters",
        _ids(other) == wanted,
        expected=f"{len(wanted)} traces after the cursor's that pass the new filter",
        actual=f"status {other.status}, {len(_ids(other))} traces",
        evidence=(first, other),
    )
    if not documented:
        judge.untested("traces.list.cursor.unknown-trace", "the server's cursors are opaque")
        return
    exchange = client.call("listTraces", query={**shared.query(), "cursor": _encoded({"id": data.id()})})
    judge.observe("traces.list.cursor.unknown-trace", f"status {exchange.status}", evidence=exchange)


@covers("traces.list.cursor.empty", profile="standard")
def test_a_cursor_that_is_empty(client: ApiClient, judge: Judge) -> None:
    """As a form sends a field that nobody filled in."""
    shared = shared_traces(client, judge)
    first, empty = (client.call("listTraces", query={**shared.query(), **more}) for more in ({}, {"cursor": ""}))
    same = "the first page" if _ids(empty) == _ids(first) else "another page"
    judge.observe("traces.list.cursor.empty", same if empty.ok else f"status {empty.status}", evidence=(first, empty))


@covers("traces.list.cursor.other-project", needs=(Key.OTHER,))
def test_a_cursor_of_another_project_shows_nothing_of_it(client: ApiClient, judge: Judge) -> None:
    """A cursor given to one key is sent with the key of another project."""
    shared = shared_traces(client, judge, filtered=False)
    known = {item.id for item in shared.items}
    limit = client.contract.parameter("listTraces", "limit").maximum
    for query in (shared.query(), {}):
        first = client.call("listTraces", query={**query, "limit": 1})
        cursor = responses.next_cursor(first)
        judge.require(cursor, "the first page gave no cursor")
        exchange = client.call("listTraces", key=Key.OTHER, query={**query, "limit": limit, "cursor": cursor})
        seen = known.intersection(map(str, _ids(exchange)))
        judge.check(
            "traces.list.cursor.other-project",
            not seen,
            expected="no trace of the cursor's project",
            actual=f"{len(seen)} of them",
            evidence=(first, exchange),
        )


def _ids(page: Exchange) -> list[object]:
    return [row.get("id") for row in responses.traces(page) if isinstance(row, dict)]


def _decoded(cursor: str) -> Any:
    """What a cursor in the documented encoding holds; None for another one."""
    if "=" in cursor:
        return None
    try:
        return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError):
        return None
