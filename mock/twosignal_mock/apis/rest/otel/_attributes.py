"""OTLP attributes: as plain JSON, as tags, and those of generative AI as fields of a span."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson
from twosignal_contract import Contract

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
"""A 64-bit integer. A larger one, which the contract's pattern of digits allows, stays the text that was sent."""


def plain_attributes(attributes: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Keys with their values; of a key that stands twice the last counts."""
    plain: dict[str, Any] = {}
    for attribute in attributes:
        plain[attribute["key"]] = plain_value(attribute.get("value") or {})
    return plain


def plain_value(value: Mapping[str, Any]) -> Any:
    """An AnyValue as JSON; None when it holds nothing. Bytes stay base64."""
    for kind, convert in _KINDS.items():
        if kind in value:
            return convert(value[kind])
    return None


def tags_of(attributes: Mapping[str, Any], longest: int) -> list[str]:
    """One tag `key:value` for each attribute, cut to the characters that a tag may have."""
    return list(dict.fromkeys(f"{key}:{_text(value)}"[:longest] for key, value in attributes.items()))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _integer(value: float | str) -> int | str:
    number = int(value)
    return number if _SMALLEST <= number <= _LARGEST else str(value)


def _array(value: Mapping[str, Any]) -> list[Any]:
    # No comprehension here: it would cost a second frame for each level of nesting.
    items = []
    for item in value.get("values", ()):
        items.append(plain_value(item))  # noqa: PERF401 - see above
    return items


def _object(value: Mapping[str, Any]) -> dict[str, Any]:
    return plain_attributes(value.get("values", ()))


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "stringValue": str,
    "boolValue": bool,
    "intValue": _integer,
    "doubleValue": lambda value: value,
    "arrayValue": _array,
    "kvlistValue": _object,
    "bytesValue": str,
}


# Clauses otlp.span.kind, otlp.span.kind-other and otlp.span.llm; by the number of the kind in the protocol.
_TYPES = {0: "CUSTOM", 1: "CHAIN", 2: "AGENT", 3: "TOOL", 4: "CUSTOM", 5: "CUSTOM"}
_MODEL_TYPE = "LLM"

_ERROR = 2
"""Status code of a span that failed; https://opentelemetry.io/docs/specs/otel/trace/api/#set-status."""

# Clauses otlp.span.model, otlp.span.gen-ai-tokens and otlp.span.ai-tokens; the first attribute that is there counts.
_MODEL = ("gen_ai.request.model", "ai.model")
_TOKENS = {
    "promptTokens": ("gen_ai.usage.input_tokens", "ai.prompt_tokens"),
    "completionTokens": ("gen_ai.usage.output_tokens", "ai.completion_tokens"),
}
_COST = ("gen_ai.usage.cost",)


class Bounds(NamedTuple):
    """What native ingestion takes; a mapped attribute beyond stays an attribute."""

    least_tokens: int
    most_tokens: int
    least_cost: int
    most_cost: int

    @classmethod
    def of(cls, contract: Contract) -> Bounds:
        """Those of /components/schemas/TokenCount and of a span's cost."""
        schemas = contract.document["components"]["schemas"]
        tokens, cost = schemas["TokenCount"], schemas["SpanBody"]["properties"]["cost"]
        return cls(tokens["minimum"], tokens["maximum"], cost["minimum"], cost["maximum"])


class Meaning(NamedTuple):
    """What the attributes of a span say in our words."""

    model: str | None
    usage: dict[str, int]
    cost: Decimal | None
    others: dict[str, Any]


def type_of(kind: int, model: str | None) -> str:
    """The type of a span: that of a model call when it names a model, else by its kind."""
    return _MODEL_TYPE if model is not None else _TYPES[kind]


def has_failed(status: Mapping[str, Any] | None) -> bool:
    """Whether the status of a span is an error."""
    return status is not None and status.get("code") == _ERROR


def read_attributes(attributes: Mapping[str, Any], bounds: Bounds) -> Meaning:
    """Takes out of the attributes what has a field of its own."""
    others = dict(attributes)
    model = _take(others, _MODEL, lambda value: value if isinstance(value, str) and value else None)
    usage = {}
    for field, names in _TOKENS.items():
        tokens = _take(others, names, lambda value: _tokens(value, bounds))
        if tokens is not None:
            usage[field] = tokens
    cost = _take(others, _COST, lambda value: _cost(value, bounds))
    return Meaning(model, usage, cost, others)


def _take(attributes: dict[str, Any], names: tuple[str, ...], read: Any) -> Any:
    for name in names:
        value = read(attributes.get(name))
        if value is not None:
            del attributes[name]
            return value
    return None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = Decimal(value if isinstance(value, str) else repr(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _tokens(value: object, bounds: Bounds) -> int | None:
    number = _number(value)
    if number is None or not bounds.least_tokens <= number <= bounds.most_tokens or number != int(number):
        return None
    return int(number)


def _cost(value: object, bounds: Bounds) -> Decimal | None:
    number = _number(value)
    # A text may have any exponent; sums have as many digits as a number of JSON can need, see traces/_rules.py.
    if number is None or not bounds.least_cost <= number <= bounds.most_cost or number.adjusted() < -400:
        return None
    return number
