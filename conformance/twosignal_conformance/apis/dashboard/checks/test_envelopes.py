"""How calls and results travel: methods, the superjson envelope, dates, both spellings of procedures and fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from twosignal_contract import Contract

from twosignal_conformance.apis.dashboard.checks import (
    MISSING,
    ApiClient,
    Desk,
    Exchange,
    Judge,
    TestData,
    covers,
    procedures,
    watches,
)
from twosignal_conformance.apis.dashboard.checks.desk import (
    DATASETS,
    EVALUATORS,
    KEYS,
    OF_PROJECTS,
    ORGANIZATIONS,
    PROJECTS,
    ROUTINGS,
    same,
)
from twosignal_conformance.engine.api_client import member

_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\Z")
_DATES = ("createdAt", "updatedAt", "startTime", "endTime", "revokedAt", "lastUsedAt")
_FREE = frozenset({"input", "output", "expectedOutput", "metadata", "config", "rules", "modelParameters"})
"""Members that hold what users sent: a date in them is none of the server's."""


_GOING_ON = frozenset({"_count", "scores", "traceCount", "spanCount", "evalRunCount", "projectBreakdown"})

# --- what every response shows ---


@watches("envelope.result.data", "envelope.result.status", "envelope.result.json", "envelope.dates.utc")
def look(exchange: Exchange, judge: Judge) -> None:
    """Every result stands where it belongs, with its status, as JSON, with its dates in UTC."""
    if exchange.operation_id is None or exchange.status is None:
        return
    judge.check(
        "envelope.result.json",
        exchange.json is not MISSING,
        expected="a body that is JSON",
        actual=f"{exchange.media_type}: {exchange.text[:80]}",
        evidence=exchange,
    )
    if exchange.ok:
        judge.check(
            "envelope.result.status",
            exchange.status == httpx.codes.OK,
            expected=f"status {httpx.codes.OK}",
            actual=exchange.status,
            evidence=exchange,
        )
        _look_at_result(exchange, judge)


def _look_at_result(exchange: Exchange, judge: Judge) -> None:
    found = procedures.result(exchange)
    # What a change gives is read by nobody, so it may be nothing.
    if exchange.method == "GET" or str(exchange.operation_id).endswith(".create"):
        judge.check(
            "envelope.result.data",
            found is not MISSING,
            expected="the result in result.data.json",
            actual=exchange.text[:200],
            evidence=exchange,
        )
    dates = [*_dates_in(found)]
    wrong = [text for text in dates if not _UTC.match(text)]
    if dates:
        judge.check(
            "envelope.dates.utc",
            not wrong,
            expected="dates as ISO 8601 in UTC that end in Z",
            actual=", ".join(wrong[:3]) or "all are",
            evidence=exchange,
        )


