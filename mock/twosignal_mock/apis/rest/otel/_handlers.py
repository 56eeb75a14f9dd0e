"""The handler of OTLP: OTLP/JSON becomes the spans of native ingestion, and goes the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from twosignal_contract import Contract

from twosignal_mock.apis.rest.otel._attributes import (
    Bounds,
    has_failed,
    plain_attributes,
    read_attributes,
    tags_of,
    type_of,
)
from twosignal_mock.apis.rest.store import SpanRecord
from twosignal_mock.apis.rest.traces import Ingestion, tokens_of, write_detail
from twosignal_mock.engine.api import BatchHandler, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction


class ResourceSpans(NamedTuple):
    """The spans of one resource."""

    attributes: Mapping[str, Any]
    """Of the resource, as plain JSON; become metadata of the traces."""
    tags: Sequence[str]
    spans: Sequence[SpanRecord]


class Export(NamedTuple):
    """The spans of one call."""

    now: int
    """When they were received: milliseconds since 1970."""
    resources: Sequence[ResourceSpans]


def handlers(contract: Contract, dependencies: Dependencies) -> tuple[Handler, ...]:
    """POST /api/v1/otel/traces."""
    del dependencies  # ids are hexadecimal digits here, whatever the dialect says of identifiers
    ingest = _Ingest(contract)
    batch = BatchHandler(ingest.read, ingest.all)
    return (Handler("ingestOtlpTraces", ingest, writes=True, batch=batch, attempt_keys=span_keys),)


class _Ingest:
    def __init__(self, contract: Contract) -> None:
        self._bounds = Bounds.of(contract)
        self._longest_tag: int = contract.document["components"]["schemas"]["Tag"]["maxLength"]

    def __call__(self, call: Call, transaction: Transaction) -> object:
        (body,) = self.all([self.read(call)], transaction)
        return body

    def read(self, call: Call) -> Export:
        """What a call brings."""
        return Export(call.now, list(resource_spans(call.body, self._bounds, self._longest_tag)))

    def all(self, exports: Sequence[Export], transaction: Transaction) -> Sequence[object]:
        """Takes in what several calls brought."""
        ingestion = Ingestion(transaction)
        for export in exports:
            for attributes, tags, spans in export.resources:
                ingestion.add_otlp_spans(spans, attributes, tags, export.now)
        ingestion.finish()
        return [{"accepted": sum(len(resource.spans) for resource in export.resources)} for export in exports]


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
