"""Spans as they are accepted: their spelling, their types, what they need and what they may leave out."""

from __future__ import annotations

from typing import Any

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Judge, TestData, covers
from twosignal_conformance.apis.rest.checks.actions import reads_camel_case, snake_case
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.judging import judge_accepted, judge_refusals, typed

_SPELLINGS = {"camel-case": "traces.span.camel-case", "snake-case": "traces.span.snake-case"}
"""Values of the dialect span-spelling, and the clauses of the spellings."""


@covers(*_SPELLINGS.values())
def test_span_fields_are_read_in_both_spellings(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A full span in each; a server may refuse one of them, which is a documented dialect, but must not lose it."""
    group = Group(client, judge, data, "spelling")
    status = client.contract.error("invalid-value").status
    traces = {spelling: group.trace(spelling, endTime=ABSENT) for spelling in _SPELLINGS}
    spans = {spelling: data.span(trace, **_full(data)) for spelling, trace in traces.items()}
    spans["snake-case"] = snake_case(client.contract, spans["snake-case"])
    sent = {spelling: group.send(trace, spans[spelling]) for spelling, trace in traces.items()}
    taken = [spelling for spelling, exchange in sent.items() if exchange.ok]
    if taken:
        client.dialects.note("span-spelling", taken[0] if len(taken) == 1 else "both")
    for spelling, exchange in sent.items():
        if not exchange.ok:
            judge.check(
                _SPELLINGS[spelling],
                bool(taken) and exchange.status == status,
                expected=f"{spelling} is accepted, or refused with {status} where the other spelling is accepted",
                actual=f"status {exchange.status}; accepted: {', '.join(taken) or 'none'}",
                evidence=exchange,
            )
    expected = [Expect.value(_SPELLINGS[spelling], traces[spelling], "spanCount", 1) for spelling in taken]
    seen = group.verify(*expected, control=group.control())
    ended = [spelling for spelling in taken if seen.row(traces[spelling]).get("endTime") is not None]
    for spelling in taken if ended else ():
        judge.check(
            _SPELLINGS[spelling],
            spelling in ended,
            expected="the end of the span is read in both spellings or in none",
            actual=f"endTime {seen.row(traces[spelling]).get('endTime')} for {spelling}",
            evidence=(sent[spelling], seen.page),
        )


@covers("traces.span.trace-required", "traces.span.name-required", "traces.span.type-required")
def test_a_span_needs_a_trace_a_name_and_a_type(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Each of them left out; the trace of the span is there."""
    group = Group(client, judge, data, "required")
    trace = group.trace()
    group.ingest(trace)
    for word, missing in (("trace", "traceId"), ("name", "name"), ("type", "type")):
        span = data.span(trace, **{missing: ABSENT})
        if not reads_camel_case(client):
            span = snake_case(client.contract, span)
        body = typed(client.contract, "SpanCreateEvent", span, data)
        judge_refusals(client, judge, f"traces.span.{word}-required", {f"a span without {missing}": body})


@covers("traces.span.types", "traces.span.more-types", "traces.span.unknown-type")
def test_every_documented_span_type_is_accepted(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace for each of the two clauses, with a span of each type that it names; then a type that nothing names."""
    group = Group(client, judge, data, "types")
    named = {}
    for clause in ("traces.span.types", "traces.span.more-types"):
        sentence = client.contract.clauses[clause].says.replace(",", " ").split()
        types = [kind for kind in client.contract.enum("SpanType") if kind in " ".join(sentence).rstrip(".").split()]
        trace = group.trace(clause)
        exchange = group.send(trace, *(group.span(trace, type=kind) for kind in types))
        if judge_accepted(judge, clause, exchange, f"a span of each of {', '.join(types)}"):
            named[clause] = (trace, len(types))
    expected = [Expect.value(clause, trace, "spanCount", count) for clause, (trace, count) in named.items()]
    group.verify(*expected, control=group.control())
    trace = group.trace("unknown")
    body = data.batch(trace, group.span(trace, type="DAYDREAM"))
    judge_refusals(client, judge, "traces.span.unknown-type", {"a span of an unknown type": body})


@covers(
    "traces.span.nulls",
    "traces.span.no-id",
    "traces.span.any-input",
    "traces.span.child-first",
    "traces.span.unknown-parent",
)
def test_spans_that_are_unusual_are_accepted(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Each kind in a batch with a trace of its own, which has to show as many spans."""
    group = Group(client, judge, data, "unusual")
    optional = set(_full(data)) | {"parentSpanId", "startTime", "endTime"}
    parent = data.id()
    values: tuple[Any, ...] = ({"a": [1, None]}, ["b", 2.5], "text", 7, True, None)
    kinds: dict[str, tuple[Json, ...]] = {
        "nulls": (dict.fromkeys(sorted(optional)),),
        "no-id": ({"id": ABSENT}, {"id": ABSENT}),
        "any-input": tuple({"input": value, "output": value} for value in values),
        "child-first": ({"parentSpanId": parent}, {"id": parent}),
        "unknown-parent": ({"parentSpanId": data.id()},),
    }
    expected = []
    for kind, changes in kinds.items():
        clause, trace = f"traces.span.{kind}", group.trace(kind)
        exchange = group.send(trace, *(group.span(trace, **change) for change in changes))
        if judge_accepted(judge, clause, exchange, f"a batch with a span of the kind {kind}"):
            expected.append(Expect.value(clause, trace, "spanCount", len(changes)))
    group.verify(*expected, control=group.control())


@covers("traces.span.id-default", profile="standard")
def test_a_span_without_an_id_is_known_by_that_of_its_event(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Seen by a score of the span, since the API shows no spans."""
    group = Group(client, judge, data, "unnamed")
    trace = group.trace()
    event = data.event(group.span(trace, id=ABSENT))
    group.ingest_events(data.event(trace), event)
    group.verify(Expect.value("traces.span.id-default", trace, "spanCount", 1))
    exchange = client.call("createScore", json=data.score(trace, spanId=event["id"]))
    verdict = "yes" if exchange.ok else "no"
    judge.observe("traces.span.id-default", f"{verdict}, a score of it: status {exchange.status}", evidence=exchange)


@covers("traces.span.before-trace", "traces.span.waits-for-trace", "traces.span.same-id", profile="standard")
def test_spans_may_come_before_their_trace(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A span alone, looked for in vain; then its trace; then another span under the same id."""
    group = Group(client, judge, data, "early")
    trace = group.trace()
    span = group.span(trace, cost=0.25)
    exchange = group.send(span)
    judge_accepted(judge, "traces.span.before-trace", exchange, "a span before its trace")
    judge.require(exchange.ok, "the span was refused")
    alone = group.settled()
    hidden = not alone.shows([trace])
    group.ingest(trace)
    counted = group.see(trace, until=lambda seen: seen.row(trace).get("spanCount") == 1)
    count = counted.row(trace).get("spanCount")
    judge.check(
        "traces.span.waits-for-trace",
        hidden and count == 1,
        expected="not listed before its trace, counted after it",
        actual=f"{'not listed' if hidden else 'listed'} before, spanCount {count} after",
        evidence=(alone.page, counted.page),
    )
    exchange = group.send({**span, "cost": 0.5})
    row = group.settled().row(trace)
    judge.observe(
        "traces.span.same-id",
        f"status {exchange.status}, then spanCount {row.get('spanCount')}, totalCost {row.get('totalCost')} "
        "(first 0.25, second 0.5)",
        evidence=exchange,
    )


@covers("traces.span.cost-bounds", profile="standard")
def test_costs_and_tokens_are_not_negative(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A span with a negative cost, and one with a negative number of tokens."""
    group = Group(client, judge, data, "negative")
    trace = group.trace()
    bodies = {
        "a negative cost": data.batch(trace, group.span(trace, cost=-0.5)),
        "a negative number of tokens": data.batch(trace, group.span(trace, usage={"totalTokens": -1})),
    }
    judge_refusals(client, judge, "traces.span.cost-bounds", bodies)


def _full(data: TestData) -> Json:
    """Every field that may be left out, beside those that say when and where."""
    return {
        "input": {"question": "Why?"},
        "output": "Because.",
        "model": "gpt-4o-mini",
        "modelParameters": {"temperature": 0.5},
        "usage": {"promptTokens": 3, "completionTokens": 2, "totalTokens": 5},
        "cost": 0.0005,
        "status": "ERROR",
        "errorMessage": f"made up by {data.run_id}",
        "metadata": {"conformance_run": data.run_id},
    }
