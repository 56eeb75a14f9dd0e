"""What an organization used in a month."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from twosignal_conformance.apis.dashboard.checks import MISSING, ApiClient, Desk, Judge, TestData, covers, procedures
from twosignal_conformance.apis.dashboard.checks.desk import ORGANIZATIONS, Seen
from twosignal_conformance.apis.dashboard.checks.stage import new_key
from twosignal_conformance.apis.dashboard.checks.test_listings import judge_fields
from twosignal_conformance.engine.api_client import member

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])\Z")
_COUNTS = ("traceCount", "spanCount", "evalRunCount")


def usage(desk: Desk, until: Callable[[Seen], bool] = lambda seen: isinstance(seen.result, dict)) -> Seen:
    """The month of the shared organization once a condition holds, or --settle is over."""

    def probe() -> Seen:
        exchange = desk.call("usage.currentMonth", {"organizationId": desk.stage.organization})
        return Seen(procedures.result(exchange), exchange)

    return desk.settle(probe, until).value


def _of_project(seen: Seen, project: str) -> Any:
    return next((row for row in seen.list("projectBreakdown") if member(row, "projectId") == project), MISSING)


@covers("usage.month.fields", "usage.month.name", "usage.month.traces-limit")
def test_the_month_shows_what_clients_read(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The current month."""
    desk = Desk(client, judge, data)
    seen = usage(desk)
    judge.require(seen.exchange.ok, f"usage.currentMonth was answered with {seen.exchange.status}")
    judge_fields(judge, "usage.month.fields", [seen.result], ("month", *_COUNTS, "projectBreakdown"), seen.exchange)
    month = seen.get("month")
    if month is not MISSING:
        holds = isinstance(month, str) and bool(_MONTH.match(month))
        desk.check("usage.month.name", holds, "such as 2026-03", month, seen.exchange)
    plans = client.contract.extension("x-dashboard-plans")
    plan = plans.get(desk.shown(ORGANIZATIONS, desk.stage.organization).get("plan"), {})
    limit = seen.get("tracesLimit")
    wanted = plan.get("traces", MISSING)
    desk.check("usage.month.traces-limit", limit == wanted, f"tracesLimit {wanted}", limit, seen.exchange)


@covers("usage.month.counted", "usage.month.breakdown")
def test_what_is_written_is_counted(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A project of its own, with traces and spans."""
    desk = Desk(client, judge, data)
    project = desk.project("used")
    key, _ = new_key(client, project, data.name("key"))
    before = usage(desk)
    judge.require(isinstance(before.get("traceCount"), int), "usage.currentMonth gives no traceCount")
    traces = [data.trace() for _ in range(data.number(2, 3))]
    spans = [desk.span(trace) for trace in traces for _ in range(2)]
    desk.ingest(*traces, *spans, api_key=key["key"])
    wanted = {"traceCount": len(traces), "spanCount": len(spans)}

    def grown(seen: Seen) -> bool:
        return all(_number(seen.get(name)) - _number(before.get(name)) >= more for name, more in wanted.items())

    seen = usage(desk, lambda seen: grown(seen) and _of_project(seen, project) is not MISSING)
    actual = {name: _number(seen.get(name)) - _number(before.get(name)) for name in wanted}
    evidence = (before.exchange, seen.exchange)
    desk.check("usage.month.counted", grown(seen), f"at least {wanted} more", actual, evidence)
    row = _of_project(seen, project)
    counted = {name: member(row, name) for name in wanted}
    desk.check("usage.month.breakdown", counted == wanted, f"{wanted} for the project", counted, seen.exchange)
    rows = seen.list("projectBreakdown")
    sums = {name: sum(_number(member(each, name)) for each in rows) for name in _COUNTS}
    total = {name: seen.get(name) for name in _COUNTS}
    desk.check("usage.month.breakdown", sums == total, f"counts that add up to {total}", sums, seen.exchange)


@covers("usage.history.fields", "usage.history.months", "usage.history.most")
def test_the_history_shows_months(client: ApiClient, judge: Judge, data: TestData) -> None:
    """As many as were asked for."""
    desk = Desk(client, judge, data)
    organization = desk.stage.organization
    for months in (1, 3):
        exchange = desk.call("usage.getHistory", {"organizationId": organization, "months": months})
        judge.require(exchange.ok, f"usage.getHistory was answered with {exchange.status}")
        rows = procedures.rows(client, exchange)
        desk.check("usage.history.months", len(rows) <= months, f"at most {months} months", len(rows), exchange)
        if rows:
            judge_fields(judge, "usage.history.fields", rows, ("month", *_COUNTS), exchange)
    most = desk.bounds("usage.getHistory", "months")["maximum"]
    exchange = desk.call("usage.getHistory", {"organizationId": organization, "months": most + 1})
    desk.check_cause("usage.history.most", exchange, "invalid-value", f"{most + 1} months")


def _number(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
