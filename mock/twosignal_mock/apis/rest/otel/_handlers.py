"""The handler of OTLP: OTLP/JSON becomes the spans of native ingestion, and goes the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from twosignal_contract import Contract

from twosignal_mock.apis.rest.otel._attributes import FAILED, Bounds, read_attributes, tags_of, type_of
from twosignal_mock.apis.rest.store import SpanRecord
from twosignal_mock.apis.rest.traces import Ingestion, tokens_of, write_detail
from twosignal_mock.engine.api import BatchHandler, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction
from twosignal_mock.otlp import (
    plain_attributes,
    read_event,
    read_link,
    read_request,
    read_resource,
    read_resource_spans,
    read_scope,
    read_scope_spans,
    read_span,
    read_status,
)


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
        return Export(call.now, list(self._resources(call.body, call.now)))

    def all(self, exports: Sequence[Export], transaction: Transaction) -> Sequence[object]:
        """Takes in what several calls brought."""
        ingestion = Ingestion(transaction)
        for export in exports:
            for attributes, tags, spans in export.resources:
                ingestion.add_otlp_spans(spans, attributes, tags, export.now)
        ingestion.finish()
        return [{"accepted": sum(len(resource.spans) for resource in export.resources)} for export in exports]

    def _resources(self, body: Mapping[str, Any], now: int) -> Iterable[ResourceSpans]:
        """The spans of a checked export request, by resource."""
        (groups,) = read_request(body)
        for group in groups:
            resource, scopes = read_resource_spans(group)
            attributes = plain_attributes(*read_resource(resource))
            spans: list[SpanRecord] = []
            for each in scopes:
                scope, messages = read_scope_spans(each)
                kept = _scope(scope)
                spans += [_span(message, kept, self._bounds, now) for message in messages]
            yield ResourceSpans(attributes, tags_of(attributes, self._longest_tag), spans)


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


_NANOSECONDS = 1_000_000
"""In a millisecond."""


def _span(message: Mapping[str, Any], scope: Mapping[str, Any], bounds: Bounds, now: int) -> SpanRecord:
    """`scope` is what is kept of the span's scope; `now` is when it was received, milliseconds since 1970."""
    trace, id_, parent, name, kind, start, end, attributes, events, links, status = read_span(message)
    meaning = read_attributes(plain_attributes(attributes), bounds)
    code, text = read_status(status)
    return SpanRecord(
        trace=trace,
        id=id_,
        event=None,
        parent=parent or None,
        name=name,
        type=type_of(kind, meaning.model),
        start=(start or end) // _NANOSECONDS if start or end else now,
        end=end // _NANOSECONDS if end else None,
        failed=code == FAILED,
        tokens=tokens_of(meaning.usage),
        cost=None if meaning.cost is None else str(meaning.cost),
        detail=write_detail(
            _without_nothing(
                model=meaning.model,
                usage=meaning.usage,
                errorMessage=text if code == FAILED else None,
                # `otel.` keeps our own names apart from those of attributes.
                metadata={
                    **meaning.others,
                    **_without_nothing(
                        **{
                            "otel.scope": scope,
                            "otel.events": [_event(event) for event in events],
                            "otel.links": [_link(link) for link in links],
                        }
                    ),
                },
            )
        ),
    )


def _event(message: Mapping[str, Any]) -> dict[str, Any]:
    name, nanoseconds, attributes = read_event(message)
    return {"name": name, "timeUnixNano": str(nanoseconds), "attributes": plain_attributes(attributes)}


def _link(message: Mapping[str, Any]) -> dict[str, Any]:
    trace, span, attributes = read_link(message)
    return {"traceId": trace, "spanId": span, "attributes": plain_attributes(attributes)}


def _scope(message: Mapping[str, Any]) -> dict[str, Any]:
    name, version = read_scope(message)
    return _without_nothing(name=name, version=version)


def _without_nothing(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", {}, [])}
