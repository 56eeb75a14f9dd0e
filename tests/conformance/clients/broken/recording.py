"""Traces as a program lives them, made into the events that a client sends of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

Json = Any

OWN = ("spans", "error")
"""Fields of a trace or span that do not go on the wire as they are."""


class Recorder:
    """Makes events; each of its methods is one decision that a client can get wrong."""

    def record(self, traces: list[Json]) -> list[Json]:
        """The events of traces, in the order in which things began."""
        return [event for trace in traces for event in self.trace(trace)]

    def trace(self, trace: Json) -> Iterator[Json]:
        """The events of one trace."""
        body = {"id": str(uuid.uuid4()), "startTime": self.now(), **plain(trace)}
        yield self.event("trace-create", body)
        for span in trace.get("spans", ()):
            yield from self.span(span, body["id"], None)

    def span(self, span: Json, trace_id: str, parent: str | None) -> Iterator[Json]:
        """The events of one span and of all below it."""
        body = {"id": str(uuid.uuid4()), "traceId": trace_id, "startTime": self.now(), **plain(span)}
        if parent is not None:
            body["parentSpanId"] = parent
        if "error" in span:
            body |= {"status": "ERROR", "errorMessage": span["error"]}
        event = self.event("span-create", body)
        yield event
        for inner in span.get("spans", ()):
            yield from self.span(inner, trace_id, self.parent(event))
        body["endTime"] = self.now()

    def event(self, kind: str, body: Json) -> Json:
        """An event with an id of its own."""
        return {"id": str(uuid.uuid4()), "type": kind, "timestamp": self.now(), "body": body}

    def parent(self, event: Json) -> str:
        """What a child names as its parent."""
        return str(event["body"]["id"])

    def now(self) -> str:
        """This instant, in UTC."""
        return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain(thing: Json) -> Json:
    """The fields of a trace or span that go on the wire as they are."""
    return {name: value for name, value in thing.items() if name not in OWN}
