"""From an OTLP/JSON export of traces to the spans that are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from twosignal_mock.apis.appsignal._attributes import AttributeNames, attribute_text, shallow_attributes
from twosignal_mock.apis.appsignal._instants import LATEST
from twosignal_mock.apis.appsignal._rejection import Rejection
from twosignal_mock.apis.appsignal.sites import site_of
from twosignal_mock.apis.appsignal.spans import SpanEvent, SpanRecord
from twosignal_mock.apis.appsignal.store import record_spans, repositories_of
from twosignal_mock.engine.api import ControlCall
from twosignal_mock.engine.store import Transaction
from twosignal_mock.otlp import (
    plain_attributes,
    read_event,
    read_request,
    read_resource,
    read_resource_spans,
    read_scope,
    read_scope_spans,
    read_span,
    read_status,
    read_trace_state,
)

_SYSTEMS = ("db.system", "db.system.name")
_STATEMENTS = ("db.query.text", "db.statement")
"""Of a database's query, by the conventions of today and those before;
https://opentelemetry.io/docs/specs/semconv/database/database-spans."""
_LONGEST_STATEMENT = 10_000
"""Characters that are looked at."""
_MOST_OF_TRACE = 10_000
"""Spans that one trace may have in a sandbox: it is worked out anew with each export that adds to it."""


class _Source(NamedTuple):
    """What the spans of one scope have in common."""

    site: int
    resource: Mapping[str, Any]
    service: str
    scope: str
    scope_version: str


async def take_traces(call: ControlCall) -> object:
    """Keeps the spans of an export; what cannot be kept is counted in the response."""
    names = AttributeNames.of(call.contract)
    rejection = Rejection("rejectedSpans")

    def work(transaction: Transaction) -> None:
        site = site_of(transaction, call.path).number
        spans = list(read_spans(call.body, site, names, rejection))
        over = record_spans(repositories_of(transaction).traces, spans, _MOST_OF_TRACE)
        rejection.add(over, f"a trace has at most {_MOST_OF_TRACE} spans")

    await call.write(work)
    return rejection.response()


def read_spans(body: Mapping[str, Any], site: int, names: AttributeNames, rejection: Rejection) -> Iterator[SpanRecord]:
    """The spans of a checked export request."""
    (groups,) = read_request(body)
    for group in groups:
        resource, scopes = read_resource_spans(group)
        shared = shallow_attributes(plain_attributes(*read_resource(resource)))
        service = attribute_text(shared.get(names.service))
        for each in scopes:
            scope, messages = read_scope_spans(each)
            source = _Source(site, shared, service, *read_scope(scope))
            for message in messages:
                if (span := _span(message, source, names)) is None:
                    rejection.add(1, "a span needs a traceId, a spanId, and times that are not before 1970")
                else:
                    yield span


def _span(message: Mapping[str, Any], source: _Source, names: AttributeNames) -> SpanRecord | None:
    trace, id_, parent, name, kind, start, end, sent, happened, _, status = read_span(message)
    if not trace or not id_ or not (0 <= start <= LATEST and 0 <= end <= LATEST):
        return None
    attributes = shallow_attributes(plain_attributes(sent))
    code, text = read_status(status)
    (state,) = read_trace_state(message)
    events = tuple(_event(event) for event in happened)
    exception = next((event for event in events if event.name == names.exception_event), None)
    everything = {**source.resource, **attributes}
    statement = next((attributes[key] for key in _STATEMENTS if attributes.get(key)), None)
    return SpanRecord(
        site=source.site,
        trace=trace,
        id=id_,
        parent=parent,
        start=start,
        end=max(start, end),
        name=name,
        kind=kind,
        status=code,
        message=text,
        state=state,
        scope=source.scope,
        scope_version=source.scope_version,
        service=source.service,
        namespace=names.full_namespace(source.service, everything),
        action=(attribute_text(attributes.get(names.action)) or name)[: names.longest],
        revision=attribute_text(everything.get(names.revision))[: names.longest] or None,
        statement=None if statement is None else attribute_text(statement)[:_LONGEST_STATEMENT],
        is_query=statement is not None or any(key in attributes for key in _SYSTEMS),
        exception=None if exception is None else attribute_text(exception.attributes.get(names.exception_type)),
        incident=None
        if exception is None
        else attribute_text(exception.attributes.get(names.exception_digest)) or None,
        tags=names.tags(attributes),
        attributes=attributes,
        resource=source.resource,
        events=events,
    )


def _event(message: Mapping[str, Any]) -> SpanEvent:
    name, time, attributes = read_event(message)
    return SpanEvent(name, min(max(time, 0), LATEST), shallow_attributes(plain_attributes(attributes)))
