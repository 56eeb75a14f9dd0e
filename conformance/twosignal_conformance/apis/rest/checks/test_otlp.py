"""OTLP as it is exported: the response, the trace that shows afterwards, encodings, and how large an export may be."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.exports import MARK, Exports, between, whole_second
from twosignal_conformance.apis.rest.checks.group import Expect, Seen
from twosignal_conformance.apis.rest.checks.judging import judge_status
from twosignal_conformance.apis.rest.checks.responses import is_integer
from twosignal_conformance.apis.rest.checks.sizes import judge_sizes

_SEVERAL = 3
"""Resources, scopes of a resource, spans of a scope."""

_PARTS = 50
"""Spans over which a large export is spread, so that no single value is extraordinary."""


@covers(
    "otlp.accepted",
    "otlp.status",
    "otlp.count",
    "otlp.trace.visible",
    "otlp.trace.root-name",
    "otlp.trace.times",
    "otlp.trace.id",
    "otlp.resource.metadata",
    "otlp.resource.tags",
    "otlp.resource.tags-form",
)
def test_exported_spans_become_a_trace(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A root span, and before it in the body a child that begins earlier and ends later."""
    exports = Exports(client, judge, data, "otlp")
    trace, start = exports.planned(), whole_second(data)
    root = exports.otlp_span(trace, "root", kind=2, **between(data, start, 2, 4))
    child = exports.otlp_span(trace, "child", parentSpanId=root["spanId"], **between(data, start, 0, 7))
    exchange = exports.export(child, root)
    if not judge.check(
        "otlp.accepted",
        exchange.ok,
        expected="an export of two spans is accepted",
        actual=f"status {exchange.status}: {exchange.text}",
        evidence=exchange,
    ):
        return
    statuses = client.contract.statuses("otlp.status")
    if judge_status(judge, "otlp.status", exchange, *statuses):
        client.dialects.note("otlp-status", str(exchange.status))
    count = responses.accepted(exchange)
    judge.check(
        "otlp.count",
        is_integer(count) and count == len((child, root)),
        expected=f"accepted {len((child, root))}",
        actual=exchange.text,
        evidence=exchange,
    )
    times = {"startTime": start, "endTime": start + timedelta(seconds=7)}
    seen = exports.see(trace, until=lambda seen: seen.row(trace).get("spanCount") == len((child, root)))
    rows = seen.rows.get(trace["id"], [])
    judge.check(
        "otlp.trace.visible",
        len(rows) == 1 and rows[0].get("spanCount") == len((child, root)),
        expected="one trace with two spans in the list",
        actual=[(row.get("name"), row.get("spanCount")) for row in rows] or "no such trace",
        evidence=(exchange, seen.page),
    )
    judge.require(rows, "the trace did not show in the list")
    _judge_row(judge, seen, trace, root["name"], times)


