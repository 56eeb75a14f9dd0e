"""What a listed trace shows of what was sent: identity, times, tags, metadata, and the numbers of spans and scores."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Judge, TestData, covers
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Expect, Group, Seen
from twosignal_conformance.apis.rest.checks.responses import is_integer, moment, same
from twosignal_conformance.engine.api_client import http_date

_COARSE = timedelta(seconds=1)
"""A server may write times in whole seconds (dialect timestamps-out); what gets lost within one is judged by
timestamps.out.round-trip."""

_RECEIPT = timedelta(minutes=5)
"""Between the server's Date header and a createdAt that is the time of receipt: a run is shorter."""


@covers(
    "traces.fields.id",
    "traces.fields.name",
    "traces.fields.start-time",
    "traces.fields.created-at",
    "traces.fields.created-at-receipt",
)
def test_a_listed_trace_has_id_name_and_start(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One with a plain name, and one whose name holds signs of other scripts and of HTML."""
    group = Group(client, judge, data, "identity")
    instant = data.time()
    plain = group.trace(startTime=data.stamp(instant))
    odd = group.trace('ü 漢字 🚀 <b>&amp;"')
    group.ingest(plain)
    named = [trace for trace in (plain, odd) if trace is plain or group.send(trace).ok]
    seen = group.see(*named)
    judge.require(seen.rows, "neither the id nor the name of the trace was found in the list")
    judge.check(
        "traces.fields.id",
        seen.shows([plain]),
        expected=f"id {plain['id']}",
        actual=f"a trace of this name with the ids {', '.join(seen.rows)}",
        evidence=seen.page,
    )
    group.verify(
        *(Expect.value("traces.fields.name", trace, "name", trace["name"]) for trace in named),
        Expect("traces.fields.start-time", plain, "startTime", _about(instant), f"startTime {data.stamp(instant)}"),
        Expect("traces.fields.created-at", plain, "createdAt", lambda seen: moment(seen) is not None, "a timestamp"),
    )
    created, date = moment(seen.row(plain).get("createdAt")), http_date(seen.page.header("date"))
    if created is None or date is None:
        judge.untested(
            "traces.fields.created-at-receipt", "the response has no createdAt or no Date to compare it with"
        )
    else:
        apart = abs(date - created)
        judge.check(
            "traces.fields.created-at-receipt",
            apart < _RECEIPT,
            expected="createdAt about the time of receipt",
            actual=f"{apart.total_seconds():.0f} s from Date",
            evidence=seen.page,
        )


@covers(
    "traces.fields.end-time",
    "traces.fields.end-time-running",
    "traces.fields.end-time-own",
    "traces.fields.end-time-spans",
    "traces.fields.end-time-open-span",
    "traces.fields.duration",
    "traces.fields.duration-arithmetic",
    "traces.fields.duration-running",
)
def test_ends_and_durations(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace with an end of its own, one that ends with its spans, one with an open span, one that runs."""
    group = Group(client, judge, data, "times")
    start = data.time()
    end, early, late = (start + timedelta(milliseconds=part) for part in (5432, 2100, 4321))
    kinds = {kind: group.trace(kind, startTime=data.stamp(start)) for kind in ("own", "spans", "open", "running")}
    kinds["own"]["endTime"] = data.stamp(end)
    bodies = [*kinds.values()]
    # The span that ends last is not the last one that is sent.
    for kind, instant in (("own", early), ("spans", late), ("spans", early), ("open", early), ("open", None)):
        ended = ABSENT if instant is None else data.stamp(instant)
        bodies.append(group.span(kinds[kind], startTime=data.stamp(start), endTime=ended))
    group.ingest(*bodies)
    own, spans, opened, running = kinds.values()
    seen = group.verify(
        *(
            Expect("traces.fields.end-time", trace, "endTime", _is_end, "a timestamp or null")
            for trace in kinds.values()
        ),
        Expect.value("traces.fields.end-time-running", running, "endTime", None),
        Expect(
            "traces.fields.end-time-own",
            own,
            "endTime",
            lambda seen: _about(end)(seen) or not _is_end(seen),
            f"endTime {data.stamp(end)}",
        ),
        Expect(
            "traces.fields.end-time-spans",
            spans,
            "endTime",
            lambda seen: seen is None or _about(late)(seen) or not _is_end(seen),
            f"endTime {data.stamp(late)} or null",
        ),
        Expect.value("traces.fields.end-time-open-span", opened, "endTime", None),
        Expect.value("traces.fields.duration-running", running, "durationMs", 0),
    )
    for trace, sent in ((own, end), (spans, late)):
        _judge_duration(judge, seen, trace, sent - start)


@covers("traces.fields.duration-not-negative", profile="standard")
def test_a_trace_that_ends_before_it_starts(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A second before; many servers refuse it."""
    group = Group(client, judge, data, "backwards")
    start = data.time()
    trace = group.trace(startTime=data.stamp(start), endTime=data.stamp(start - timedelta(seconds=1)))
    exchange = group.send(trace)
    if not exchange.ok:
        judge.observe("traces.fields.duration-not-negative", f"refused with {exchange.status}", evidence=exchange)
        return
    seen = group.shown(trace)
    duration = seen.row(trace).get("durationMs")
    judge.observe("traces.fields.duration-not-negative", f"durationMs {duration}", evidence=seen.page)


@covers(
    "traces.fields.tags",
    "traces.fields.tags-order",
    "traces.fields.tags-none",
    "traces.fields.metadata",
    "traces.fields.metadata-none",
    "traces.fields.metadata-nulls",
)
def test_tags_and_metadata(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Some, none, a tag that is repeated, and nulls inside of metadata."""
    group = Group(client, judge, data, "labels")
    tags = [data.tag(text) for text in ("zebra", "apple", "ÜBER")]
    metadata = {"text": "ü 漢字", "whole": 3, "part": 0.5, "yes": True, "list": [1, "two", [False]], "in": {"er": {}}}
    nulls = {"nothing": None, "in": {"nothing": None}, "list": [None, 1]}
    full = group.trace("full", tags=tags, metadata=metadata)
    none = group.trace("none", tags=ABSENT, metadata=ABSENT)
    odd = group.trace("odd", tags=[tags[0], tags[1], tags[0]], metadata=nulls)
    group.ingest(full, none, odd)
    group.verify(
        Expect(
            "traces.fields.tags",
            full,
            "tags",
            lambda seen: isinstance(seen, list) and sorted(map(str, seen)) == sorted(tags),
            f"the tags {tags}",
        ),
        Expect.value("traces.fields.tags-order", odd, "tags", tags[:2]),
        Expect.value("traces.fields.tags-none", none, "tags", []),
        Expect.value("traces.fields.metadata", full, "metadata", metadata),
        Expect.value("traces.fields.metadata-none", none, "metadata", {}),
        Expect(
            "traces.fields.metadata-nulls",
            odd,
            "metadata",
            # Where something else than a null differs, another clause is broken.
            lambda seen: same(seen, nulls) or not same(_without_nulls(seen), _without_nulls(nulls)),
            f"metadata {nulls!r}",
            awaited=lambda seen: same(seen, nulls),
        ),
    )


@covers("traces.fields.span-count", "traces.fields.score-count")
def test_spans_and_scores_are_counted(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Three spans and two scores on one trace, none on another."""
    group = Group(client, judge, data, "counts")
    trace, bare = group.trace("three"), group.trace("none")
    group.ingest(trace, bare, *(group.span(trace) for _ in range(3)))
    clause = "traces.fields.span-count"
    group.verify(Expect.value(clause, trace, "spanCount", 3), Expect.value(clause, bare, "spanCount", 0))
    scores = [
        client.call("createScore", json=data.score(trace, evaluatorName=f"conformance-{data.run_id}-{number}"))
        for number in (1, 2)
    ]
    judge.require(all(exchange.ok for exchange in scores), f"a score was answered with {scores[-1].status}")

    def counts(seen: Seen) -> tuple[object, object]:
        return seen.row(trace).get("scoreCount"), seen.row(bare).get("scoreCount")

    seen = group.see(trace, bare, until=lambda seen: same(list(counts(seen)), [2, 0]))
    judge.require(seen.shows([trace, bare]), "the traces did not show in the list")
    scored, unscored = counts(seen)
    # Evaluators of the project add scores of their own, as many to each trace; so only a surplus tells nothing.
    alive = is_integer(unscored) and unscored != 0
    judge.require(not alive, "the project's own evaluators seem to score traces: use a project without any")
    judge.check(
        "traces.fields.score-count",
        same([scored, unscored], [2, 0]),
        expected="scoreCount 2 and 0",
        actual=f"scoreCount {scored} and {unscored}",
        evidence=(*scores, seen.page),
    )


def _about(instant: datetime) -> Callable[[object], bool]:
    """True when a timestamp names an instant, to the second."""
    return lambda seen: (found := moment(seen)) is not None and abs(found - instant) < _COARSE


def _is_end(value: object) -> bool:
    return value is None or moment(value) is not None


def _without_nulls(value: object) -> object:
    match value:
        case dict():
            return {name: _without_nulls(inner) for name, inner in value.items() if inner is not None}
        case list():
            return [_without_nulls(inner) for inner in value if inner is not None]
        case _:
            return value


def _judge_duration(judge: Judge, seen: Seen, trace: Json, sent: timedelta) -> None:
    """By the times that were sent, or by those that are shown, which a server may have taken from elsewhere."""
    row = seen.row(trace)
    start, end = moment(row.get("startTime")), moment(row.get("endTime"))
    duration = row.get("durationMs")
    if start is None or end is None:
        return
    whole = judge.check(
        "traces.fields.duration",
        is_integer(duration),
        expected="an integer durationMs",
        actual=f"durationMs {duration!r}",
        evidence=seen.page,
    )
    right = [span // timedelta(milliseconds=1) for span in (sent, end - start)]
    if whole:
        judge.check(
            "traces.fields.duration-arithmetic",
            duration in right,
            expected=f"durationMs {right[0]}",
            actual=f"durationMs {duration}",
            evidence=seen.page,
        )
