"""Messages as ProtoJSON: one reader for each kind of field, and the fields that are read of each message.

A field that is absent, null or has its default is the same. Any number may be a decimal string. What a message may hold
was checked by a schema: here values are only read. https://protobuf.dev/programming-guides/json
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any, NamedTuple

Message = Mapping[str, Any]


class Kind(NamedTuple):
    """What one kind of field is read as."""

    default: Any
    read: Callable[[Any], Any] | None = None
    """None: as it was sent."""


_SMALLEST, _LARGEST = -(2**63), 2**63 - 1


def _integer(value: float | str) -> int:
    return int(value)


def _integer_64(value: float | str) -> int | str:
    """A larger one, which the contract's pattern of digits allows, stays the text that was sent."""
    number = int(value)
    return number if _SMALLEST <= number <= _LARGEST else str(value)


def _double(value: float | str) -> float | str:
    """NaN and infinity have no number in JSON, and stay texts; so does one that a double cannot hold."""
    if not isinstance(value, str):
        return value
    number = float(value)
    return number if isfinite(number) else value


def _id(value: str) -> str:
    """In lower case; an id of zeros is none."""
    return value.lower() if value.strip("0") else ""


TEXT = Kind("")
BOOL = Kind(False)
ID = Kind("", _id)
ENUM = NUMBER_32 = TIME = Kind(0, _integer)
NUMBER_64 = Kind(0, _integer_64)
DOUBLE = Kind(0.0, _double)
MESSAGE = Kind({})
MESSAGES = Kind(())
MAYBE_DOUBLE = Kind(None, float)
"""Of a field that says something by being there; a text such as "NaN" is the number."""
MAYBE_INTEGER = Kind(None, _integer)
INTEGERS = Kind((), lambda values: [int(value) for value in values])
DOUBLES = Kind((), lambda values: [float(value) for value in values])


def reader(**kinds: Kind) -> Callable[[Message], Sequence[Any]]:
    """Reads these fields of a message, in this order."""
    fields = tuple((name, kind.default, kind.read) for name, kind in kinds.items())

    def read(message: Message) -> Sequence[Any]:
        get = message.get
        return [
            default if (value := get(name)) is None else value if convert is None else convert(value)
            for name, default, convert in fields
        ]

    return read


read_request = reader(resourceSpans=MESSAGES)
read_resource_spans = reader(resource=MESSAGE, scopeSpans=MESSAGES)
read_resource = reader(attributes=MESSAGES)
read_scope_spans = reader(scope=MESSAGE, spans=MESSAGES)
read_scope = reader(name=TEXT, version=TEXT)
read_span = reader(
    traceId=ID,
    spanId=ID,
    parentSpanId=ID,
    name=TEXT,
    kind=ENUM,
    startTimeUnixNano=TIME,
    endTimeUnixNano=TIME,
    attributes=MESSAGES,
    events=MESSAGES,
    links=MESSAGES,
    status=MESSAGE,
)
read_trace_state = reader(traceState=TEXT)
read_event = reader(name=TEXT, timeUnixNano=TIME, attributes=MESSAGES)
read_link = reader(traceId=ID, spanId=ID, attributes=MESSAGES)
read_status = reader(code=ENUM, message=TEXT)
read_attribute = reader(key=TEXT, value=MESSAGE)
_read_values = reader(values=MESSAGES)

read_metrics_request = reader(resourceMetrics=MESSAGES)
read_resource_metrics = reader(resource=MESSAGE, scopeMetrics=MESSAGES)
read_scope_metrics = reader(metrics=MESSAGES)
read_metric = reader(
    name=TEXT, gauge=MESSAGE, sum=MESSAGE, histogram=MESSAGE, exponentialHistogram=MESSAGE, summary=MESSAGE
)
read_data = reader(dataPoints=MESSAGES, aggregationTemporality=ENUM, isMonotonic=BOOL)
read_number_point = reader(
    attributes=MESSAGES,
    startTimeUnixNano=TIME,
    timeUnixNano=TIME,
    asDouble=MAYBE_DOUBLE,
    asInt=MAYBE_INTEGER,
    flags=ENUM,
)
read_histogram_point = reader(
    attributes=MESSAGES,
    startTimeUnixNano=TIME,
    timeUnixNano=TIME,
    count=TIME,
    sum=MAYBE_DOUBLE,
    bucketCounts=INTEGERS,
    explicitBounds=DOUBLES,
    flags=ENUM,
    min=MAYBE_DOUBLE,
    max=MAYBE_DOUBLE,
)
read_exponential_point = reader(
    attributes=MESSAGES,
    startTimeUnixNano=TIME,
    timeUnixNano=TIME,
    count=TIME,
    sum=MAYBE_DOUBLE,
    scale=ENUM,
    zeroCount=TIME,
    positive=MESSAGE,
    negative=MESSAGE,
    flags=ENUM,
    min=MAYBE_DOUBLE,
    max=MAYBE_DOUBLE,
)
read_buckets = reader(offset=ENUM, bucketCounts=INTEGERS)

read_logs_request = reader(resourceLogs=MESSAGES)
read_resource_logs = reader(resource=MESSAGE, scopeLogs=MESSAGES)
read_scope_logs = reader(scope=MESSAGE, logRecords=MESSAGES)
read_log_record = reader(
    timeUnixNano=TIME,
    observedTimeUnixNano=TIME,
    severityNumber=ENUM,
    severityText=TEXT,
    body=MESSAGE,
    attributes=MESSAGES,
    traceId=ID,
    spanId=ID,
)


_NOTHING: Message = {}
"""A message of which no field is sent. A null in a list of messages stands for one."""


def plain_attributes(attributes: Sequence[Message]) -> dict[str, Any]:
    """Keys with their values; of a key that stands twice the last counts."""
    plain: dict[str, Any] = {}
    for attribute in attributes:
        key, value = read_attribute(attribute)
        plain[key] = plain_value(value)
    return plain


def plain_value(value: Message) -> Any:
    """An AnyValue as JSON; None when it holds nothing. Bytes stay base64.

    Here a default is a value: which field is there says what it is.
    """
    for kind, content in value.items():
        if content is not None and kind in _VALUES:
            convert = _VALUES[kind]
            return content if convert is None else convert(content)
    return None


def _array(value: Message) -> list[Any]:
    (values,) = _read_values(value)
    # No comprehension here: it would cost a second frame for each level of nesting.
    items = []
    for item in values:
        items.append(plain_value(item or _NOTHING))  # noqa: PERF401 - see above
    return items


def _object(value: Message) -> dict[str, Any]:
    (values,) = _read_values(value)
    return plain_attributes(values)


_VALUES: Mapping[str, Callable[[Any], Any] | None] = {
    "stringValue": TEXT.read,
    "boolValue": BOOL.read,
    "intValue": NUMBER_64.read,
    "doubleValue": DOUBLE.read,
    "arrayValue": _array,
    "kvlistValue": _object,
    "bytesValue": TEXT.read,
}
