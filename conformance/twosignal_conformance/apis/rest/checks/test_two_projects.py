"""What one project does is nowhere in another: not in its lists, and not in its sums, counts, ends and versions.

Both projects use the same ids and names, each in its own way.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from twosignal_conformance.apis.rest.checks import MISSING, ApiClient, Judge, Key, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.exports import Exports, attributes
from twosignal_conformance.apis.rest.checks.group import Expect, Group, Seen
from twosignal_conformance.apis.rest.checks.responses import is_number, moment, same
from twosignal_conformance.apis.rest.checks.templates import content_of, listed, number_of, push, resolve

_CLAUSE = "traces.trace.own-project"

_TOKENS = 11
_THEIRS = 5
"""Spans, scores and versions of the other project; the main one has one each."""


@covers(_CLAUSE, needs=(Key.OTHER,))
def test_sums_and_counts_are_of_one_project(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One trace id, span id and event id in both; the other project adds spans, failures, scores, tags and an end.

    What a member of its own trace shows wrong as well, before the other project writes, is not held against this.
    """
    group = Group(client, judge, data, "shared id")
    fine, bad = client.contract.enum("Status")
    start = data.time()
    ours = group.trace(startTime=data.stamp(start), metadata={"whose": "ours"}, tags=[data.tag("ours")])
    span = group.span(ours, usage={"totalTokens": _TOKENS}, cost=0.25, status=fine)
    events = [data.event(ours), data.event(span)]
    group.ingest_events(*events)
    before = group.see(ours, until=lambda seen: seen.row(ours).get("spanCount") == 1)
    judge.require(before.shows([ours]), "the trace did not show in the list")
    scored = client.call("createScore", json=data.score(ours))
    theirs = {
        **ours,
        "name": f"{ours['name']} of others",
        "metadata": {"whose": "theirs"},
        "tags": [data.tag("theirs")],
    }
    more = [
        group.span(
            theirs,
            id=span["id"] if not number else data.id(),
            usage={"totalTokens": 1000},
            cost=1,
            status=bad,
            endTime=data.stamp(start + timedelta(minutes=5)),
        )
        for number in range(_THEIRS)
    ]
    first = [{**event, "body": body} for event, body in zip(events, (theirs, more[0]), strict=True)]
    body = {"batch": [*first, *map(data.event, more[1:])]}
    sent = client.call("ingestTraces", json=body, key=Key.OTHER)
    judge.require(sent.ok, f"the other project's batch was answered with {sent.status}")
    there = group.see(theirs, until=lambda seen: seen.row(theirs).get("spanCount") == _THEIRS, key=Key.OTHER)
    for _ in range(_THEIRS):
        client.call("createScore", json=data.score(theirs, value=0), key=Key.OTHER)
    judge.require(scored.ok, f"a score was answered with {scored.status}")
    _judge_apart(group, ours, before)
    _judge_scores(judge, group, ours, before)
    _judge_theirs(judge, there, theirs)


@covers(_CLAUSE, needs=(Key.OTHER,), profile="standard")
def test_exports_of_two_projects_are_apart(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One traceId and spanId of OTLP in both projects, with other tokens and a failure in the other one."""
    exports, trace_id, span_id = Exports(client, judge, data, "exported"), data.hex(32), data.hex(16)
    trace = exports.planned(trace_id)
    tokens = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")
    ours = exports.otlp_span(trace, "ours", spanId=span_id, attributes=attributes(data, dict.fromkeys(tokens, 7)))
    sent = exports.export(ours)
    judge.require(sent.ok, f"the export was answered with {sent.status}")
    before = exports.see(trace, until=lambda seen: seen.row(trace).get("spanCount") == 1)
    judge.require(before.shows([trace]), "the trace did not show in the list")
    theirs = [
        data.otlp_span(
            trace_id,
            spanId=identifier,
            status={"code": 2},
            attributes=attributes(data, dict.fromkeys(tokens, 500)),
        )
        for identifier in (span_id, data.hex(16), data.hex(16))
    ]
    client.call("ingestOtlpTraces", json=data.otlp(*theirs), key=Key.OTHER)
    _judge_apart(exports, trace, before)


@covers("templates.push.own-project", needs=(Key.OTHER,))
def test_versions_are_of_one_project(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A name that the main project pushes once and the other one often, before and after."""
    ours = data.template(content=f"Ours of {data.run_id}: {{{{question}}}}", variables=["question"])
    theirs = [{**ours, "content": f"Theirs {number} of {data.run_id}"} for number in range(_THEIRS)]
    push(client, judge, theirs[0], key=Key.OTHER)
    push(client, judge, ours)
    for body in theirs[1:]:
        push(client, judge, body, key=Key.OTHER)
    seen = resolve(client, ours)
    row, listing = listed(client, ours)
    judge.require(seen.ok, f"the template was answered with {seen.status}")
    first = client.contract.schema("VersionNumber")["minimum"]
    found = (number_of(seen), content_of(seen), (row or {}).get("latestVersion"))
    judge.check(
        "templates.push.own-project",
        found == (first, ours["content"], first),
        expected=f"version {first} with what its own project pushed, listed as latestVersion {first}",
        actual=f"version {found[0]} with {found[1]!r}, latestVersion {found[2]}",
        evidence=(seen, listing),
    )


def _judge_apart(group: Group, trace: Json, before: Seen) -> None:
    """The trace shows still what it showed before."""
    row = before.row(trace)
    names = ("name", "status", "endTime", "durationMs", "totalCost", "totalTokens", "tags", "metadata", "spanCount")
    group.verify(
        *(
            Expect(_CLAUSE, trace, name, _like(row[name]), f"{name} {row[name]!r} as before the other project wrote")
            for name in names
            if name in row
        )
    )


def _judge_scores(judge: Judge, group: Group, trace: Json, before: Seen) -> None:
    """Evaluators of the project may add a few scores of their own; those of the other project would be more."""
    after = group.see(trace)
    count, seen = (shown.row(trace).get("scoreCount", MISSING) for shown in (before, after))
    judge.require(is_number(count) and is_number(seen), "the list shows no scoreCount")
    judge.check(
        _CLAUSE,
        seen < count + _THEIRS,
        expected=f"scoreCount {count} and the one score of its own project",
        actual=f"scoreCount {seen} after {_THEIRS} scores of the other project",
        evidence=after.page,
    )


def _judge_theirs(judge: Judge, there: Seen, theirs: Json) -> None:
    """The events of the other project count there, although they have the ids of events of the first."""
    row = there.row(theirs)
    judge.check(
        _CLAUSE,
        row.get("spanCount") == _THEIRS and row.get("metadata") == theirs["metadata"],
        expected=f"in the other project {_THEIRS} spans and its own metadata, under the same ids",
        actual=f"spanCount {row.get('spanCount')}, metadata {row.get('metadata')}" if row else "no such trace",
        evidence=there.page,
    )


def _like(value: object) -> Callable[[Any], bool]:
    """The same; of times the same instant, of costs the same amount."""

    def holds(seen: object) -> bool:
        if moment(value) is not None:
            return moment(seen) == moment(value)
        amount = responses.amount(value)
        return responses.amount(seen) == amount if isinstance(amount, Decimal) else same(seen, value)

    return holds
