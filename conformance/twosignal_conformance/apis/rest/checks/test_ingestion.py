"""Ingestion of batches: the response, what shows afterwards, the limits of events and bytes, what is refused whole."""

from __future__ import annotations

import json
import re

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Exchange, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Group
from twosignal_conformance.apis.rest.checks.judging import judge_accepted, judge_refusals, judge_response, judge_status
from twosignal_conformance.apis.rest.checks.responses import is_integer

_FILLING = "ü漢🚀"
"""Nine bytes of UTF-8 in three characters: a server that counts characters takes three times too much."""

_PARTS = 50
"""Spans over which a large body is spread, so that no single value is extraordinary."""


@covers("traces.batch.status", "traces.batch.answer", "traces.batch.accepted-count", "traces.batch.visible")
def test_a_batch_is_accepted_counted_and_shown(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Two traces and two spans in one batch."""
    group = Group(client, judge, data, "batch")
    first, second = group.trace("one"), group.trace("two")
    bodies = (first, group.span(first), second, group.span(second))
    exchange = group.send(*bodies)
    wanted = client.contract.operation("ingestTraces").success
    judge_status(judge, "traces.batch.status", exchange, wanted)
    judge.require(exchange.ok, f"the batch was answered with {exchange.status}")
    count = responses.accepted(exchange)
    if judge.check(
        "traces.batch.answer",
        is_integer(count),
        expected='an integer "accepted"',
        actual=exchange.text,
        evidence=exchange,
    ):
        judge.check(
            "traces.batch.accepted-count",
            count == len(bodies),
            expected=f"accepted {len(bodies)}",
            actual=f"accepted {count}",
            evidence=exchange,
        )
    seen = group.see(first, second)
    # Found by either, so that a wrong id or name in the list is judged by the clauses of these fields alone.
    names = {row.get("name") for rows in seen.rows.values() for row in rows}
    missing = [trace["name"] for trace in (first, second) if not seen.shows([trace]) and trace["name"] not in names]
    judge.check(
        "traces.batch.visible",
        not missing,
        expected="both traces in the list",
        actual=f"not there: {', '.join(missing)}" if missing else "both are",
        evidence=(exchange, seen.page),
    )


@covers(
    "traces.batch.max-events-accepted",
    "traces.batch.max-events",
    "traces.batch.max-events-status",
    "traces.batch.max-events-nothing-stored",
)
def test_the_number_of_events_has_a_limit(client: ApiClient, judge: Judge, data: TestData) -> None:
    """As many events as are allowed, and one more; a trace each, the rest its spans."""
    group = Group(client, judge, data, "events")
    most = client.contract.payload_limits["ingestTraces"].events or 0
    full, over = group.trace("full"), group.trace("over")
    exchange = group.send(full, *(group.span(full) for _ in range(most - 1)))
    judge_accepted(judge, "traces.batch.max-events-accepted", exchange, f"a batch of {most} events")
    exchange = client.attempt("ingestTraces", json=data.batch(over, *(group.span(over) for _ in range(most))))
    _judge_too_large(judge, exchange, "traces.batch.max-events", f"a batch of {most + 1} events")
    statuses = client.contract.statuses("traces.batch.max-events-status")
    if responses.refused(exchange) and exchange.status is not None:
        if exchange.status in statuses:
            client.dialects.note("batch-overflow-status", str(exchange.status))
        judge_response(
            judge,
            "traces.batch.max-events-status",
            exchange,
            exchange.status in statuses,
            f"status {' or '.join(map(str, sorted(statuses, reverse=True)))}",
        )
    _observe_nothing_stored(judge, group, exchange, "traces.batch.max-events-nothing-stored", over)


@covers(
    "traces.batch.max-bytes-accepted",
    "traces.batch.max-bytes",
    "traces.batch.max-bytes-status",
    "traces.batch.max-bytes-nothing-stored",
    profile="standard",
)
def test_the_size_of_a_batch_has_a_limit_in_bytes(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Text of several bytes a character, exactly at both edges; too much also without Content-Length."""
    group = Group(client, judge, data, "bytes")
    limit = client.contract.payload_limits["ingestTraces"]
    fitting, over, chunked = group.trace("fitting"), group.trace("over"), group.trace("chunked")
    exchange = client.call("ingestTraces", content=_filled(group, data, fitting, limit.bytes))
    judge_accepted(judge, "traces.batch.max-bytes-accepted", exchange, f"a batch of {limit.bytes:,} bytes")

    what = f"a batch of {limit.refused_above + 1:,} bytes"
    exchange = client.attempt("ingestTraces", content=_filled(group, data, over, limit.refused_above + 1))
    _judge_too_large(judge, exchange, "traces.batch.max-bytes", what)
    wanted = client.contract.error("body-too-large").status
    if responses.refused(exchange) and exchange.status is not None:
        judge_status(judge, "traces.batch.max-bytes-status", exchange, wanted)
    body = _filled(group, data, chunked, limit.refused_above + 1)
    pieces = [body[start : start + 2**16] for start in range(0, len(body), 2**16)]
    streamed = client.attempt("ingestTraces", chunks=pieces)
    _judge_too_large(judge, streamed, "traces.batch.max-bytes", f"{what} in chunks")
    _observe_nothing_stored(judge, group, exchange, "traces.batch.max-bytes-nothing-stored", over, chunked)


@covers("traces.batch.empty", "traces.batch.missing")
def test_a_body_without_events_is_refused(client: ApiClient, judge: Judge) -> None:
    """No batch, and one without events."""
    judge_refusals(client, judge, "traces.batch.missing", {"a body without batch": {}})
    judge_refusals(client, judge, "traces.batch.empty", {"an empty batch": {"batch": []}})


@covers("traces.batch.atomic", "traces.batch.place", profile="standard")
def test_a_batch_with_a_bad_event_is_refused_whole(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A good trace, a span of it without a name, another good trace."""
    group = Group(client, judge, data, "atomic")
    first, second = group.trace("one"), group.trace("two")
    exchange = group.send(first, group.span(first, name=ABSENT), second)
    judge.require(responses.refused(exchange), f"the batch was answered with {exchange.status}")
    error = responses.error_of(client, exchange)
    message = error.message if error else exchange.text
    named = re.search(r"\b1\b", message) and re.search(r"\bname\b", message)
    judge.observe("traces.batch.place", f"{'yes' if named else 'no'}: {message}", evidence=exchange)
    _observe_nothing_stored(judge, group, exchange, "traces.batch.atomic", first, second)


@covers("traces.event.type", "traces.event.required", profile="standard")
def test_an_event_has_its_members(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Events of no documented type, and without each of their members."""
    unknown = {"batch": [data.event(data.trace(), type="trace-delete")]}
    judge_refusals(client, judge, "traces.event.type", {"an event of an unknown type": unknown})
    members = client.contract.schema("TraceCreateEvent")["required"]
    events = {missing: data.event(data.trace()) for missing in members}
    for missing, event in events.items():
        del event[missing]
    bodies = {f"an event without {missing}": {"batch": [event]} for missing, event in events.items()}
    judge_refusals(client, judge, "traces.event.required", bodies)


def _judge_too_large(judge: Judge, exchange: Exchange, clause: str, what: str) -> None:
    """Refused; a server may cut the connection before it has read everything."""
    judge_response(judge, clause, exchange, responses.refused(exchange), f"{what} is refused")


def _observe_nothing_stored(judge: Judge, group: Group, exchange: Exchange, clause: str, *traces: Json) -> None:
    """What came of a batch that was refused, seen after a later one was worked off."""
    judge.require(responses.refused(exchange), "the batch was not refused")
    seen = group.settled()
    stored = sum(seen.shows([trace]) for trace in traces)
    judge.observe(clause, f"{stored} of {len(traces)} traces stored", evidence=(exchange, seen.page))


def _filled(group: Group, data: TestData, trace: Json, size: int) -> bytes:
    """A batch of a trace and spans with much input, of exactly so many bytes."""
    spans = [group.span(trace, input={"text": ""}) for _ in range(_PARTS)]
    batch = data.batch(trace, *spans)
    missing = size - len(_bytes(batch))
    share = missing // _PARTS // len(_FILLING.encode())
    for span in spans:
        span["input"]["text"] = _FILLING * share
    spans[0]["input"]["text"] += "." * (size - len(_bytes(batch)))
    return _bytes(batch)


def _bytes(batch: Json) -> bytes:
    return json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode()
