"""The action `emit` for clients that take events: traces that a program would record, made into events."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Json = Any


def with_events(action: Json) -> Json:
    """The action; `emit` becomes an action that ingests the events of its traces."""
    if action["action"] != "emit":
        return action
    kept = {name: value for name, value in action.items() if name != "traces"}
    return kept | {"action": "ingest", "events": list(events_of(action["traces"]))}


def events_of(traces: list[Json]) -> Iterator[Json]:
    """The events of traces, a trace before its spans and a span before those below it; ids are fresh, times are now."""
    for trace in traces:
        body = {"id": _fresh(), "startTime": _now(), **_plain(trace)}
        yield _event("trace-create", body)
        for span in trace.get("spans", ()):
            yield from _spans(span, {"traceId": body["id"]})


def _spans(span: Json, belongs: Json) -> Iterator[Json]:
    body = {"id": _fresh(), "startTime": _now(), **_plain(span), **belongs}
    if "error" in span:
        body |= {"status": "ERROR", "errorMessage": span["error"]}
    yield _event("span-create", body)
    for inner in span.get("spans", ()):
        yield from _spans(inner, belongs | {"parentSpanId": body["id"]})
    body["endTime"] = _now()


def _event(kind: str, body: Json) -> Json:
    return {"id": _fresh(), "type": kind, "timestamp": _now(), "body": body}


def _plain(thing: Json) -> Json:
    return {name: value for name, value in thing.items() if name not in ("spans", "error")}


def _fresh() -> str:
    return str(uuid.uuid4())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
