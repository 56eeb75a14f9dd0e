"""Requests, batches, spans, pages, sessions and responses, judged from journals written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from twosignal_conformance.apis.rest.clients import CLIENTS
from twosignal_conformance.clients import Attempt, all_timelines, why_undecided
from twosignal_conformance.engine.api_client import Amount

from tests.conformance.clients.journals import (
    CONTRACT,
    batch,
    cut,
    does,
    emits,
    entry,
    linked,
    results,
    span_event,
    trace_event,
    verdict,
)

Json = Any

CREATED = CONTRACT.operation("ingestTraces").success
LIMIT = CONTRACT.payload_limits["ingestTraces"]
MOST_TRACES = CONTRACT.parameter("listTraces", "limit").maximum


def sent(*events: Json, **more: Json) -> list[Json]:
    """A batch that was stored."""
    return [entry(0, "ingestTraces", CREATED, body={"batch": list(events)}, **more)]


def page(at: float, cursor: str | None, following: str | None, **query: Json) -> Json:
    """A page with a nextCursor."""
    asked = query | ({} if cursor is None else {"cursor": cursor})
    return entry(at, "listTraces", 200, query=asked, response={"data": {"traces": [], "nextCursor": following}})


TRACE = trace_event("a")

PARENT = span_event("x")
KIND = PARENT["body"]["type"]
SNAKE = {"id": "y", "trace_id": "trace-a", "name": "y", "type": KIND, "parent_span_id": "span-x"}

REQUESTS: dict[str, tuple[str, list[Json], list[Json]]] = {
    "an-unknown-path": ("client.request.known-endpoint", sent(TRACE), [entry(0, None, 404)]),
    "a-prefix-twice": (
        "client.base-url.prefix",
        sent(TRACE),
        [entry(0, None, 404, fields={"path": "/api/v1/api/v1/traces"})],
    ),
    "another-scheme": ("client.auth.bearer", sent(TRACE), sent(TRACE, headers={"authorization": "Basic [redacted]"})),
    "a-key-in-a-url": ("client.auth.key-not-in-url", sent(TRACE), sent(TRACE, fields={"key_in": ["query"]})),
    "a-key-in-a-body": ("client.auth.key-not-in-url", sent(TRACE), sent(TRACE, fields={"key_in": ["body"]})),
    "another-type": ("client.request.content-type", sent(TRACE), sent(TRACE, headers={"content-type": "text/plain"})),
    "an-unknown-event": ("client.request.valid", sent(TRACE), sent({**TRACE, "type": "trace-update"})),
    "no-name": ("client.request.valid", sent(TRACE), sent({**TRACE, "body": {"id": "trace-a"}})),
    "no-number": ("client.request.valid", [page(0, None, None, limit=3)], [page(0, None, None, limit="three")]),
    "no-json": ("client.request.valid", sent(TRACE), [entry(0, "createScore", 400, body="value=1")]),
    "snake-case": (
        "client.request.camel-case",
        sent(TRACE, span_event("x", endTime=None)),
        sent(span_event("x", end_time=None)),
    ),
    "snake-case-of-what-has-no-alias": (
        "client.request.camel-case",
        sent(TRACE, span_event("x", usage={"promptTokens": 1, "other_tokens": 2}, metadata={"prompt_tokens": 1})),
        sent(TRACE, span_event("x", usage={"prompt_tokens": 1})),
    ),
    "snake-case-of-a-trace": (
        "client.request.camel-case",
        sent(TRACE, PARENT),
        sent(trace_event("a", session_id="s")),
    ),
    "no-zone": ("client.timestamps.utc", sent(TRACE), sent({**TRACE, "timestamp": "2026-11-21T12:00:00"})),
    "another-zone": (
        "client.timestamps.utc",
        sent(trace_event("a", startTime="2026-11-21T12:00:00.5+00:00", metadata={"startTime": "now"})),
        sent(trace_event("a", startTime="2026-11-21T17:30:00+05:30")),
    ),
    "too-good": (
        "client.scores.range",
        [entry(0, "createScore", 201, body={"value": 1})],
        [entry(0, "createScore", 400, body={"value": 1.01})],
    ),
    "too-many-traces": (
        "client.paging.limit",
        [page(0, None, None, limit=MOST_TRACES)],
        [page(0, None, None, limit=MOST_TRACES + 1)],
    ),
    "the-event-of-the-parent": (
        "client.spans.parent",
        sent(TRACE, span_event("y", parentSpanId="span-x"), PARENT),
        sent(TRACE, PARENT, span_event("y", parentSpanId="event-x")),
    ),
    "no-trace": ("client.spans.trace", sent(TRACE, PARENT), sent(PARENT)),
    "its-own-parent": (
        "client.spans.no-cycle",
        sent(TRACE, PARENT, span_event("y", parentSpanId="span-x")),
        sent(TRACE, span_event("x", parentSpanId="span-y"), span_event("y", parentSpanId="span-x")),
    ),
    "another-cursor": (
        "client.paging.cursor",
        [page(0, None, "x y"), page(1, "x y", None)],
        [page(0, None, "x y"), page(1, "x+y", None)],
    ),
    "no-filter": (
        "client.paging.same-filters",
        [page(0, None, "x", name="n"), page(1, "x", None, name="n")],
        [page(0, None, "x", name="n"), page(1, "x", None)],
    ),
}
"""What is wrong: clause, requests that keep it, requests that break it."""


@pytest.mark.parametrize("case", REQUESTS)
def test_a_rule_tells_right_from_wrong(case: str) -> None:
    clause, kept, broken = REQUESTS[case]
    assert verdict(kept, clause) is True
    assert verdict(broken, clause) is False


def test_the_two_spellings_of_a_span_are_one_span() -> None:
    rows = sent(TRACE, PARENT, {**span_event("y"), "body": SNAKE})
    assert verdict(rows, "client.spans.parent") is True
    assert verdict(rows, "client.request.valid") is True
    assert verdict(rows, "client.request.camel-case") is False


def test_a_parent_that_is_an_event_is_called_so() -> None:
    rows = sent(TRACE, span_event("x"), span_event("y", parentSpanId="event-x"))
    (said,) = [result for result in results(rows, "client.spans.parent") if not result.holds]
    assert "the id of the event of 'x'" in said.actual


def test_sizes_between_what_all_take_and_all_refuse_are_not_held_against_a_client() -> None:
    for size, kept in ((LIMIT.bytes + 1, True), (LIMIT.refused_above, True), (LIMIT.refused_above + 1, False)):
        rows = sent(TRACE)
        rows[0]["request"]["body_bytes"] = size
        assert verdict(rows, "client.batch.max-bytes") is kept


def test_a_body_that_was_not_read_is_as_large_as_it_said() -> None:
    announced = {"content-length": str(LIMIT.refused_above + 1)}
    rows = [entry(0, "ingestTraces", 413, headers=announced, fields={"cause": "body-too-large"})]
    assert verdict(rows, "client.batch.max-bytes") is False
    assert verdict(rows, "client.request.valid") is True


def test_events_are_counted() -> None:
    assert LIMIT.events is not None
    for count, kept in ((LIMIT.events, True), (LIMIT.events + 1, False)):
        rows = [entry(0, "ingestTraces", CREATED, body=batch(*(str(number) for number in range(count))))]
        assert verdict(rows, "client.batch.max-events") is kept


def test_a_walk_ends_where_the_cursor_is_null() -> None:
    walk = [page(0, None, "x", limit=2), page(1, "x", None, limit=2)]
    asked = does("list", {"action": "list", "query": {"limit": 2}})
    assert verdict(walk, "client.paging.ends", asked, done=True) is True
    assert verdict([*walk, page(2, "x", None)], "client.paging.ends", asked, done=True) is False
    assert verdict(walk, "client.paging.complete", asked, done=True) is True
    assert verdict(walk[:1], "client.paging.complete", asked, done=True) is False


def test_a_cursor_that_is_lost_is_told_as_that() -> None:
    asked = does("list", {"action": "list", "query": {"limit": 2}})
    first, again = page(0, None, "x", limit=2), page(1, None, "x", limit=2)
    for done in (True, False):
        (told,) = results([first, again], "client.paging.cursor", asked, done=done)
        assert not told.holds
        assert told.actual == "asked again without the cursor that it was given"
    other = page(1, None, "x", limit=1)
    assert verdict([first, other], "client.paging.cursor", asked) is None
    assert verdict([first, again], "client.paging.cursor") is None
    twice = does("list", *[{"action": "list", "query": {"limit": 2}}] * 2)
    assert verdict([first, again], "client.paging.cursor", twice) is None


def test_a_first_page_that_comes_for_ever_is_told_of_a_journal() -> None:
    pages = [page(at, None, "x") for at in range(30)]
    (told,) = results(pages, "client.paging.cursor")
    assert told.finding
    assert "asked again without the cursor" in told.actual
    assert results([page(at, None, None) for at in range(30)], "client.paging.cursor") == []
    assert results(pages[:10], "client.paging.cursor") == []


def test_a_body_that_the_journal_cut_shows_nothing() -> None:
    score = [cut(entry(0, "createScore", 201, body={"value": 1}))]
    assert verdict(score, "client.scores.range") is None
    assert verdict(score, "client.request.valid") is None
    assert verdict([cut(page(0, None, None, limit="three"))], "client.request.valid") is False
    (link,) = linked([Attempt.read(cut(sent(TRACE)[0]), "http://127.0.0.1:1", CONTRACT)])
    (line,) = all_timelines("journal", [link], CLIENTS.noun)
    assert "cut in the journal" in line.rows[0].what
    assert "1 body " in why_undecided("client.request.valid", [link], CLIENTS)


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        (Amount(2, 0, 0, "trace"), "2 requests, 0 traces, 0.0 MB"),
        (Amount(2, 0, 0, "trace", cut=1), "2 requests, traces in 1 body that the journal cut, 0.0 MB"),
        (Amount(4, 1, 0, "trace", cut=2), "4 requests, 1 trace and traces in 2 bodies that the journal cut, 0.0 MB"),
    ],
)
def test_what_is_in_a_body_that_was_cut_is_not_counted_as_nothing(amount: Amount, told: str) -> None:
    assert str(amount) == told


def test_what_a_client_was_to_do_is_needed_to_say_that_something_is_missing() -> None:
    walk = [page(0, None, "x")]
    assert verdict(walk, "client.paging.complete") is None
    assert verdict(sent(TRACE), "client.delivery.nothing-lost") is None


def test_lost_and_doubled_are_counted_by_name() -> None:
    rows = [entry(0, "ingestTraces", None, body=batch("a")), entry(1, "ingestTraces", CREATED, body=batch("a"))]
    lost, doubled = "client.delivery.nothing-lost", "client.delivery.not-doubled"
    stored = [{"name": "a", "spans": []}]
    for there, is_kept, is_single in ((stored, True, True), ([], False, True), (stored * 2, True, False)):
        assert verdict(rows, lost, emits("a"), names={"a"}, stored=there) is is_kept
        assert verdict(rows, doubled, emits("a"), names={"a"}, stored=there) is is_single
    assert verdict(rows, lost, emits("a", delivers=False), names={"a"}) is None


def test_one_event_that_is_refused_as_too_large_cannot_be_split() -> None:
    too_large = CONTRACT.error("body-too-large").status
    lost = "client.delivery.nothing-lost"
    assert verdict([entry(0, "ingestTraces", too_large, body=batch("a"))], lost, emits("a"), names={"a"}) is True
    both = [entry(0, "ingestTraces", too_large, body=batch("a", "b"))]
    assert verdict(both, lost, emits("a", "b"), names={"a", "b"}) is False


def test_in_a_journal_without_its_beginning_no_trace_is_missed() -> None:
    rows = sent(PARENT, fields={"sequence": 7})
    assert verdict(rows, "client.spans.trace") is None
    assert verdict(sent(PARENT), "client.spans.trace") is False


def test_times_of_events_are_those_of_their_arrival() -> None:
    local = {**TRACE, "timestamp": "2026-11-21T17:30:00Z"}
    assert verdict(sent(TRACE), "client.timestamps.true", emits("a")) is True
    assert verdict(sent(local), "client.timestamps.true", emits("a")) is False
    assert verdict(sent(local), "client.timestamps.true") is None


@pytest.mark.parametrize("name", ["startTime", "endTime"])
def test_local_time_marked_as_utc_shows_in_the_zone_of_the_program(name: str) -> None:
    clause = "client.timestamps.true"
    local, earlier = "2026-11-21T17:30:00Z", "2026-11-21T07:30:00Z"
    abroad = emits("a", environment={"TZ": "Asia/Kolkata"})
    for body, scenario, kept in (
        ({name: local}, abroad, False),
        ({name: local}, emits("a"), True),
        ({name: earlier}, abroad, True),
        ({name: None}, abroad, True),
        ({"metadata": {name: local}}, abroad, True),
        ({name: local}, emits("a", environment={"TZ": "Nowhere/At-All"}), True),
    ):
        assert verdict(sent(trace_event("a", **body)), clause, scenario) is kept
        assert verdict(sent(TRACE, span_event("x", **body)), clause, scenario) is kept


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"status": "error"}, [".body.status: ", *(f'"{value}"' for value in CONTRACT.enum("Status"))]),
        ({"usage": {"promptTokens": "many"}}, [".body.usage.promptTokens: ", '"many"']),
        ({"usage": "many"}, [".body.usage: ", '"object"']),
    ],
)
def test_what_fits_none_of_several_schemas_is_told_by_the_nearest(body: Json, says: list[str]) -> None:
    (said,) = results(sent(TRACE, span_event("x", **body)), "client.request.valid")
    assert not said.holds
    assert [text for text in says if text not in said.actual] == []


def test_a_session_needs_the_password_once() -> None:
    asked = does("login", *({"action": name} for name in ("login", "refresh", "refresh")))
    login = entry(0, "login", 200, body={"email": "e"})
    refreshed = [entry(at, "refreshSession", 200, body={"refresh_token": "[redacted]"}) for at in (1.0, 2.0)]
    used = entry(2, "refreshSession", 401, body={}, fields={"cause": "invalid-refresh-token"})
    assert verdict([login, *refreshed], "client.sessions.refresh", asked) is True
    assert verdict([login, login], "client.sessions.refresh", asked) is False
    assert verdict([login, *refreshed], "client.sessions.rotation", asked) is True
    assert verdict([login, refreshed[0], used], "client.sessions.rotation", asked) is False


def test_errors_are_told_to_the_caller() -> None:
    clause = "client.answers.error-envelope"
    scenario = does("score", {"action": "score"}, clauses=[clause])
    row = CONTRACT.error("unknown-resource")
    rows = [entry(0, "createScore", row.status, body={}, response={"error": {"code": row.code, "message": "no x"}})]
    told = {"error": {"code": row.code, "message": "404: no x", "status": row.status}}
    assert verdict(rows, clause, scenario, results=[told]) is True
    for code, message in (("", "it failed"), (row.code, "it failed"), ("OTHER", "no x")):
        assert verdict(rows, clause, scenario, results=[{"error": {"code": code, "message": message}}]) is False
    assert verdict(rows, clause, scenario, results=None) is None


def test_results_may_hold_more_than_is_expected() -> None:
    clause = "client.answers.unknown-fields"
    scenario = does("route", {"action": "route"}, clauses=[clause], expect=[{"model": "m"}])
    rows = [entry(0, "routeModel", 200, body={"input": "x"})]
    assert verdict(rows, clause, scenario, results=[{"model": "m", "new": 1}]) is True
    assert verdict(rows, clause, scenario, results=[{"error": {}}]) is False


def test_every_testable_clause_about_clients_is_decided_by_a_rule() -> None:
    testable = {row.id for row in CONTRACT.clauses.values() if row.about == "client" and row.untestable is None}
    assert set(CLIENTS.decided) == testable
