"""Writes of one record at the same time: each counts once, and none is lost.

Batches that repeat and pushes under one name are judged in `test_events` and `test_template_versions`.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from functools import partial

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.exports import Exports, between, whole_second
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.responses import is_integer

_AT_ONCE = 12
"""Writers: enough for a read and a write that are not one step to collide in one of the rounds."""

_ROUNDS = 3

_TOKENS, _COST = 3, 0.1


@covers("scores.create.counted", "scores.create.id-unique", profile="standard")
def test_scores_at_the_same_time_all_count(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Of one trace, in a few rounds."""
    group = Group(client, judge, data, "scores")
    trace = group.trace()
    group.ingest(trace)
    group.shown(trace)
    sent = []
    for _ in range(_ROUNDS):
        bodies = [data.score(trace, evaluatorName=f"conformance-{data.hex(8)}") for _ in range(_AT_ONCE)]
        sent += client.together(*(partial(client.call, "createScore", json=body) for body in bodies))
    stored = [exchange for exchange in sent if exchange.ok]
    judge.require(stored, f"the scores were answered with {sent[0].status}")
    twice = [name for name, count in Counter(exchange.at("id") for exchange in stored).items() if count > 1]
    judge.check(
        "scores.create.id-unique",
        not twice,
        expected=f"{len(stored)} different ids",
        actual=f"more than once: {twice}",
        evidence=stored[-5:],
    )
    group.verify(Expect.value("scores.create.counted", trace, "scoreCount", len(stored)))


@covers(
    "traces.fields.span-count",
    "traces.fields.total-tokens-sum",
    "traces.fields.total-cost-sum",
    "traces.batch.visible",
    profile="standard",
)
def test_spans_at_the_same_time_all_count(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Batches with a span each of one trace, and with a trace each."""
    group = Group(client, judge, data, "spans")
    trace = group.trace("one")
    group.ingest(trace)
    group.shown(trace)
    taken, others = 0, []
    for _ in range(_ROUNDS):
        bodies = []
        for _ in range(_AT_ONCE):
            own = group.trace("own")
            span = group.span(trace, usage={"totalTokens": _TOKENS}, cost=_COST)
            bodies.append((own, data.batch(own, span)))
        sent = client.together(*(partial(client.call, "ingestTraces", json=body) for _, body in bodies))
        others += [own for (own, _), exchange in zip(bodies, sent, strict=True) if exchange.ok]
        taken += sum(exchange.ok for exchange in sent)
    judge.require(taken, "no batch was accepted")
    cost = taken * Decimal(str(_COST))
    seen = group.verify(
        Expect.value("traces.fields.span-count", trace, "spanCount", taken),
        Expect(
            "traces.fields.total-tokens-sum",
            trace,
            "totalTokens",
            lambda seen: not is_integer(seen) or seen == taken * _TOKENS,
            f"totalTokens {taken * _TOKENS}",
        ),
        Expect(
            "traces.fields.total-cost-sum",
            trace,
            "totalCost",
            lambda seen: (amount := responses.amount(seen)) is None or round(amount, 6) == cost,
            f"the sum {cost}",
        ),
    )
    if not seen.shows(others):
        seen = group.see(*others)
    lost = [own for own in others if not seen.shows([own])]
    judge.check(
        "traces.batch.visible",
        not lost,
        expected=f"all {len(others)} traces that were accepted at the same time",
        actual=f"{len(lost)} are not in the list",
        evidence=seen.page,
    )


@covers("otlp.trace.visible", profile="standard")
def test_exports_at_the_same_time_become_one_trace(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Spans of one trace, each in an export of its own: the first ones make the trace together."""
    exports = Exports(client, judge, data, "exports")
    trace = exports.planned()
    # They start together: whichever comes first, the trace stands at the same place in the list.
    times = between(data, whole_second(data), 0, 1)
    spans = [exports.otlp_span(trace, "root", **times)]
    spans += [exports.otlp_span(trace, "child", parentSpanId=spans[0]["spanId"], **times) for _ in range(_AT_ONCE - 1)]
    sent = client.together(*(partial(client.call, "ingestOtlpTraces", json=exports.request(span)) for span in spans))
    taken = sum(exchange.ok for exchange in sent)
    judge.require(taken, f"the exports were answered with {sent[0].status}")
    seen = exports.see(trace, until=lambda seen: seen.row(trace).get("spanCount") == taken)
    rows = seen.rows.get(trace["id"], [])
    judge.check(
        "otlp.trace.visible",
        [row.get("spanCount") for row in rows] == [taken],
        expected=f"one trace with {taken} spans",
        actual=[(row.get("id"), row.get("spanCount")) for row in rows] or "no such trace",
        evidence=(*sent[-2:], seen.page),
    )