@covers("otlp.count", "otlp.trace.visible", "otlp.resource.metadata", "otlp.resource.tags")
def test_all_resources_scopes_and_spans_are_read(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One trace whose spans come under several resources, scopes and spans of each; many attributes of a resource."""
    exports = Exports(client, judge, data, "several")
    trace = exports.planned()
    root = exports.otlp_span(trace, "root")
    spans = [exports.otlp_span(trace, f"{number}", parentSpanId=root["spanId"]) for number in range(_SEVERAL**3 - 1)]
    spans.insert(len(spans) // 2, root)
    marks = {f"conformance.attribute-{number}": data.tag("mark") for number in range(_SEVERAL**3)}
    scopes = [{"scope": {"name": "s"}, "spans": spans[start :: _SEVERAL**2]} for start in range(_SEVERAL**2)]
    attributes = [data.attribute(key, value) for key, value in {MARK: trace["mark"], **marks}.items()]
    resources = [
        {"resource": {"attributes": attributes}, "scopeSpans": scopes[start::_SEVERAL]} for start in range(_SEVERAL)
    ]
    exchange = client.call("ingestOtlpTraces", json={"resourceSpans": resources})
    judge.require(exchange.ok, f"the export was answered with {exchange.status}")
    count = responses.accepted(exchange)
    judge.check(
        "otlp.count", count == len(spans), expected=f"accepted {len(spans)}", actual=exchange.text, evidence=exchange
    )
    seen = exports.see(trace, until=lambda seen: seen.row(trace).get("spanCount") == len(spans))
    found = [row.get("spanCount") for row in seen.rows.get(trace["id"], [])]
    judge.check(
        "otlp.trace.visible",
        found == [len(spans)],
        expected=f"one trace with all {len(spans)} spans",
        actual=f"spanCount {found}",
        evidence=(exchange, seen.page),
    )
    judge.require(seen.shows([trace]), "the trace did not show in the list")
    for clause, field in (("otlp.resource.metadata", "metadata"), ("otlp.resource.tags", "tags")):
        told = json.dumps(seen.row(trace).get(field))
        lost = [key for key, value in marks.items() if value not in told]
        judge.check(
            clause,
            not lost,
            expected=f"all {len(marks)} attributes of the resource in {field}",
            actual=f"{len(lost)} are missing",
            evidence=(exchange, seen.page),
        )


@covers("otlp.empty", "otlp.encoding.ids", "otlp.encoding.unknown-fields", "otlp.encoding.protobuf", profile="standard")
def test_exports_that_are_unusual(client: ApiClient, judge: Judge, data: TestData) -> None:
    """No spans, malformed ids, unknown fields, protobuf."""
    exports = Exports(client, judge, data, "unusual")
    bodies: tuple[Json, ...] = ({"resourceSpans": []}, {})
    nothing = [client.call("ingestOtlpTraces", json=body) for body in bodies]
    seen = ", ".join(f"status {exchange.status}, accepted {responses.accepted(exchange)!r}" for exchange in nothing)
    judge.observe("otlp.empty", seen, evidence=nothing)
    trace = exports.planned()
    changes: tuple[dict[str, object], ...] = ({"traceId": "5b8eff"}, {"traceId": "z" * 32}, {"spanId": data.hex(32)})
    malformed = [
        client.call("ingestOtlpTraces", json=data.otlp({**exports.otlp_span(trace, "malformed"), **change}))
        for change in changes
    ]
    statuses = [exchange.status for exchange in malformed]
    judge.observe("otlp.encoding.ids", f"statuses {statuses} for malformed ids", evidence=malformed)
    body = exports.request(exports.otlp_span(trace, "unknown", futureField={"a": [1]}))
    exchange = client.call("ingestOtlpTraces", json={**body, "anotherField": data.run_id})
    judge.observe("otlp.encoding.unknown-fields", f"status {exchange.status}", evidence=exchange)
    # An export request without resource spans is no bytes at all; one empty resource makes it two.
    headers = {"Content-Type": "application/x-protobuf"}
    exchange = client.call("ingestOtlpTraces", content=b"\x0a\x00", headers=headers, creates=[])
    judge.observe("otlp.encoding.protobuf", f"status {exchange.status}", evidence=exchange)


@covers("otlp.max-bytes-accepted", "otlp.max-bytes", "otlp.max-bytes-status", profile="standard")
def test_the_size_of_an_export_has_a_limit_in_bytes(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Attributes of several bytes a character, exactly at both edges."""
    exports = Exports(client, judge, data, "large")
    trace = exports.planned()
    root = exports.otlp_span(trace, "root")
    spans = [exports.otlp_span(trace, f"{number}", parentSpanId=root["spanId"]) for number in range(_PARTS)]

    def make(text: str) -> Json:
        share = -(-len(text) // _PARTS)
        for number, span in enumerate(spans):
            span["attributes"] = [data.attribute("filling", text[number * share : (number + 1) * share])]
        return exports.request(root, *spans)

    judge_sizes(client, judge, "ingestOtlpTraces", "otlp", make)


def _judge_row(judge: Judge, seen: Seen, trace: Json, name: str, times: dict[str, Any]) -> None:
    """What the listing shows of the trace; times by their instants, however they are written."""
    row, mark = seen.row(trace), trace["mark"]
    expectations = (
        Expect.value("otlp.trace.root-name", trace, "name", name),
        Expect.value("otlp.trace.id", trace, "id", trace["id"]),
        Expect("otlp.resource.metadata", trace, "metadata", lambda value: mark in json.dumps(value), f"has {mark}"),
        Expect("otlp.resource.tags", trace, "tags", lambda value: mark in json.dumps(value), f"has {mark}"),
        Expect(
            "otlp.resource.tags-form", trace, "tags", lambda value: f"{MARK}:{mark}" in (value or ()), f"{MARK}:{mark}"
        ),
    )
    for expectation in expectations:
        holds, actual = expectation.met(seen), f"{expectation.field} {row.get(expectation.field)!r}"
        judge.check(expectation.clause, holds, expected=expectation.expected, actual=actual, evidence=seen.page)
    shown = {field: responses.instant(row.get(field)) for field in times}
    judge.check(
        "otlp.trace.times",
        shown == times,
        expected=", ".join(f"{field} {instant}" for field, instant in times.items()),
        actual=", ".join(f"{field} {row.get(field)}" for field in times),
        evidence=seen.page,
    )
