"""Walks over pages as properties: every limit shows the same traces once each, in one order, and ends.

Also what ingestion does to a walk that is under way.
"""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, actions, covers, responses
from twosignal_conformance.apis.rest.checks.exports import Exports, between, whole_second
from twosignal_conformance.apis.rest.checks.shared_traces import FEW, shared_traces
from twosignal_conformance.apis.rest.checks.walks import judge_walks, walk_all

_LIMITS = (1, 2, FEW)
"""With which the few are walked through: one by one, with a rest, and exactly one page."""


@covers(
    "traces.list.walk.complete",
    "traces.list.walk.no-repeat",
    "traces.list.walk.ends",
    "traces.list.walk.same-set",
    "traces.list.walk.same-order",
    "traces.list.walk.filters",
)
def test_walks_with_different_limits_show_the_same(client: ApiClient, judge: Judge) -> None:
    """Through a few traces, three of which start at the same time, with small limits."""
    shared = shared_traces(client, judge)
    wanted = shared.ids(lambda item: item.few)
    judge_walks(judge, walk_all(client, _LIMITS, len(wanted), shared.query(few=True)), wanted)


@covers("traces.list.walk.inserts")
def test_what_comes_during_a_walk_does_not_disturb_it(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Newer traces come after the first page was read."""
    shared = shared_traces(client, judge)
    name, tag = data.name("inserts"), data.tag("inserts")
    query = {"name": name} if shared.filter == "name" else {"tags": tag}
    traces = [data.trace(name=f"{name} {number}", tags=[tag]) for number in range(6)]
    older, newer = traces[:4], traces[4:]
    limit = client.contract.parameter("listTraces", "limit").maximum

    def shown(count: int) -> bool:
        settled = client.settle(
            lambda: client.call("listTraces", query={**query, "limit": limit}),
            until=lambda page: len(responses.traces(page)) >= count,
        )
        return settled.met or client.settings.dry

    actions.ingest(client, judge, data, *older)
    judge.require(shown(len(older)), "the first traces did not show in the list")
    first = client.call("listTraces", query={**query, "limit": 2})
    actions.ingest(client, judge, data, *newer)
    judge.require(shown(len(traces)), "the later traces did not show in the list")
    pages, cursor = [first], responses.next_cursor(first)
    while cursor is not None and len(pages) <= len(traces):
        pages.append(client.call("listTraces", query={**query, "limit": 2, "cursor": cursor}))
        cursor = responses.next_cursor(pages[-1])
    judge.require(len(pages) > 1, "the first page gave no cursor")
    seen = [row.get("id") for page in pages for row in responses.traces(page)]
    counts = {trace["name"]: seen.count(trace["id"]) for trace in older}
    wrong = {key: count for key, count in counts.items() if count != 1}
    judge.check(
        "traces.list.walk.inserts",
        not wrong,
        expected="each of the older traces once",
        actual=", ".join(f"{key}: {count} times" for key, count in wrong.items()) or "each once",
        evidence=pages,
    )


@covers("traces.list.walk.moves", profile="standard")
def test_a_trace_that_moves_during_a_walk(client: ApiClient, judge: Judge, data: TestData) -> None:
    """After the first page an earlier span of the newest trace comes, which makes it the oldest one."""
    exports, start = Exports(client, judge, data, "moves"), whole_second(data)
    traces = [exports.planned() for _ in range(4)]
    spans = [
        exports.otlp_span(trace, f"{number}", **between(data, start, 9 - number, 10))
        for number, trace in enumerate(traces)
    ]
    exchange = exports.export(*spans)
    judge.require(exchange.ok, f"the export was answered with {exchange.status}")
    judge.require(exports.see(*traces).shows(traces), "the traces did not show in the list")
    query = {"name": exports.prefix, "limit": 2}
    first = client.call("listTraces", query=query)
    before = exports.see(traces[0]).row(traces[0]).get("startTime")
    exports.export(exports.otlp_span(traces[0], "early", **between(data, start, 0, 1)))
    exports.see(traces[0], until=lambda seen: seen.row(traces[0]).get("startTime") != before)
    pages, cursor = [first], responses.next_cursor(first)
    while cursor is not None and len(pages) <= len(traces):
        pages.append(client.call("listTraces", query={**query, "cursor": cursor}))
        cursor = responses.next_cursor(pages[-1])
    seen = [row.get("id") for page in pages for row in responses.traces(page) if isinstance(row, dict)]
    judge.observe(
        "traces.list.walk.moves",
        f"{len(set(seen))} of {len(traces)} traces, {len(seen) - len(set(seen))} of them again",
        evidence=pages,
    )
