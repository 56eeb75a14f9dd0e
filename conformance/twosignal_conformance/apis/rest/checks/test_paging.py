"""Walks over pages as properties: every limit shows the same traces once each, in one order, and ends.

Also what ingestion does to a walk that is under way.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, TestData, actions, covers, responses
from twosignal_conformance.apis.rest.checks.exports import Exports, between, whole_second
from twosignal_conformance.apis.rest.checks.shared_traces import FEW, SharedTraces, shared_traces

_LIMITS = (1, 2, FEW)
"""With which the few are walked through: one by one, with a rest, and exactly one page."""

_ROOM = 2
"""Pages that a walk may need beyond those that hold something: an empty last one, and one for the count."""


@dataclass
class Walk:
    """The pages of one walk."""

    limit: int
    pages: list[Exchange] = field(default_factory=list)
    ids: list[object] = field(default_factory=list)
    """In the order in which they were shown, repeats included."""

    @property
    def ended(self) -> bool:
        """True when the last page says that it is the last one."""
        return responses.next_cursor(self.pages[-1]) is None

    def foreign(self, wanted: set[str]) -> list[object]:
        """What it showed beside the traces that match."""
        return [identifier for identifier in self.ids if identifier not in wanted]


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
    walks = [walk for limit in _LIMITS if (walk := _walk(client, shared, limit, len(wanted))).pages[0].ok]
    whole = []
    for walk in walks:
        what, foreign = f"with limit={walk.limit}", walk.foreign(wanted)
        judge.check(
            "traces.list.walk.filters",
            not foreign,
            expected=f"only traces that match, {what}",
            actual=f"{len(foreign)} others",
            evidence=walk.pages,
        )
        repeated = {identifier for identifier in walk.ids if walk.ids.count(identifier) > 1}
        judge.check(
            "traces.list.walk.no-repeat",
            not repeated,
            expected=f"no trace twice, {what}",
            actual=f"{len(repeated)} traces more than once",
            evidence=walk.pages,
        )
        if foreign or (repeated and not walk.ended):
            # Pages of something else, or the same ones for ever: where it would have ended cannot be told.
            continue
        missing = wanted.difference(map(str, walk.ids))
        judge.check(
            "traces.list.walk.complete",
            not missing,
            expected=f"all {len(wanted)} traces, {what}",
            actual=f"{len(missing)} are missing after {len(walk.pages)} pages",
            evidence=walk.pages[-5:],
        )
        judge.check(
            "traces.list.walk.ends",
            walk.ended,
            expected=f"nextCursor null after the last trace, {what}",
            actual=f"a cursor after {len(walk.pages)} pages",
            evidence=walk.pages[-1],
        )
        whole.append(walk)
    _judge_agreement(judge, [walk for walk in walks if not walk.foreign(wanted)], whole)


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


def _walk(client: ApiClient, shared: SharedTraces, limit: int, matching: int) -> Walk:
    walk = Walk(limit)
    most = -(-matching // limit) + _ROOM
    for page in actions.pages(client, most=most, limit=limit, **shared.query(few=True)):
        walk.pages.append(page)
        walk.ids += [row.get("id") for row in responses.traces(page) if isinstance(row, dict)]
    return walk


def _judge_agreement(judge: Judge, walks: list[Walk], whole: list[Walk]) -> None:
    """True when walks agree on the set and, those that do, on the order."""
    judge.require(len(walks) > 1, "there are no two walks to compare")
    sets = {walk.limit: frozenset(walk.ids) for walk in walks}
    judge.check(
        "traces.list.walk.same-set",
        len(set(sets.values())) == 1,
        expected="the same set of traces with every limit",
        actual=", ".join(f"{len(found)} with limit={limit}" for limit, found in sets.items()),
        evidence=[walk.pages[-1] for walk in walks],
    )
    largest = max(len(set(walk.ids)) for walk in walks)
    comparable = [walk for walk in whole if len(walk.ids) == largest]
    judge.require(len(comparable) > 1, "there are no two whole walks to compare")
    orders = {tuple(walk.ids) for walk in comparable}
    judge.check(
        "traces.list.walk.same-order",
        len(orders) == 1,
        expected="the same order with every limit",
        actual="the same" if len(orders) == 1 else f"{len(orders)} different orders",
        evidence=[page for walk in comparable for page in walk.pages][-5:],
    )
