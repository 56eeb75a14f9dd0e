"""Events of a batch: from JSON to values. A span-create becomes a SpanRecord, as the store keeps it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from twosignal_mock.apis.rest._formats import OTEL_LENGTHS, canonical_id, parse_microseconds, parse_milliseconds
from twosignal_mock.apis.rest.store import SpanRecord


class TraceCreate(NamedTuple):
    """One trace-create event. A tuple and no dataclass: a busy server makes thousands in a second."""

    trace: str
    """Its id, as ids are compared."""
    event: str
    """The event's own id."""
    shown: str
    """Its id, as it was sent."""
    name: str
    stamp: int
    """The event's timestamp, microseconds since 1970: of two events the later one has the better values."""
    start: int
    """Milliseconds since 1970: its own, else the event's."""
    end: int | None
    """Milliseconds since 1970."""
    tags: Sequence[str] | None
    """Each once; None: not sent."""
    metadata: Mapping[str, Any] | None
    extra: Mapping[str, Any] | None
    """What no response shows: sessionId and its like."""


class Batch(NamedTuple):
    """The events of one call."""

    now: int
    """When they were received: milliseconds since 1970."""
    items: Sequence[TraceCreate | SpanRecord]
    """What they say, in their order."""


_EXTRA = ("sessionId", "parentTraceId", "deploymentId", "evaluators")


def trace_create(event: Mapping[str, Any]) -> TraceCreate:
    """What a checked trace-create event says. Raises ApiError for a timestamp, with its place in the event."""
    body = event["body"]
    stamp = parse_microseconds(event["timestamp"])
    start, end, tags = body.get("startTime"), body.get("endTime"), body.get("tags")
    shown: str = body["id"]
    # By position, as below: by name it takes twice as long.
    return TraceCreate(
        canonical_id(shown) if len(shown) in OTEL_LENGTHS else shown,
        event["id"],
        shown,
        body["name"],
        stamp,
        stamp // 1000 if start is None else parse_milliseconds(start, "body.startTime"),
        None if end is None else parse_milliseconds(end, "body.endTime"),
        None if tags is None else list(dict.fromkeys(tags)),
        body.get("metadata"),
        {name: body[name] for name in _EXTRA if body.get(name) is not None},
    )


def span_create(event: Mapping[str, Any], error: str) -> SpanRecord:
    """The same for a span-create event; `error` is the status of a span that failed."""
    body = event["body"]
    get = body.get
    start, end, usage, cost = get("startTime"), get("endTime"), get("usage"), get("cost")
    trace, own_id = body["traceId"], get("id") or event["id"]
    if len(trace) in OTEL_LENGTHS:
        trace = canonical_id(trace)
    if len(own_id) in OTEL_LENGTHS:
        own_id = canonical_id(own_id)
    # Not SpanRecord(...), which is a Python function around this and takes twice as long: a busy server makes tens of
    # thousands in a second. The cost is the shortest text that means it: 0.1 is a tenth, whatever its bits are.
    return tuple.__new__(
        SpanRecord,
        (
            trace,
            own_id,
            event["id"],
            get("parentSpanId"),
            body["name"],
            body["type"],
            parse_milliseconds(event["timestamp"], "timestamp")
            if start is None
            else parse_milliseconds(start, "body.startTime"),
            None if end is None else parse_milliseconds(end, "body.endTime"),
            get("status") == error,
            0 if usage is None else tokens_of(usage),
            None if cost is None else repr(cost),
            write_detail(body),
        ),
    )


def tokens_of(usage: Mapping[str, Any]) -> int:
    """Tokens of a span: usage.totalTokens, else prompt and completion together."""
    total = usage.get("totalTokens")
    if total is None:
        total = (usage.get("promptTokens") or 0) + (usage.get("completionTokens") or 0)
    return int(total)  # JSON Schema takes 5.0 for an integer


_NAMES = ("input", "output", "model", "modelParameters", "usage", "errorMessage", "metadata")


def write_detail(fields: Mapping[str, Any]) -> str:
    """Of the body of a span-create, or what means the same; other fields are left out."""
    return orjson.dumps(list(map(fields.get, _NAMES))).decode()


def read_detail(text: str) -> dict[str, Any]:
    """The fields that were sent, and were not null."""
    return {name: value for name, value in zip(_NAMES, orjson.loads(text), strict=True) if value is not None}
