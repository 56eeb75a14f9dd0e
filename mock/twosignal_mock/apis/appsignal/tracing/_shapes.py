"""Spans and rows of traces as the contract spells them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import orjson

from twosignal_mock.apis.appsignal._attributes import AttributeNames, text_attributes
from twosignal_mock.apis.appsignal._instants import MILLISECOND, format_instant
from twosignal_mock.apis.appsignal.spans import (
    Action,
    SpanEvent,
    SpanRecord,
    TraceError,
    Tree,
    action_digest,
    event_of,
    facts_of,
)
from twosignal_mock.apis.appsignal.store import TraceRow

_KINDS = ("internal", "internal", "server", "client", "producer", "consumer")
_STATUSES = ("unset", "ok", "error")
"""By the numbers that OpenTelemetry gives them."""


def milliseconds(nanoseconds: float) -> float:
    """A duration in milliseconds; a whole number of them without a fraction."""
    value = nanoseconds / MILLISECOND
    return int(value) if value.is_integer() else value


def summary(row: TraceRow, site_id: str) -> dict[str, Any]:
    """A row of a list of traces."""
    return {
        "trace_id": row.trace,
        "span_id": row.span,
        "site_id": site_id,
        "namespace": row.namespace,
        "action_name": row.action,
        "revision": row.revision,
        "time": format_instant(row.time),
        "duration": milliseconds(row.duration),
        "tags": orjson.loads(row.tags),
        "has_npo": row.npo,
    }


SpanShape = Callable[[Sequence[SpanRecord], Mapping[int, str]], list[dict[str, Any]]]


def span_shape(names: AttributeNames, *, null_parent: bool) -> SpanShape:
    """Gives spans as the API shows them; `null_parent`: a root has null for its parent, and not an empty text."""

    def show(spans: Sequence[SpanRecord], site_ids: Mapping[int, str]) -> list[dict[str, Any]]:
        """(all spans of a trace, ids of the sites that are shown by their numbers) to spans, the earliest first."""
        tree, digests = Tree(spans), _digests(facts_of(spans).errors)
        shown = sorted((span for span in spans if span.site in site_ids), key=lambda span: (span.start, span.id))
        return [
            {
                **_identity(span, site_ids[span.site], null_parent=null_parent),
                **_place(span, tree),
                **_content(span),
                **_events(list(_with_digest(span, names, digests))),
            }
            for span in shown
        ]

    return show


def _identity(span: SpanRecord, site_id: str, *, null_parent: bool) -> dict[str, Any]:
    return {
        "trace_id": span.trace,
        "span_id": span.id,
        "parent_span_id": span.parent or (None if null_parent else ""),
        "start_time": format_instant(span.start),
        "end_time": format_instant(span.end),
        "duration": milliseconds(span.end - span.start),
        "site_id": site_id,
    }


def _place(span: SpanRecord, tree: Tree) -> dict[str, Any]:
    """What is known of a span by the spans above it."""
    found = tree.action_of(span)
    action = found or Action(span.site, span.service, span.namespace, span.action)
    event = None if tree.is_root(span) else event_of(span)
    return {
        "digest": action_digest(action) if event is None else event.digest,
        "namespace": action.namespace,
        "action_name": action.name,
        "subtrace_root": tree.is_root(span),
    }


def _content(span: SpanRecord) -> dict[str, Any]:
    return {
        "service_name": span.service,
        "revision": span.revision,
        "scope_name": span.scope,
        "scope_version": span.scope_version,
        "span_name": span.name,
        "span_kind": _KINDS[span.kind],
        "span_attributes": text_attributes(span.attributes),
        "resource_attributes": text_attributes(span.resource),
        "status_code": _STATUSES[span.status],
        "status_message": span.message,
        "trace_state": span.state,
    }


def _events(events: Collection[SpanEvent]) -> dict[str, Any]:
    """Three arrays that belong together, item by item."""
    return {
        "events.name": [event.name for event in events],
        "events.timestamp": [format_instant(event.time) for event in events],
        "events.attributes": [text_attributes(event.attributes) for event in events],
    }


def _digests(errors: Sequence[TraceError]) -> Mapping[tuple[int, str], str]:
    return {(error.site, error.span): error.digest for error in errors}


def _with_digest(
    span: SpanRecord, names: AttributeNames, digests: Mapping[tuple[int, str], str]
) -> Iterator[SpanEvent]:
    """The events of a span; the first exception says to which incident it belongs, as clients match by it."""
    digest = digests.get((span.site, span.id))
    for event in span.events:
        if digest is not None and event.name == names.exception_event:
            yield event._replace(attributes={**event.attributes, names.exception_digest: digest})
            digest = None
        else:
            yield event
