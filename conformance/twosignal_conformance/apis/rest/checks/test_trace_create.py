"""Traces as they are created: what they need, what they may leave out, and what a second trace-create changes."""

from __future__ import annotations

from typing import Any

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Judge, Key, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.judging import judge_accepted, judge_refusals, typed

_LATER_FIELDS = ("sessionId", "parentTraceId", "deploymentId", "evaluators")


@covers("traces.trace.id-required", "traces.trace.name-required")
def test_a_trace_needs_an_id_and_a_name(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Each of them left out."""
    for missing in ("id", "name"):
        body = typed(client.contract, "TraceCreateEvent", data.trace(**{missing: ABSENT}), data)
        judge_refusals(client, judge, f"traces.trace.{missing}-required", {f"a trace without {missing}": body})


@covers("traces.event.empty-name")
def test_a_name_may_be_empty(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Of a trace, and of a span, which has to be counted."""
    group = Group(client, judge, data, "unnamed")
    clause, trace = "traces.event.empty-name", group.trace()
    judge_accepted(judge, clause, group.send(group.trace(name="")), "a trace with an empty name")
    if judge_accepted(judge, clause, group.send(trace, group.span(trace, name="")), "a span with an empty name"):
        group.verify(Expect.value(clause, trace, "spanCount", 1), control=group.control())


@covers("traces.trace.optional-fields", "traces.trace.start-default")
def test_a_trace_needs_nothing_else(client: ApiClient, judge: Judge, data: TestData) -> None:
    """An id and a name alone; the event has a timestamp twenty minutes ago."""
    group = Group(client, judge, data, "bare")
    trace = {name: value for name, value in group.trace().items() if name in ("id", "name")}
    instant = data.time()
    event = data.event(trace, timestamp=data.stamp(instant))
    exchange = client.call("ingestTraces", json={"batch": [event]})
    judge.require(judge_accepted(judge, "traces.trace.optional-fields", exchange, "a bare trace"), "it was refused")
    seen = group.shown(trace)
    start = seen.row(trace).get("startTime")
    judge.check(
        "traces.trace.start-default",
        responses.instant(start) == instant,
        expected=f"startTime {event['timestamp']}",
        actual=start,
        evidence=seen.page,
    )


@covers("traces.trace.session-fields", "traces.trace.extra-fields-hidden")
def test_traces_of_sessions_and_deployments_are_accepted(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One trace for each of the fields that the published client sends, after the trace that is their parent."""
    group = Group(client, judge, data, "session")
    parent = group.trace("parent")
    values: tuple[Any, ...] = (data.id(), parent["id"], data.id(), [f"conformance-{data.run_id}"])
    traces = [group.trace(name, **{name: value}) for name, value in zip(_LATER_FIELDS, values, strict=True)]
    exchange = group.send(parent, *traces)
    what = f"a trace with {', '.join(_LATER_FIELDS)}"
    judge.require(judge_accepted(judge, "traces.trace.session-fields", exchange, what), "they were refused")
    seen = group.shown(*traces)
    listed = [name for name, trace in zip(_LATER_FIELDS, traces, strict=True) if name in seen.row(trace)]
    judge.observe("traces.trace.extra-fields-hidden", f"listed: {', '.join(listed) or 'none'}", evidence=seen.page)


@covers(
    "traces.trace.merged",
    "traces.trace.merged-metadata",
    "traces.trace.merged-tags",
    "traces.trace.merged-latest",
    "traces.trace.place-stays",
    profile="standard",
)
def test_a_trace_that_is_sent_again(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Other metadata, tags and start under a later timestamp; after that another name under an earlier one."""
    group = Group(client, judge, data, "merged")
    early = data.stamp(data.time())
    first = group.trace("first", metadata={"kept": 1, "changed": {"a": 1}}, tags=["one", "two"])
    neighbour = group.trace("neighbour")
    middle, late = (data.stamp(data.time()) for _ in range(2))
    group.ingest_events(data.event(first, timestamp=middle), data.event(neighbour))
    group.shown(first, neighbour)
    again: Json = {
        "id": first["id"],
        "name": f"{group.prefix} again",
        "metadata": {"changed": {"b": 2}, "added": 3},
        "tags": ["three"],
        "startTime": late,
    }
    group.ingest_events(data.event(again, timestamp=late))
    outdated = {"id": first["id"], "name": f"{group.prefix} outdated"}
    group.ingest_events(data.event(outdated, timestamp=early))
    seen = group.settled()
    row, count = seen.row(first), len(seen.rows.get(first["id"], ()))
    judge.check("traces.trace.merged", count == 1, expected="listed once", actual=f"{count} times", evidence=seen.page)
    group.verify(
        Expect.value("traces.trace.merged-metadata", first, "metadata", {"kept": 1, "changed": {"b": 2}, "added": 3}),
        Expect.value("traces.trace.merged-tags", first, "tags", ["three"]),
        Expect.value("traces.trace.merged-latest", first, "name", again["name"]),
    )
    order = [identifier for identifier in seen.rows if identifier in (first["id"], neighbour["id"])]
    judge.observe(
        "traces.trace.place-stays",
        f"{'yes' if order == [neighbour['id'], first['id']] else 'no'}; startTime {row.get('startTime')}",
        evidence=seen.page,
    )


@covers("traces.trace.own-project", needs=(Key.OTHER,))
def test_one_id_in_two_projects_names_two_traces(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Under both keys, with other names and another number of spans."""
    group = Group(client, judge, data, "projects")
    mine = group.trace("mine")
    theirs = group.trace("theirs", id=mine["id"])
    clause = "traces.trace.own-project"
    group.ingest(mine, group.span(mine))
    seen = group.see(mine, until=lambda seen: seen.row(mine).get("spanCount") == 1)
    row = seen.row(mine)
    ordinary = (row.get("name"), row.get("spanCount")) == (mine["name"], 1)
    judge.require(ordinary, "the trace did not show as it was sent even before the other project had one")
    exchange = group.send(theirs, key=Key.OTHER)
    judge.require(exchange.ok or responses.refused(exchange), f"the batch was answered with {exchange.status}")
    if not exchange.ok:
        control = group.send(group.trace("control"), key=Key.OTHER)
        judge.require(control.ok, f"the other key's batches are answered with {control.status}")
        judge_accepted(judge, clause, exchange, "the id of another project's trace")
        return
    later = group.trace("later")
    group.ingest(later, key=Key.OTHER)
    seen = group.see(theirs, later, key=Key.OTHER)
    if seen.shows([later]):
        judge.check(
            clause,
            seen.shows([theirs]),
            expected=f"the trace {theirs['name']!r} in the list of the other project, as a later one of it is",
            actual="it is there" if seen.shows([theirs]) else "it is not there",
            evidence=(exchange, seen.page),
        )
    for key, trace, spans in ((Key.OTHER, theirs, 0), (Key.MAIN, mine, 1)):
        group.verify(
            Expect.value(clause, trace, "name", trace["name"]),
            Expect.value(clause, trace, "spanCount", spans),
            key=key,
        )