def _dates_in(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for item in value:
            yield from _dates_in(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            if name in _DATES and isinstance(item, str):
                yield item
            elif name not in _FREE:
                yield from _dates_in(item)


# --- methods and inputs ---


@covers("envelope.query.get", "envelope.query.no-input", "envelope.query.undefined-input")
def test_a_query_is_a_get(client: ApiClient, judge: Judge, data: TestData) -> None:
    """With an input, without one, and with one that is marked as undefined."""
    desk = Desk(client, judge, data)
    desk.check_ok("envelope.query.no-input", desk.call("organization.list"), "a GET without the parameter input")
    undefined = {"values": ["undefined"], "v": 1}
    exchange = desk.call("organization.list", None, meta=undefined)
    desk.check_ok("envelope.query.undefined-input", exchange, "a GET with the input undefined")
    exchange = desk.call("project.list", {"organizationId": desk.stage.organization})
    desk.check_ok("envelope.query.get", exchange, "a GET with its input as JSON text")


@covers("envelope.mutation.post")
def test_a_mutation_is_a_post(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A dataset."""
    desk = Desk(client, judge, data)
    given = desk.place(DATASETS) | {"name": data.name("dataset")}
    desk.check_ok("envelope.mutation.post", desk.call(DATASETS.create, given), "a POST with its input as JSON body")


@covers("envelope.method.other", "envelope.method.allow")
def test_the_other_method_is_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A query by POST and a mutation by GET."""
    desk = Desk(client, judge, data)
    status = client.contract.error("method-not-allowed").status
    for procedure, method, right in (("organization.list", "POST", "GET"), ("dataset.delete", "GET", "POST")):
        exchange = client.request(method, client.contract.operation(procedure).path, json={"json": {}})
        holds = exchange.status == status
        desk.check("envelope.method.other", holds, f"status {status} for {method}", exchange.status, exchange)
        allowed = [name.strip() for name in (exchange.header("allow") or "").split(",")]
        if holds:
            desk.check("envelope.method.allow", right in allowed, f"Allow: {right}", allowed, exchange)


@covers("envelope.input.malformed", "envelope.input.invalid", "envelope.fields.null", "envelope.fields.unknown")
def test_inputs_that_are_not_quite_right(client: ApiClient, judge: Judge, data: TestData) -> None:
    """No JSON, a missing and a wrong field, an optional field that is null, and one that nobody knows."""
    desk = Desk(client, judge, data)
    place = desk.place(DATASETS)
    exchange = client.call(DATASETS.create, content=b'{"json": {"name": ')
    desk.check_cause("envelope.input.malformed", exchange, "malformed-json", "an input that is not JSON")
    for what, given in {"a missing name": place, "a name that is a number": place | {"name": 7}}.items():
        desk.check_cause("envelope.input.invalid", desk.call(DATASETS.create, given), "invalid-value", what)
    exchange = desk.call(DATASETS.create, place | {"name": data.name("dataset"), "description": None})
    desk.check_ok("envelope.fields.null", exchange, "an optional field that is null")
    exchange = desk.call(DATASETS.create, place | {"name": data.name("dataset"), data.tag("field"): 1})
    desk.check_ok("envelope.fields.unknown", exchange, "a field that is unknown")


@covers("envelope.input.most-bytes", profile="standard")
def test_a_body_that_is_too_large(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A byte more than the limit."""
    desk = Desk(client, judge, data)
    limit = client.contract.payload_limits[DATASETS.create]
    judge.require(limit.refused_above, "the contract states no limit")
    given = desk.place(DATASETS) | {"name": data.name("dataset"), "description": "x" * int(limit.refused_above or 0)}
    exchange = client.attempt(DATASETS.create, json={"json": given})
    status = client.contract.error("body-too-large").status
    desk.check("envelope.input.most-bytes", exchange.status == status, f"status {status}", exchange.status, exchange)


# --- results ---


@covers("envelope.lists.array", "envelope.lists.order", "envelope.dates.marked")
def test_a_list_is_an_array(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Every list of the stage; an object with the list under its name is documented, too."""
    desk = Desk(client, judge, data)
    _fill(desk)
    for kind in (ORGANIZATIONS, PROJECTS, *OF_PROJECTS):
        rows, exchange = desk.rows(kind)
        found = procedures.result(exchange)
        named = procedures.NAMED_LISTS.get(kind.list)
        if not exchange.ok:
            continue
        holds = isinstance(found, list) or (named is not None and isinstance(member(found, named), list))
        desk.check("envelope.lists.array", holds, f"{kind.list} gives an array", exchange.text[:80], exchange)
        moments = [str(member(row, "createdAt")) for row in rows]
        desk.check("envelope.lists.order", moments == sorted(moments), "oldest first", moments[:3], exchange)
        if rows and isinstance(found, list):
            marked = exchange.at("result", "data", "meta", "values")
            holds = isinstance(marked, Mapping) and "0.createdAt" in marked
            desk.check("envelope.dates.marked", holds, "0.createdAt is marked as a Date", marked, exchange)
    exchange = desk.call("usage.getHistory", {"organizationId": desk.stage.organization})
    if exchange.ok:
        holds = isinstance(procedures.result(exchange), list)
        desk.check("envelope.lists.array", holds, "usage.getHistory gives an array", exchange.text[:80], exchange)


def _fill(desk: Desk) -> None:
    """Two things of each kind where the run may make them."""
    if desk.client.settings.read_only:
        return
    for _ in range(2):
        desk.create(DATASETS, {"name": desk.data.name("dataset")})
        desk.create(EVALUATORS, {"name": desk.data.name("evaluator"), "type": "CUSTOM"})
        desk.create(KEYS, {"name": desk.data.name("key")})
        desk.create(ROUTINGS, desk.data.routing())


@covers("envelope.procedures.both-spellings", "envelope.fields.both-spellings")
def test_both_spellings_mean_the_same(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Procedures that have two names, and the two names of a trace's id."""
    desk = Desk(client, judge, data)
    trace = data.trace()
    desk.ingest(trace)
    desk.detail(trace)
    dataset, _ = desk.create(DATASETS, {"name": data.name("dataset")})
    given = {
        "trace.byId": {"id": trace["id"]},
        "trace.getById": {"traceId": trace["id"]},
        "dataset.byId": {"id": dataset},
        "dataset.getById": {"id": dataset},
        "usage.currentMonth": {"organizationId": desk.stage.organization},
        "usage.getCurrentMonth": {"organizationId": desk.stage.organization},
    }
    unknown = client.contract.error("unknown-endpoint").status
    spoken: list[str] = []
    for second, first in procedures.spellings(client.contract).items():
        one, other = (procedures.call(client, name, given[name]) for name in (first, second))
        there = [each for each in (one, other) if each.ok]
        lost = [name for name, each in ((first, one), (second, other)) if not each.ok and _absent(each, unknown)]
        alike = len(there) == 2 and same(_steady(one), _steady(other))
        # A server that knows one spelling speaks a documented dialect.
        holds = alike or (len(there) == 1 and len(lost) == 1)
        if holds:
            spoken.append("both" if alike else _dialect_of(client.contract, there[0]))
        actual = f"status {one.status} and {other.status}, {'the same' if alike else 'not the same'}"
        desk.check("envelope.procedures.both-spellings", holds, f"{first} as {second}", actual, (one, other))
    for value in spoken:
        client.dialects.note("procedure-spelling", value)
    spelled = procedures.known(client, "trace.byId")
    byname = [procedures.call(client, spelled, {name: trace["id"]}) for name in ("id", "traceId")]
    ids = [member(procedures.result(each), "id") for each in byname]
    expected = f"{spelled} finds a trace by id as by traceId"
    holds = ids == [trace["id"]] * 2
    desk.check("envelope.fields.both-spellings", holds, expected, [each.status for each in byname], byname)


def _steady(exchange: Exchange) -> Any:
    """A result without what goes on by itself: counts, and scores of evaluators."""
    found = procedures.result(exchange)
    if not isinstance(found, dict):
        return found
    return {name: value for name, value in found.items() if name not in _GOING_ON}


def _absent(exchange: Exchange, unknown: int) -> bool:
    return exchange.status == unknown


def _dialect_of(contract: Contract, exchange: Exchange) -> str:
    """The dialect of a server that knows only the spelling that was answered."""
    first = str(exchange.operation_id) not in procedures.spellings(contract)
    return "command-line" if first else "terminal-interface"


@covers("envelope.fields.absent", "envelope.fields.project-beside-id", "envelope.fields.other-project")
def test_what_is_absent_stays_and_the_project_may_be_named(client: ApiClient, judge: Judge, data: TestData) -> None:
    """An evaluator that is switched off by its id alone, with its project, and with another one."""
    desk = Desk(client, judge, data)
    name, config = data.name("evaluator"), {"value": data.tag()}
    given = {"name": name, "type": "CONTAINS", "config": config}
    identifier, _ = desk.create(EVALUATORS, given)
    for what, beside in {"alone": {}, "beside its project": desk.place(EVALUATORS)}.items():
        change = {"id": identifier, "enabled": bool(beside), **beside}
        exchange = desk.call("evaluator.update", change)
        desk.check_ok("envelope.fields.project-beside-id", exchange, f"a change of a thing that is named {what}")
    shown = desk.shown(EVALUATORS, identifier, lambda shown: shown.get("name") == name)
    judge.require(shown.row, "the evaluator is not listed")
    for field, value in given.items():
        desk.check_member("envelope.fields.absent", shown, field, value)
    other = {"id": identifier, "enabled": True, "projectId": data.id()}
    exchange = desk.call("evaluator.update", other)
    desk.check_cause("envelope.fields.other-project", exchange, "unknown-resource", "a thing of another project")


@covers("envelope.dates.sent")
def test_a_date_of_an_input_is_an_instant(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The start of a trace, before and after, as dates in the filter."""
    desk = Desk(client, judge, data)
    trace = data.trace()
    desk.ingest(trace)
    desk.detail(trace)
    given = desk.place(DATASETS) | {"startDate": trace["startTime"], "endDate": data.stamp(client.now)}
    exchange = desk.call("trace.list", given, meta={"values": {"startDate": ["Date"], "endDate": ["Date"]}})
    found = [member(row, "id") for row in _traces(exchange)]
    desk.check("envelope.dates.sent", trace["id"] in found, "the trace is listed", exchange.status, exchange)


def _traces(exchange: Exchange) -> list[Any]:
    found = member(procedures.result(exchange), "traces")
    return found if isinstance(found, list) else []
