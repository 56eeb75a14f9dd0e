"""Describes in words what was sent and what a schema expects, so that whoever reads an error knows what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

LONGEST_QUOTE = 80
"""Characters of a value that a message quotes; more would bury the rest of it."""

_SECRET = re.compile(r"password|secret|token", re.IGNORECASE)
"""Fields whose text is never quoted."""

_ARTICLES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "an array",
    "object": "an object",
    "null": "null",
}

# Type to (unit of its size, or None where the value itself is bounded; keyword of the least; keyword of the most).
_BOUNDS: Mapping[str, tuple[str | None, str, str]] = {
    "string": ("character", "minLength", "maxLength"),
    "array": ("item", "minItems", "maxItems"),
    "object": ("member", "minProperties", "maxProperties"),
    "integer": (None, "minimum", "maximum"),
    "number": (None, "minimum", "maximum"),
}


def describe_value(value: object, name: str = "") -> str:
    """What was sent: a short value as JSON, a long one by kind and size, a secret (known by `name`) by its kind."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return f"an array of {_count(len(value), 'item')}"
    if isinstance(value, str):
        if not value:
            return "empty"
        if _SECRET.search(name):
            return "a string"
        if len(value) > LONGEST_QUOTE:
            return f"a string of {_count(len(value), 'character')} ({quote(value)})"
    return quote(value)


def quote(value: object) -> str:
    """A JSON value on one line, cut to LONGEST_QUOTE characters."""
    text = orjson.dumps(value).decode()
    if len(text) <= LONGEST_QUOTE:
        return text
    return text[: LONGEST_QUOTE - 1] + "…"


def describe_type(schema: Mapping[str, Any]) -> str:
    """What a schema expects by type alone: "a string"; "one of OK, ERROR" where only these are possible."""
    if (choice := _choice(schema)) is not None:
        return choice
    kinds = _types(schema)
    return _either(_ARTICLES[kind] for kind in kinds) if kinds else "another value"


def describe_schema(schema: Mapping[str, Any]) -> str:
    """What a schema expects, with its bounds: "an integer from 1 to 100". References must have been followed."""
    if (choice := _choice(schema)) is not None:
        return choice
    kinds = _types(schema)
    if not kinds:
        return "another value"
    text = _either(_bounded(kind, schema) for kind in kinds)
    if "pattern" not in schema:
        return text
    shown = schema["pattern"] if len(schema["pattern"]) <= LONGEST_QUOTE else ""
    if "description" in schema and schema.get("maxLength") == schema.get("minLength"):
        # A pattern tells people little; where it is the whole rule, but for a fixed length, the description says it in
        # their words.
        words = str(schema["description"]).strip().rstrip(".")
        text = words[:1].lower() + words[1:]
        return f"{text} ({shown})" if shown else text
    return f"{text} that matches {shown}" if shown else text


def describe_choice(values: Iterable[object]) -> str:
    """A list of known values: "one of OK, ERROR"."""
    return "one of " + ", ".join(value if isinstance(value, str) else quote(value) for value in values)


def _choice(schema: Mapping[str, Any]) -> str | None:
    if "const" in schema:
        return quote(schema["const"])
    if "enum" in schema:
        return describe_choice(schema["enum"])
    return None


def _types(schema: Mapping[str, Any]) -> list[str]:
    kinds = schema.get("type", ())
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _bounded(kind: str, schema: Mapping[str, Any]) -> str:
    article = _ARTICLES[kind]
    if kind not in _BOUNDS:
        return article
    unit, least_name, most_name = _BOUNDS[kind]
    least, most = schema.get(least_name), schema.get(most_name)
    if unit is None:
        return _value_bounds(article, schema, least, most)
    if most is not None:
        return f"{article} of {_count(most, unit) if not least else f'{least} to {_count(most, unit)}'}" + (
            "" if least else " at most"
        )
    return f"{article} of at least {_count(least, unit)}" if least else article


def _value_bounds(article: str, schema: Mapping[str, Any], least: Any, most: Any) -> str:
    if least is not None and most is not None:
        return f"{article} from {least} to {most}"
    tests = (
        ("of at least", least),
        ("of at most", most),
        ("above", schema.get("exclusiveMinimum")),
        ("below", schema.get("exclusiveMaximum")),
    )
    stated = [f"{words} {bound}" for words, bound in tests if bound is not None]
    return " ".join([article, " and ".join(stated)]) if stated else article


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _either(items: Iterable[str]) -> str:
    return " or ".join(dict.fromkeys(items))
