"""What each list shows of a thing; these checks also run on what is there already, in a run that is read-only."""

from __future__ import annotations

from functools import partial
from typing import Any

from twosignal_conformance.apis.dashboard.checks import (
    MISSING,
    ApiClient,
    Desk,
    Exchange,
    Judge,
    TestData,
    covers,
    procedures,
)
from twosignal_conformance.apis.dashboard.checks.desk import (
    DATASETS,
    EVALUATORS,
    KEYS,
    ORGANIZATIONS,
    PROJECTS,
    ROUTINGS,
    Kind,
)
from twosignal_conformance.engine.api_client import member

_COMMON = ("id", "name", "createdAt")

_FIELDS: tuple[tuple[str, Kind, tuple[str, ...]], ...] = (
    ("organizations.list.fields", ORGANIZATIONS, ("id", "name", "plan", "role", "memberCount")),
    ("projects.list.fields", PROJECTS, (*_COMMON, "description")),
    ("evaluators.list.fields", EVALUATORS, (*_COMMON, "type", "enabled", "config")),
    ("datasets.list.fields", DATASETS, (*_COMMON, "description")),
    ("keys.list.fields", KEYS, (*_COMMON, "keyPrefix", "revokedAt", "lastUsedAt")),
    ("routing.configurations.fields", ROUTINGS, (*_COMMON, "defaultModel", "rules", "enabled")),
)
"""What the published clients read of a row."""

_TRACE = ("id", "name", "status", "durationMs", "totalTokens", "totalCost", "startTime", "createdAt")


def judge_fields(judge: Judge, clause: str, rows: list[Any], fields: tuple[str, ...], exchange: Exchange) -> None:
    """Judge that each row has each field, be it null."""
    lacking = sorted({name for row in rows for name in fields if member(row, name) is MISSING})
    actual = f"no {', '.join(lacking)}" if lacking else "all"
    judge.check(clause, not lacking, expected=", ".join(fields), actual=actual, evidence=exchange)


@covers(*(clause for clause, _, _ in _FIELDS))
def test_a_list_shows_what_clients_read(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A thing of each kind, made where the run may make it."""
    desk = Desk(client, judge, data)
    given: dict[str, dict[str, Any]] = {
        EVALUATORS.name: {"name": data.name("evaluator"), "type": "CUSTOM", "config": {}},
        DATASETS.name: {"name": data.name("dataset"), "description": data.name("about")},
        KEYS.name: {"name": data.name("key")},
        ROUTINGS.name: data.routing(),
    }
    for clause, kind, fields in _FIELDS:
        if kind.name in given and not client.settings.read_only:
            exchange = desk.call(kind.create, {**desk.place(kind), **given[kind.name]})
            if not exchange.ok:
                judge.untested(clause, f"{kind.create} was answered with {exchange.status}")
                continue
        desk.place(kind)
        rows, exchange = desk.settle(partial(desk.rows, kind), lambda seen: bool(seen[0])).value
        if rows:
            judge_fields(judge, clause, rows, fields, exchange)
        else:
            judge.untested(clause, f"{kind.list} shows nothing")


@covers("traces.page.shape", "traces.page.fields", "traces.page.counts", "traces.page.cost-text")
def test_a_page_of_traces_shows_what_clients_read(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace with a span that costs something."""
    desk = Desk(client, judge, data)
    if not client.settings.read_only:
        trace = data.trace()
        desk.ingest(trace, desk.span(trace, cost=0.25))

    def page() -> tuple[list[Any], Exchange]:
        exchange = desk.call("trace.list", {"projectId": desk.stage.project})
        found = member(procedures.result(exchange), "traces")
        return found if isinstance(found, list) else [], exchange

    rows, exchange = desk.settle(page, lambda seen: bool(seen[0])).value
    judge.require(exchange.ok, f"trace.list was answered with {exchange.status}")
    found = procedures.result(exchange)
    cursor = member(found, "nextCursor")
    holds = isinstance(member(found, "traces"), list) and (cursor is None or isinstance(cursor, str))
    desk.check("traces.page.shape", holds, "traces and nextCursor", exchange.text[:200], exchange)
    judge.require(rows, "no trace is listed")
    judge_fields(judge, "traces.page.fields", rows, _TRACE, exchange)
    counts = [(member(row, "_count", "spans"), member(row, "_count", "scores")) for row in rows]
    holds = all(isinstance(each, int) for pair in counts for each in pair)
    desk.check("traces.page.counts", holds, "numbers in _count.spans and _count.scores", counts[:3], exchange)
    costs = [cost for row in rows if (cost := member(row, "totalCost")) is not None]
    if costs:
        texts = all(isinstance(cost, str) for cost in costs)
        client.dialects.note("cost-type", "text" if texts else "number")
        desk.check("traces.page.cost-text", texts, "costs in strings", costs[:3], exchange)
