"""A batch as it was sent, and in which order the events of one stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.model._expected import SpanModel, TraceModel
from twosignal_conformance.apis.rest.model._shapes import Order


@dataclass(frozen=True, slots=True)
class Batch:
    """What was sent in one request, and whose events they were."""

    number: int
    events: tuple[Json, ...]
    traces: tuple[TraceModel, ...]


def has_child_first(events: Sequence[Json]) -> bool:
    """Whether a span stands before its parent."""
    later = {event["body"]["id"] for event in events}
    for event in events:
        later.discard(event["body"]["id"])
        if (event["body"].get("parentSpanId") or event["body"].get("parent_span_id")) in later:
            return True
    return False


def ordered(items: Sequence[TraceModel | SpanModel], order: Order) -> list[TraceModel | SpanModel]:
    """What was made, in the order in which it is sent."""
    traces = [item for item in items if isinstance(item, TraceModel)]
    spans = [item for item in items if isinstance(item, SpanModel)]
    table: dict[Order, list[TraceModel | SpanModel]] = {
        Order.MADE: list(items),
        Order.CHILDREN_FIRST: [*traces, *spans[::-1]],
        Order.SPANS_FIRST: [*spans, *traces],
        Order.REVERSED: list(items)[::-1],
    }
    return table[order]
