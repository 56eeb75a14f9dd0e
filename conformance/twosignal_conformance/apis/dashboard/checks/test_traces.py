"""Traces that were ingested over the REST API: pages, filters, and one trace with its spans and scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from twosignal_conformance.apis.dashboard.checks import (
    MISSING,
    ApiClient,
    Desk,
    Judge,
    TestData,
    covers,
    procedures,
    rest,
)
from twosignal_conformance.apis.dashboard.checks.data import Json
from twosignal_conformance.apis.dashboard.checks.desk import Seen, same
from twosignal_conformance.apis.dashboard.checks.test_listings import judge_fields
from twosignal_conformance.engine.api_client import member

_PAGES = 30
"""Most pages of a walk."""


def page(desk: Desk, **filters: object) -> Seen:
    """A page of the shared project's traces."""
    exchange = desk.call("trace.list", {"projectId": desk.stage.project, **filters})
    return Seen(procedures.result(exchange), exchange)


def listed(desk: Desk, traces: Sequence[Json], **filters: object) -> Seen:
    """A page once it shows these traces, or --settle is over."""
    wanted = {trace["id"] for trace in traces}
    return desk.settle(lambda: page(desk, **filters), lambda seen: wanted <= set(_ids(seen))).value


def _ids(seen: Seen) -> list[Any]:
    return [member(row, "id") for row in seen.list("traces")]


def _ingested(desk: Desk, *traces: Json) -> None:
    """Ingest one after the other, and wait until all are listed."""
    for trace in traces:
        desk.ingest(trace)
    seen = listed(desk, traces)
    desk.judge.require({trace["id"] for trace in traces} <= set(_ids(seen)), "ingested traces are not listed")


