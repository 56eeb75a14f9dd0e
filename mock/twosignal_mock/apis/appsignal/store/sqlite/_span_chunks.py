"""The spans that one export brought of a trace, as one value: what several of them share stands in it once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from twosignal_mock.apis.appsignal.spans import SpanEvent, SpanRecord

_OWN = tuple(name for name in SpanRecord._fields if name not in ("site", "trace", "resource", "events"))
"""Fields that are kept of each span as they are, in this order."""


def write_chunk(spans: Sequence[SpanRecord]) -> bytes:
    """Spans of one trace and site; their resource attributes stand in front."""
    resources: dict[int, int] = {}
    shared: list[Any] = []
    rows: list[Any] = []
    for span in spans:
        key = id(span.resource)
        if key not in resources:
            resources[key] = len(shared)
            shared.append(span.resource)
        events = [tuple(event) for event in span.events]
        rows.append([resources[key], events, *(getattr(span, name) for name in _OWN)])
    return orjson.dumps([shared, rows])


def read_chunk(site: int, trace: str, chunk: bytes) -> Iterator[SpanRecord]:
    """The spans of a chunk."""
    shared, rows = orjson.loads(chunk)
    for resource, events, *own in rows:
        yield SpanRecord(
            site=site,
            trace=trace,
            resource=shared[resource],
            events=tuple(SpanEvent(*event) for event in events),
            **dict(zip(_OWN, own, strict=True)),
        )
