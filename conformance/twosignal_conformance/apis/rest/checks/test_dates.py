"""The filters startDate and endDate of the listing.

The documentation does not say whether they look at startTime or at createdAt. What must hold, holds for both: traces
lie before or after a bound by either of them. Only then it is seen which one the server takes.
"""

from __future__ import annotations

from datetime import timedelta

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, covers
from twosignal_conformance.apis.rest.checks.judging import judge_status
from twosignal_conformance.apis.rest.checks.shared_traces import Selection, select, shared_traces

_FAR = timedelta(days=1)
"""From now: before or after startTime and createdAt of everything that the run made."""

_COARSE = timedelta(seconds=1.5)
"""Around a bound: a server that keeps whole seconds may take a trace for one of the other side."""


@covers(
    "traces.list.start-date.after",
    "traces.list.start-date.keeps",
    "traces.list.end-date.before",
    "traces.list.end-date.keeps",
)
def test_far_bounds_keep_everything_or_nothing(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A day before and a day after now."""
    shared = shared_traces(client, judge)
    wanted = shared.ids()
    past, future = data.stamp(data.now - _FAR), data.stamp(data.now + _FAR)
    for clause, query in (
        ("traces.list.start-date.keeps", {"startDate": past}),
        ("traces.list.end-date.keeps", {"endDate": future}),
    ):
        seen = select(client, shared, lambda seen: seen.own >= wanted, {**shared.query(), **query})
        _judge_kept(judge, clause, seen, wanted)
    for clause, query in (
        ("traces.list.start-date.after", {"startDate": future}),
        ("traces.list.end-date.before", {"endDate": past}),
    ):
        seen = select(client, shared, lambda seen: not seen.own, {**shared.query(), **query})
        judge.require(seen.ok, f"the query was answered with {seen.pages[-1].status}")
        judge.check(clause, not seen.own, expected="no trace", actual=str(seen), evidence=seen.pages)


@covers(
    "traces.list.start-date.after",
    "traces.list.start-date.keeps",
    "traces.list.end-date.before",
    "traces.list.end-date.keeps",
    "traces.list.dates.start-time",
    "traces.list.start-date.exclusive",
    "traces.list.end-date.exclusive",
)
def test_a_bound_between_traces_parts_them(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A bound in the middle of their starts, long before they were created; and exactly at a start."""
    shared = shared_traces(client, judge)
    middle = sorted(shared.shown(), key=lambda item: item.start)[len(shared.rows) // 2 :][:1]
    judge.require(middle, "the list shows no trace")
    bound = middle[0].start
    earlier, later = (
        shared.ids(lambda item: item.start < bound - _COARSE),
        shared.ids(lambda item: item.start > bound + _COARSE),
    )
    edge = middle[0].id
    after = select(client, shared, lambda seen: seen.own >= later, {**shared.query(), "startDate": data.stamp(bound)})
    before = select(
        client,
        shared,
        lambda seen: not seen.own or seen.own >= earlier,
        {**shared.query(), "endDate": data.stamp(bound)},
    )
    # Whichever is compared: created now, they all lie after the bound, and these started after it, too.
    _judge_kept(judge, "traces.list.start-date.keeps", after, later)
    _judge_left_out(judge, "traces.list.end-date.before", before, later)
    by_start = not earlier <= after.own or bool(before.own and not before.own & later)
    judge.observe(
        "traces.list.dates.start-time", "startTime" if by_start else "createdAt", evidence=(*after.pages, *before.pages)
    )
    judge.require(by_start, "the server compares createdAt, which cannot be chosen")
    _judge_left_out(judge, "traces.list.start-date.after", after, earlier)
    _judge_kept(judge, "traces.list.end-date.keeps", before, earlier)
    for clause, seen in (("traces.list.start-date.exclusive", after), ("traces.list.end-date.exclusive", before)):
        judge.observe(clause, "kept" if edge in seen.own else "left out", evidence=seen.pages)


@covers("traces.list.dates.malformed", "traces.list.dates.reversed")
def test_bounds_that_are_no_dates_are_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Texts that are no timestamp, and bounds in the wrong order."""
    status = client.contract.error("invalid-value").status
    for name in ("startDate", "endDate"):
        for text in ("yesterday", "2026-13-45T25:61:00Z"):
            exchange = client.call("listTraces", query={name: text, "limit": 1})
            judge_status(judge, "traces.list.dates.malformed", exchange, status, what=f"{name}={text}")
    reversed_bounds = {"startDate": data.stamp(data.now + _FAR), "endDate": data.stamp(data.now - _FAR)}
    exchange = client.call("listTraces", query=reversed_bounds)
    held = f"status {exchange.status}, {len(exchange.at('data', 'traces') or ())} traces"
    judge.observe("traces.list.dates.reversed", held, evidence=exchange)


def _judge_kept(judge: Judge, clause: str, seen: Selection, wanted: set[str]) -> None:
    judge.check(
        clause,
        seen.ok and seen.own >= wanted,
        expected=f"all {len(wanted)} traces within the bound",
        actual=f"{seen}; {len(wanted - seen.own)} missing",
        evidence=seen.pages,
    )


def _judge_left_out(judge: Judge, clause: str, seen: Selection, unwanted: set[str]) -> None:
    wrong = unwanted & seen.own
    if seen.ok:
        judge.check(
            clause,
            not wrong,
            expected="no trace beyond the bound",
            actual=f"{len(wrong)} of them",
            evidence=seen.pages,
        )
