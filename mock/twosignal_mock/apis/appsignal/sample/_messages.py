"""Messages of the OpenTelemetry protocol as JSON: what an SDK would send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Message = dict[str, Any]

_MILLISECOND, _MICROSECOND = 1_000_000, 1000
"""Nanoseconds."""
_MICROSECONDS = 1000
"""In a millisecond: finer times would only make responses harder to read."""


_KINDS: Mapping[type, str] = {str: "stringValue", int: "intValue", float: "doubleValue"}


def attributes(values: Mapping[str, Any]) -> list[Message]:
    """Attributes by their keys; values are texts and numbers."""
    return [{"key": key, "value": {_KINDS[type(value)]: value}} for key, value in values.items()]


def span(
    trace: str,
    id_: str,
    parent: str,
    name: str,
    kind: int,
    start: float,
    duration: float,
    values: Mapping[str, str | int],
) -> Message:
    """A span; `start` in milliseconds since 1970, `duration` in milliseconds."""
    begin = round(start * _MICROSECONDS) * _MICROSECOND
    return {
        "traceId": trace,
        "spanId": id_,
        "parentSpanId": parent,
        "name": name,
        "kind": kind,
        "startTimeUnixNano": begin,
        "endTimeUnixNano": begin + round(duration * _MICROSECONDS) * _MICROSECOND,
        "attributes": attributes(values),
        "events": [],
    }


def exception(type_: str, message: str, time: float) -> Message:
    """The event of an exception; `time` in milliseconds since 1970."""
    told = attributes({"exception.type": type_, "exception.message": message})
    return {"name": "exception", "timeUnixNano": round(time * _MICROSECONDS) * _MICROSECOND, "attributes": told}


def spans_export(resource: Mapping[str, str | int], scope: str, spans: Sequence[Message]) -> Message:
    """An export of spans of one resource."""
    scoped = {"scope": {"name": scope, "version": "1.0"}, "spans": spans}
    return {"resource": {"attributes": attributes(resource)}, "scopeSpans": [scoped]}


def gauge_point(tags: Mapping[str, str], time: int, value: float) -> Message:
    """A point of a gauge; `time` in milliseconds since 1970."""
    return {"attributes": attributes(tags), "timeUnixNano": time * _MILLISECOND, "asDouble": value}


def counter_point(time: int, value: int) -> Message:
    """How much was counted since the point before."""
    return {"timeUnixNano": time * _MILLISECOND, "asInt": value}


def duration_point(tags: Mapping[str, str], time: int, values: Sequence[float], bounds: Sequence[float]) -> Message:
    """A histogram of some values."""
    counts = [0] * (len(bounds) + 1)
    for value in values:
        counts[sum(value > bound for bound in bounds)] += 1
    return {
        "attributes": attributes(tags),
        "timeUnixNano": time * _MILLISECOND,
        "count": len(values),
        "sum": sum(values),
        "min": min(values),
        "max": max(values),
        "bucketCounts": counts,
        "explicitBounds": list(bounds),
    }


def metrics_export(metrics: Sequence[Message], resource: Mapping[str, str] | None = None) -> Message:
    """An export of metrics of one resource."""
    told = {"attributes": attributes(resource or {})}
    return {"resourceMetrics": [{"resource": told, "scopeMetrics": [{"metrics": metrics}]}]}


def log_record(
    time: float, severity: str, message: str, values: Mapping[str, str | int | float], trace: str = ""
) -> Message:
    """A log record; `time` in milliseconds since 1970."""
    return {
        "timeUnixNano": round(time * _MICROSECONDS) * _MICROSECOND,
        "severityText": severity,
        "body": {"stringValue": message},
        "attributes": attributes(values),
        "traceId": trace,
    }


def logs_export(resource: Mapping[str, str | int], scope: str, records: Sequence[Message]) -> Message:
    """An export of log records of one resource."""
    scoped = {"scope": {"name": scope}, "logRecords": records}
    return {"resourceLogs": [{"resource": {"attributes": attributes(resource)}, "scopeLogs": [scoped]}]}
