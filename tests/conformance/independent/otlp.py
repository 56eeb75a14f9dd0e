"""Spans of OpenTelemetry in the JSON encoding of protobuf, where null, absent and the default value mean the same."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from .traces import Project, Span
from .values import Fields, Json, invalid, is_number, write_json

MOST_INT64 = 2**63 - 1
MOST_UINT32 = 2**32 - 1
LONGEST_TAG = 200
INPUT_TOKENS = ("gen_ai.usage.input_tokens", "ai.prompt_tokens")
OUTPUT_TOKENS = ("gen_ai.usage.output_tokens", "ai.completion_tokens")
NOT_FINITE = ("NaN", "Infinity", "-Infinity")
_DIGITS = re.compile("-?[0-9]{1,19}")


@dataclass
class Export:
    """One span, its trace, and the attributes of the resource that it came from."""

    trace: str
    span: Span
    resource: dict[str, Json]


def ingest(project: Project, body: Json) -> Json:
    exports = list(_read_exports(Fields(body)))
    with project.lock:
        for export in exports:
            _store(project, export)
        for identifier in {export.trace for export in exports}:
            trace = project.traces[identifier]
            if trace.place is None:
                trace.place = trace.start()
    return {"accepted": len(exports)}


def _store(project: Project, export: Export) -> None:
    trace = project.trace(export.trace)
    if export.span.id in trace.spans:
        return
    trace.spans[export.span.id] = export.span
    for key, value in export.resource.items():
        trace.metadata.setdefault(key, (0, value))
        tag = f"{key}:{_as_text(value)}"[:LONGEST_TAG]
        if tag not in trace.tags:
            trace.tags.append(tag)


def _as_text(value: Json) -> str:
    return value if isinstance(value, str) else write_json(value).decode()


def _read_exports(request: Fields) -> Iterator[Export]:
    for resource_spans in _objects(request, "resourceSpans"):
        resource = resource_spans.optional("resource", resource_spans.fields)
        attributes = _read_attributes(resource, "attributes") if resource else {}
        if resource:
            _unsigned(resource, "droppedAttributesCount")
        resource_spans.optional("schemaUrl", resource_spans.text)
        for scope_spans in _objects(resource_spans, "scopeSpans"):
            _check_scope(scope_spans)
            for span in _objects(scope_spans, "spans"):
                yield Export(_read_id(span, "traceId", 32).lower(), _read_span(span), attributes)


def _check_scope(scope_spans: Fields) -> None:
    scope_spans.optional("schemaUrl", scope_spans.text)
    scope = scope_spans.optional("scope", scope_spans.fields)
    if scope:
        scope.optional("name", scope.text)
        scope.optional("version", scope.text)
        _read_attributes(scope, "attributes")
        _unsigned(scope, "droppedAttributesCount")


def _objects(fields: Fields, name: str) -> list[Fields]:
    items = fields.optional(name, fields.items) or []
    return [Fields(item, f"{fields.at(name)}[{index}]") for index, item in enumerate(items)]


def _read_span(span: Fields) -> Span:
    attributes = _read_attributes(span, "attributes")
    _check_details(span)
    parent = span.optional("parentSpanId", span.text)
    if parent and not re.fullmatch("[0-9a-fA-F]{16}", parent):
        raise invalid(span.at("parentSpanId"), "expected 16 hexadecimal digits")
    status = span.optional("status", span.fields)
    if status:
        status.optional("message", status.text)
    if "startTimeUnixNano" not in span.value:
        raise invalid(span.at("startTimeUnixNano"), "is missing")
    return Span(
        id=_read_id(span, "spanId", 16).lower(),
        start=_integer(span, "startTimeUnixNano", MOST_INT64),
        end=_integer(span, "endTimeUnixNano", MOST_INT64) or None,
        failed=status is not None and _integer(status, "code", 2) == 2,
        tokens=_tokens(attributes, INPUT_TOKENS) + _tokens(attributes, OUTPUT_TOKENS),
        name=span.optional("name", span.name) or "",
        root=not parent or not parent.strip("0"),
    )


def _check_details(span: Fields) -> None:
    _integer(span, "kind", 5)
    span.optional("traceState", span.text)
    for count in ("flags", "droppedAttributesCount", "droppedEventsCount", "droppedLinksCount"):
        _unsigned(span, count)
    for event in _objects(span, "events"):
        event.optional("name", event.text)
        _integer(event, "timeUnixNano", MOST_INT64)
        _unsigned(event, "droppedAttributesCount")
        _read_attributes(event, "attributes")
    for link in _objects(span, "links"):
        _read_id(link, "traceId", 32)
        _read_id(link, "spanId", 16)
        _read_attributes(link, "attributes")


def _read_id(fields: Fields, name: str, digits: int) -> str:
    text = fields.text(name)
    if not re.fullmatch(f"[0-9a-fA-F]{{{digits}}}", text) or not text.strip("0"):
        raise invalid(fields.at(name), f"expected {digits} hexadecimal digits that are not all zero")
    return text


def _unsigned(fields: Fields, name: str) -> int:
    return _integer(fields, name, MOST_UINT32)


def _integer(fields: Fields, name: str, most: int, least: int = 0) -> int:
    """A number, or its decimal text; 0 when there is none."""
    value = fields.value.get(name)
    if value is None:
        return 0
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        value = int(value)
    return Fields({name: value}, fields.place).integer(name, least, most)


# --- attributes -----------------------------------------------------------------------------------------------------


def _read_attributes(fields: Fields, name: str) -> dict[str, Json]:
    return {
        attribute.text("key"): _read_value(attribute.optional("value", attribute.fields) or Fields({}))
        for attribute in _objects(fields, name)
    }


def _read_value(value: Fields) -> Json:
    for kind, read in _KINDS.items():
        if value.value.get(kind) is not None:
            return read(value, kind)
    return None


def _read_double(value: Fields, kind: str) -> Json:
    if isinstance(value.value[kind], str):
        text = value.text(kind)
        if text in NOT_FINITE:
            return text
        try:
            number = Decimal(text)
        except ArithmeticError:
            raise invalid(value.at(kind), "expected a number") from None
        if not number.is_finite():
            raise invalid(value.at(kind), "expected a number")
        return number
    if not is_number(value.value[kind]):
        raise invalid(value.at(kind), "expected a number")
    return value.value[kind]


def _read_array(value: Fields, kind: str) -> Json:
    return [_read_value(item) for item in _objects(value.fields(kind), "values")]


_KINDS: dict[str, Callable[[Fields, str], Json]] = {
    "stringValue": Fields.text,
    "boolValue": Fields.boolean,
    "intValue": lambda value, kind: _integer(value, kind, MOST_INT64, -MOST_INT64 - 1),
    "doubleValue": _read_double,
    "arrayValue": _read_array,
    "kvlistValue": lambda value, kind: _read_attributes(value.fields(kind), "values"),
    "bytesValue": Fields.text,
}


def _tokens(attributes: dict[str, Json], names: tuple[str, ...]) -> int:
    for name in names:
        count: Json = attributes.get(name)
        if is_number(count) and count >= 0 and count == int(count):
            return int(count)
    return 0
