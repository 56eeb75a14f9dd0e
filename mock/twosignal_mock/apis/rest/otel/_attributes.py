"""OTLP attributes as plain JSON, and as tags."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

_SMALLEST, _LARGEST = -(2**63), 2**63 - 1
"""A 64-bit integer; one beyond, which the contract's pattern of digits lets through, is kept as the text that came."""


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
