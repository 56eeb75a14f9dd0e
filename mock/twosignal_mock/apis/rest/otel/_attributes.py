"""OTLP attributes in our words: as tags, and those of generative AI as fields of a span."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import orjson
from twosignal_contract import Contract


def tags_of(attributes: Mapping[str, Any], longest: int) -> list[str]:
    """One tag `key:value` for each attribute with a value, cut to the characters that a tag may have."""
    tags = (f"{key}:{_text(value)}"[:longest] for key, value in attributes.items() if value is not None)
    return list(dict.fromkeys(tags))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


# Clauses otlp.span.kind, otlp.span.kind-other and otlp.span.llm; by the number of the kind in the protocol.
_TYPES = {0: "CUSTOM", 1: "CHAIN", 2: "AGENT", 3: "TOOL", 4: "CUSTOM", 5: "CUSTOM"}
_MODEL_TYPE = "LLM"

FAILED = 2
"""Status code of a span that failed; https://opentelemetry.io/docs/specs/otel/trace/api/#set-status."""

# Clauses otlp.span.model, otlp.span.gen-ai-tokens, otlp.span.gen-ai-former-tokens and otlp.span.ai-tokens; the first
# attribute that is there counts.
_MODEL = ("gen_ai.request.model", "ai.model")
_TOKENS = {
    "promptTokens": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "ai.prompt_tokens"),
    "completionTokens": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "ai.completion_tokens"),
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
