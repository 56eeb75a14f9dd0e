"""Events that arrive more than once: one after another, in other company, changed, and at the same time."""

from __future__ import annotations

from functools import partial

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.judging import judge_response

_AT_ONCE = 6
"""Identical batches at the same time: more than a small server has workers, and few enough for every plan."""

_TOKENS = 11
"""Of each span, so that a span that is stored twice shows in the sum."""


@covers("traces.event.idempotent", "traces.event.repeat-accepted", "traces.event.repeat-counted")
def test_a_batch_that_is_sent_again_is_stored_once(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The same batch again, one of its events alone again, then a later event that shows when all is worked off."""
    group = Group(client, judge, data, "repeated")
    trace = group.trace()
    used = {"usage": {"totalTokens": _TOKENS}}
    batch = data.batch(trace, group.span(trace, **used), group.span(trace, **used))
    spans = 3
    group.ingest_events(*batch["batch"])
    group.shown(trace)
    for again in (batch, {"batch": batch["batch"][1:2]}):
        exchange = client.call("ingestTraces", json=again)
        count, sent = responses.accepted(exchange), len(again["batch"])
        judge_response(judge, "traces.event.repeat-accepted", exchange, exchange.ok, "accepted as the first time")
        judge.check(
            "traces.event.repeat-counted",
            count == sent,
            expected=f"accepted {sent}",
            actual=f"accepted {count}",
            evidence=exchange,
        )
    control = group.control()
    group.ingest(group.span(trace, **used))
    seen = group.verify(
        Expect.at_most("traces.event.idempotent", trace, "spanCount", spans),
        Expect.at_most("traces.event.idempotent", trace, "totalTokens", spans * _TOKENS),
        control=control,
    )
    group.verify_single("traces.event.idempotent", trace, seen)


@covers("traces.event.concurrent-repeat")
def test_identical_batches_at_the_same_time_are_stored_once(client: ApiClient, judge: Judge, data: TestData) -> None:
    """As from a client whose time-outs are too short, then a later event that shows when all is worked off."""
    group = Group(client, judge, data, "at-once")
    trace = group.trace()
    used = {"usage": {"totalTokens": _TOKENS}}
    batch = data.batch(trace, group.span(trace, **used), group.span(trace, **used))
    spans = 3
    send = partial(client.call, "ingestTraces", json=batch)
    exchanges = client.together(*[send] * _AT_ONCE)
    judge.require(any(exchange.ok for exchange in exchanges), "none of the batches was accepted")
    control = group.control()
    group.ingest(group.span(trace, **used))
    clause = "traces.event.concurrent-repeat"
    seen = group.verify(
        Expect.at_most(clause, trace, "spanCount", spans),
        Expect.at_most(clause, trace, "totalTokens", spans * _TOKENS),
        control=control,
    )
    group.verify_single(clause, trace, seen)


@covers("traces.event.first-stays", profile="standard")
def test_an_event_id_that_comes_back_with_another_body(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The name of the trace differs; the second timestamp is the later one."""
    group = Group(client, judge, data, "changed")
    first = group.trace("first")
    event = data.event(first)
    group.ingest_events(event)
    group.shown(first)
    body = {**first, "name": f"{group.prefix} second"}
    changed = {**event, "body": body, "timestamp": data.stamp(data.time())}
    exchange = client.call("ingestTraces", json={"batch": [changed]})
    seen = group.settled()
    names = [row.get("name") for row in seen.rows.get(first["id"], ())]
    verdict = "yes" if names == [first["name"]] else f"no, listed as {names}"
    judge.observe("traces.event.first-stays", f"{verdict} (status {exchange.status})", evidence=(exchange, seen.page))
