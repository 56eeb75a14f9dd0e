"""A day that a site might have: spans, metric points and log lines, sent by OTLP/JSON as an SDK sends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any, NamedTuple

SITE, SOURCE, VISUAL = "5f0c1a2b3c4d5e6f70819203", "64a7c0ffee12345678abcdef", "66b0d1e2f3a4958677665544"
SERVICES, ACTIONS, REVISIONS, HOSTS = ("shop", "billing"), 40, ("a1", "b2", "c3", "d4"), 100
NOW = "2026-03-14T12:00:00Z"
_END = 1_773_489_600
_DAY = 86_400
"""Seconds."""
_QUERIES = 6
"""Of a call; with the call itself and one call of the other service, so many spans are a trace and a bit."""
_STATEMENT = "SELECT * FROM t{} WHERE id = {}"
_TOGETHER = 400
"""Traces, or minutes of points, of one export."""


class Size(NamedTuple):
    """How much there is."""

    spans: int
    points: int
    lines: int


def exports(size: Size) -> Iterator[tuple[str, Any]]:
    """(signal, body) of everything, in the order of time."""
    random = Random(1)  # noqa: S311 - a bench has to repeat, not to be secret
    yield from _traces(random, size.spans // (_QUERIES + 2))
    yield from _points(random, size.points // HOSTS)
    yield from _lines(random, size.lines)


def _traces(random: Random, count: int) -> Iterator[tuple[str, Any]]:
    for first in range(0, count, _TOGETHER):
        groups: list[Any] = []
        for number in range(first, min(first + _TOGETHER, count)):
            groups += _trace(random, number, _END - _DAY + number * _DAY / count)
        yield "traces", {"resourceSpans": groups}


def _trace(random: Random, number: int, start: float) -> Iterator[Any]:
    trace, action = f"{number + 1:032x}", random.randrange(ACTIONS)
    revision = REVISIONS[int(start - _END + _DAY) * len(REVISIONS) // _DAY % len(REVISIONS)]
    ids = [f"{random.getrandbits(64) | 1:016x}" for _ in range(_QUERIES + 2)]
    took = random.lognormvariate(-2, 1)
    tags = {"appsignal.namespace": "web", "appsignal.tag.region": random.choice(("eu", "us"))}
    root = _span(trace, ids[0], "", f"GET /{action}", 2, start, took, tags)
    if random.random() < 0.02:
        told = _attributes({"exception.type": f"Error{action % 5}", "exception.message": "no"})
        root["events"] = [{"name": "exception", "timeUnixNano": _nano(start), "attributes": told}]
    queries = [
        _span(
            trace,
            ids[index + 2],
            ids[0],
            f"SELECT {index}",
            3,
            start,
            took / 9,
            {
                "db.system": "postgresql",
                "db.statement": _STATEMENT.format(action % 8, random.randrange(9999)),
            },
        )
        for index in range(_QUERIES)
    ]
    other = _span(trace, ids[1], ids[2], "POST /charges", 2, start, took / 3, tags)
    for service, spans in zip(SERVICES, ([root, *queries], [other]), strict=True):
        resource = _attributes({"service.name": service, "appsignal.config.revision": revision})
        yield {"resource": {"attributes": resource}, "scopeSpans": [{"scope": {"name": "bench"}, "spans": spans}]}


def _points(random: Random, count: int) -> Iterator[tuple[str, Any]]:
    """So many points of each host, one of them as a measurement for every ten as a gauge."""
    step = _TOGETHER // 10
    for first in range(0, count, step):
        gauges, took = list[Any](), list[Any]()
        for number in range(first, min(first + step, count)):
            time = _nano(_END - _DAY + number * _DAY / count)
            for host in range(HOSTS):
                tags = _attributes({"hostname": f"host-{host}", "role": "web"})
                gauges.append({"attributes": tags, "timeUnixNano": time, "asDouble": random.random() * 100})
            value = random.lognormvariate(3, 1)
            took.append(
                {
                    "attributes": _attributes({"namespace": "web"}),
                    "timeUnixNano": time,
                    "count": 1,
                    "sum": value,
                    "bucketCounts": [1],
                }
            )
        metrics = [
            {"name": "load_avg", "gauge": {"dataPoints": gauges}},
            {"name": "transaction_duration", "histogram": {"dataPoints": took, "aggregationTemporality": 1}},
            {
                "name": "k8s.node.cpu.usage",
                "gauge": {"dataPoints": [{"timeUnixNano": took[0]["timeUnixNano"], "asDouble": 0.5}]},
            },
        ]
        resource = {"attributes": _attributes({"k8s.node.name": "node-1"})}
        yield "metrics", {"resourceMetrics": [{"resource": resource, "scopeMetrics": [{"metrics": metrics}]}]}


def _lines(random: Random, count: int) -> Iterator[tuple[str, Any]]:
    for first in range(0, count, _TOGETHER * 5):
        records = [
            {
                "timeUnixNano": _nano(_END - _DAY + number * _DAY / count),
                "severityText": random.choice(("INFO", "WARN", "ERROR")),
                "body": {"stringValue": f"request {number} took {random.randrange(900)} ms"},
                "attributes": _attributes({"status_code": str(random.choice((200, 401, 500)))}),
            }
            for number in range(first, min(first + _TOGETHER * 5, count))
        ]
        resource = {"attributes": _attributes({"service.name": SOURCE})}
        yield "logs", {"resourceLogs": [{"resource": resource, "scopeLogs": [{"logRecords": records}]}]}


def _attributes(values: Mapping[str, str]) -> list[Any]:
    return [{"key": key, "value": {"stringValue": value}} for key, value in values.items()]


def _nano(seconds: float) -> int:
    return round(seconds * 1000) * 1_000_000


def _span(
    trace: str, id_: str, parent: str, name: str, kind: int, start: float, took: float, values: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "traceId": trace,
        "spanId": id_,
        "parentSpanId": parent,
        "name": name,
        "kind": kind,
        "startTimeUnixNano": _nano(start),
        "endTimeUnixNano": _nano(start + took),
        "attributes": _attributes(values),
    }