@covers("traces.page.same-data", "traces.page.order")
def test_a_trace_is_the_same_as_over_rest(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace with a span that failed, and one after it."""
    desk = Desk(client, judge, data)
    first, second = data.trace(), data.trace()
    usage = {"promptTokens": 11, "completionTokens": 5, "totalTokens": 16}
    desk.ingest(first, desk.span(first, usage=usage, cost=0.0125, status="ERROR", errorMessage="it failed"))
    desk.ingest(second)
    seen = listed(desk, [first, second])
    row: Json = next((each for each in seen.list("traces") if member(each, "id") == first["id"]), {})
    judge.require(row, "the trace is not listed")
    there = rest.call(client, "listTraces", desk.stage.api_key, query={"name": first["name"]})
    found = there.at("data", "traces")
    there_rows = found if isinstance(found, list) else []
    other: Json = next((each for each in there_rows if member(each, "id") == first["id"]), {})
    judge.require(other, "the REST API does not list the trace")
    for name in ("name", "status", "durationMs", "totalTokens", "totalCost"):
        here, wanted = member(row, name), member(other, name)
        holds = _amount(here) == _amount(wanted) if name == "totalCost" else same(here, wanted)
        desk.check("traces.page.same-data", holds, f"{name} {wanted!r}", here, (there, seen.exchange))
    ids = _ids(seen)
    judge.require(second["id"] in ids, "the second trace is not listed")
    holds = ids.index(second["id"]) < ids.index(first["id"])
    desk.check("traces.page.order", holds, "the newer trace first", "the older one first", seen.exchange)


def _amount(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)).normalize() if isinstance(value, str | int | float) else None
    except InvalidOperation:
        return None


@covers("traces.page.limit", "traces.page.limit-default", "traces.page.limit-range", "traces.page.cursor")
def test_pages_follow_each_other(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Five traces of one name, two on a page."""
    desk = Desk(client, judge, data)
    name, limit = data.name("paged"), 2
    traces = [data.trace(name=f"{name} {number}") for number in range(5)]
    _ingested(desk, *traces)
    found: list[Any] = []
    cursor: Any = None
    seen = page(desk, limit=limit)
    for _ in range(_PAGES):
        ids = _ids(seen)
        desk.check("traces.page.limit", len(ids) <= limit, f"at most {limit} traces", len(ids), seen.exchange)
        found += ids
        cursor = seen.get("nextCursor")
        if not isinstance(cursor, str) or {trace["id"] for trace in traces} <= set(found):
            break
        seen = page(desk, limit=limit, cursor=cursor)
    wanted = [trace["id"] for trace in reversed(traces)]
    walked = [each for each in found if each in set(wanted)]
    cut = isinstance(cursor, str) and len(set(found)) == len(found) and not set(wanted) <= set(found)
    judge.require(not cut, f"the traces do not stand on the first {_PAGES} pages")
    desk.check("traces.page.cursor", walked == wanted, "each trace once, in order", f"{walked}", seen.exchange)
    bounds = desk.bounds("trace.list", "limit")
    seen = page(desk)
    count = len(_ids(seen))
    most = bounds["default"]
    desk.check("traces.page.limit-default", count <= most, f"at most {most} traces", count, seen.exchange)
    for limit in (bounds["minimum"] - 1, bounds["maximum"] + 1):
        desk.check_cause("traces.page.limit-range", page(desk, limit=limit).exchange, "invalid-value", f"limit {limit}")


@covers("traces.page.cursor", profile="standard")
def test_the_last_page_has_no_cursor(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A walk over everything of the shared project."""
    desk = Desk(client, judge, data)
    _ingested(desk, data.trace())
    seen, ids = page(desk, limit=100), []
    for _ in range(_PAGES):
        judge.require(seen.exchange.ok, f"trace.list was answered with {seen.exchange.status}")
        ids += _ids(seen)
        cursor = seen.get("nextCursor")
        if not isinstance(cursor, str):
            break
        seen = page(desk, limit=100, cursor=cursor)
    holds = not isinstance(seen.get("nextCursor"), str) and len(set(ids)) == len(ids)
    desk.check("traces.page.cursor", holds, "an end, and no trace twice", f"{len(ids)} traces", seen.exchange)


def _judge_filter(desk: Desk, clause: str, wanted: Sequence[Json], unwanted: Sequence[Json], **filters: object) -> bool:
    """Judge that a page has these and not those; False when it does not even show what it should."""
    seen = listed(desk, wanted, **filters)
    ids = _ids(seen)
    holds = all(each["id"] in ids for each in wanted) and not any(each["id"] in ids for each in unwanted)
    expected = f"{len(wanted)} traces for {filters} and no other"
    return desk.check(clause, holds, expected, f"status {seen.exchange.status}, {len(ids)} traces", seen.exchange)


@covers("traces.page.status", "traces.page.tags", "traces.page.days", "traces.page.whole-days")
def test_filters_give_what_they_name(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace that failed and one that did not, with one tag in common."""
    desk = Desk(client, judge, data)
    common, own = data.tag(), data.tag()
    good, bad = data.trace(tags=[common]), data.trace(tags=[common, own])
    desk.ingest(good, desk.span(good))
    desk.ingest(bad, desk.span(bad, status="ERROR", errorMessage="it failed"))
    seen = listed(desk, [good, bad])
    judge.require({good["id"], bad["id"]} <= set(_ids(seen)), "ingested traces are not listed")
    ok, error = client.contract.enum("Status")
    _judge_filter(desk, "traces.page.status", [good], [bad], status=ok)
    _judge_filter(desk, "traces.page.status", [bad], [good], status=error)
    _judge_filter(desk, "traces.page.tags", [good, bad], [], tags=[common])
    _judge_filter(desk, "traces.page.tags", [bad], [good], tags=[common, own])
    today = client.now - timedelta(minutes=20)
    day = {number: f"{today + timedelta(days=number):%Y-%m-%d}" for number in (-2, -1, 0, 2)}
    _judge_filter(desk, "traces.page.days", [good, bad], [], startDate=day[-1], endDate=day[2])
    _judge_filter(desk, "traces.page.days", [], [good, bad], startDate=day[2])
    _judge_filter(desk, "traces.page.days", [], [good, bad], endDate=day[-2])
    _judge_filter(desk, "traces.page.whole-days", [good, bad], [], startDate=day[0], endDate=day[0])


@covers("traces.page.search")
def test_traces_are_found_by_name(client: ApiClient, judge: Judge, data: TestData) -> None:
    """By a part of the name, in either spelling of the field."""
    desk = Desk(client, judge, data)
    wanted, other = data.trace(), data.trace()
    _ingested(desk, wanted, other)
    part = wanted["name"][2:]
    seen = {field: listed(desk, [wanted], **{field: part}) for field in ("search", "name")}
    right = [field for field, each in seen.items() if wanted["id"] in _ids(each) and other["id"] not in _ids(each)]
    client_knows = "both" if len(right) == len(seen) else (right or [""])[0]
    if right:
        client.dialects.note("trace-name-filter", client_knows)
    evidence = [each.exchange for each in seen.values()]
    desk.check("traces.page.search", bool(right), "the trace of this name alone", "others, too", evidence)


def _detailed(desk: Desk, trace: Json, until: Callable[[Any], bool]) -> Seen:
    seen = desk.detail(trace, until)
    desk.judge.require(seen.exchange.ok, f"the trace was answered with {seen.exchange.status}")
    return seen


@covers(
    "traces.detail.fields",
    "traces.detail.spans",
    "traces.detail.parent",
    "traces.detail.tokens",
    "traces.detail.scores",
    "traces.detail.trace-id",
)
def test_a_trace_holds_its_spans_and_scores(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A span with a child, and a score."""
    desk = Desk(client, judge, data)
    trace = data.trace()
    usage = {"promptTokens": 7, "completionTokens": 3, "totalTokens": 10}
    root = desk.span(trace, input={"question": data.tag()}, output=[data.tag()], usage=usage)
    child = desk.span(trace, parentSpanId=root["id"], input=data.tag(), output=data.tag())
    desk.ingest(trace, root, child)
    given: Json = {"evaluatorName": data.name("score"), "value": 0.5, "label": "fair", "reasoning": data.tag()}
    seen = _detailed(desk, trace, lambda found: len(_list(found, "spans")) >= 2)
    scored = rest.score(client, desk.stage.api_key, trace, **given)
    names = ("id", "name", "status", "durationMs", "totalTokens", "totalCost", "tags", "createdAt")
    judge_fields(judge, "traces.detail.fields", [seen.result], names, seen.exchange)
    rows = {member(row, "id"): row for row in seen.list("spans")}
    kept = {span["id"]: [member(rows.get(span["id"]), name) for name in ("input", "output")] for span in (root, child)}
    holds = all(same(kept[span["id"]], [span["input"], span["output"]]) for span in (root, child))
    desk.check("traces.detail.spans", holds, "both spans with input and output", f"{kept}", seen.exchange)
    if {root["id"], child["id"]} <= rows.keys():
        parents = [member(rows[span["id"]], "parentSpanId") for span in (root, child)]
        holds = parents == [None, root["id"]]
        desk.check("traces.detail.parent", holds, f"null and {root['id']}", parents, seen.exchange)
        tokens = {name: member(rows[root["id"]], name) for name in usage}
        desk.check("traces.detail.tokens", same(tokens, usage), f"{usage}", tokens, seen.exchange)
    if scored.ok:
        seen = _detailed(desk, trace, lambda found: bool(_score(found, given)))
        score = _score(seen.result, given)
        shown = {name: member(score, name) for name in given}
        desk.check("traces.detail.scores", same(shown, given), f"{given}", shown, seen.exchange)
    _judge_trace_id(desk, trace)


def _judge_trace_id(desk: Desk, trace: Json) -> None:
    """The terminal interface names a trace by traceId; a server may know the command line's spelling alone."""
    exchange = procedures.call(desk.client, "trace.getById", {"traceId": trace["id"]})
    if exchange.status == desk.client.contract.error("unknown-endpoint").status and _dialect_lacks_it(desk):
        desk.judge.untested("traces.detail.trace-id", "the server knows the other spelling of the procedure alone")
        return
    found = member(procedures.result(exchange), "id")
    desk.check("traces.detail.trace-id", found == trace["id"], "the trace", f"status {exchange.status}", exchange)


def _dialect_lacks_it(desk: Desk) -> bool:
    """True when not even a call without input leads to the procedure, as far as a 404 tells."""
    exchange = procedures.call(desk.client, "trace.getById", {})
    return exchange.status == desk.client.contract.error("unknown-endpoint").status


def _list(found: Any, name: str) -> list[Any]:
    rows = member(found, name)
    return rows if isinstance(rows, list) else []


def _score(found: Any, given: Json) -> Any:
    """The score of this evaluator; the evaluators of the project may have scored the trace, too."""
    rows = _list(found, "scores")
    return next((row for row in rows if member(row, "evaluatorName") == given["evaluatorName"]), MISSING)
