"""OTLP/JSON to the spans of native ingestion."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from twosignal_mock.apis.rest.otel._attributes import plain_attributes, tags_of
from twosignal_mock.apis.rest.otel._rules import Bounds, has_failed, read_attributes, type_of
from twosignal_mock.apis.rest.otel._values import ResourceSpans
from twosignal_mock.apis.rest.store import SpanRecord
from twosignal_mock.apis.rest.traces import tokens_of, write_detail

_NANOSECONDS = 1_000_000
"""In a millisecond."""


def resource_spans(body: Mapping[str, Any], bounds: Bounds, longest_tag: int) -> Iterable[ResourceSpans]:
    """The spans of a checked export request, by resource."""
    for group in body.get("resourceSpans", ()):
        attributes = plain_attributes(group.get("resource", {}).get("attributes", ()))
        spans = [
            _span(span, scope.get("scope", {}), bounds)
            for scope in group.get("scopeSpans", ())
            for span in scope.get("spans", ())
        ]
        yield ResourceSpans(attributes, tags_of(attributes, longest_tag), spans)


def span_keys(body: Any) -> tuple[str, ...]:
    """`traceId:spanId` of every span in a body that may be anything."""
    groups = _items(body, "resourceSpans")
    scopes = [scope for group in groups for scope in _items(group, "scopeSpans")]
    spans = [span for scope in scopes for span in _items(scope, "spans") if isinstance(span, dict)]
    pairs = ((span.get("traceId"), span.get("spanId")) for span in spans)
    return tuple(f"{trace}:{span}".lower() for trace, span in pairs if isinstance(trace, str) and isinstance(span, str))


def _items(value: Any, name: str) -> list[Any]:
    items = value.get(name) if isinstance(value, dict) else None
    return items if isinstance(items, list) else []


def _span(span: Mapping[str, Any], scope: Mapping[str, Any], bounds: Bounds) -> SpanRecord:
    meaning = read_attributes(plain_attributes(span.get("attributes", ())), bounds)
    status = span.get("status")
    return SpanRecord(
        trace=span["traceId"].lower(),
        id=span["spanId"].lower(),
        event=None,
        parent=(span.get("parentSpanId") or "").lower() or None,
        name=span.get("name", ""),
        type=type_of(span.get("kind", 0), meaning.model),
        start=_milliseconds(span["startTimeUnixNano"]),
        end=_milliseconds(span.get("endTimeUnixNano", 0)) or None,
        failed=has_failed(status),
        tokens=tokens_of(meaning.usage),
        cost=None if meaning.cost is None else str(meaning.cost),
        detail=write_detail(
            _without_nothing(
                model=meaning.model,
                usage=meaning.usage,
                errorMessage=(status or {}).get("message") if has_failed(status) else None,
                metadata=_metadata(span, scope, meaning.others),
            )
        ),
    )


def _metadata(span: Mapping[str, Any], scope: Mapping[str, Any], attributes: dict[str, Any]) -> dict[str, Any]:
    """What has no field of its own. `otel.` keeps our own names apart from those of attributes."""
    return {
        **attributes,
        **_without_nothing(
            **{
                "otel.scope": _without_nothing(name=scope.get("name"), version=scope.get("version")),
                "otel.events": [_event(event) for event in span.get("events", ())],
                "otel.links": [_link(link) for link in span.get("links", ())],
            }
        ),
    }


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": event.get("name"),
        "timeUnixNano": str(event.get("timeUnixNano", 0)),
        "attributes": plain_attributes(event.get("attributes", ())),
    }


def _link(link: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "traceId": link["traceId"].lower(),
        "spanId": link["spanId"].lower(),
        "attributes": plain_attributes(link.get("attributes", ())),
    }


def _without_nothing(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", {}, [])}


def _milliseconds(nanoseconds: float | str) -> int:
    return int(nanoseconds) // _NANOSECONDS
