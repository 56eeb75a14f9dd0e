"""Decodes the parameters of a request: from text to the types of the contract, with its defaults, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from jsonschema_rs import Draft202012Validator

from twosignal_mock.engine.api import Refusal
from twosignal_mock.engine.validation._schemas import Schema, Schemas
from twosignal_mock.engine.validation._words import describe_type

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")
_BOOLEANS = {"true": True, "false": False}
_ZERO_OFFSET: Final = " 00:00"

_MOST_KEPT = 256
"""Query strings of an operation whose values are kept, and the bytes of the longest of them: at most 64 KiB in all."""
_LONGEST_KEPT = 256

Convert = Callable[[str], Any]


def _integer(text: str) -> Any:
    return int(text) if _INTEGER.fullmatch(text) else text


def _number(text: str) -> Any:
    return float(text) if _NUMBER.fullmatch(text) else text


def _boolean(text: str) -> Any:
    return _BOOLEANS.get(text, text)


def _date_time(text: str) -> Any:
    # "+00:00" that was not percent-encoded arrives with a space: that is how forms write one.
    return text.removesuffix(_ZERO_OFFSET) + "+00:00" if text.endswith(_ZERO_OFFSET) else text


# By (type, format) of the schema; a text that is no such thing stays text, and the schema then refuses it.
_CONVERTERS: Mapping[tuple[str, str | None], Convert] = {
    ("integer", None): _integer,
    ("number", None): _number,
    ("boolean", None): _boolean,
    ("string", "date-time"): _date_time,
}


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    schema: Schema
    """Without references."""
    validator: Draft202012Validator
    convert: Convert
    required: bool
    array: bool
    separated: bool
    """An array in one value, its items separated by commas (style form, explode false)."""


class Parameters:
    """Knows the parameters of one operation.

    Of a parameter that came twice the last one counts, as of a key in a JSON object; unknown ones are ignored.
    Clients send the same query strings again and again: what they mean is kept.
    """

    def __init__(self, schemas: Schemas, parameters: Iterable[Mapping[str, Any]]) -> None:
        self._schemas = schemas
        known = [_compile(schemas, parameter) for parameter in map(schemas.follow, parameters)]
        self._known = {parameter.name: parameter for parameter in known}
        self._required = tuple(parameter for parameter in known if parameter.required)
        self._defaults = {
            parameter.name: parameter.schema["default"] for parameter in known if "default" in parameter.schema
        }
        self._kept: dict[bytes, Mapping[str, Any]] = {}
        """By query string, of requests without values in their paths. Whoever is given one leaves it as it is."""

    def decode(self, query: bytes, path_values: Mapping[str, str] | None = None) -> Mapping[str, Any]:
        """The values by name, of a query string as it came and of what a path template matched; raises Refusal."""
        if path_values or len(query) > _LONGEST_KEPT:
            return self._decode(query, path_values)
        values = self._kept.get(query)
        if values is None:
            values = self._decode(query, None)
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[query] = values
        return values

    def _decode(self, query: bytes, path_values: Mapping[str, str] | None) -> Mapping[str, Any]:
        values = dict(self._defaults)
        if path_values:
            for name, text in path_values.items():
                if name in self._known:
                    values[name] = self._read(self._known[name], [text])
        if query:
            for name, texts in self._collect(query).items():
                values[name] = self._read(self._known[name], texts)
        for parameter in self._required:
            if parameter.name not in values:
                expected = describe_type(parameter.schema)
                raise Refusal("invalid-value", place=parameter.name, problem=f"is missing; expected {expected}")
        return values

    def _collect(self, query: bytes) -> dict[str, list[str]]:
        try:
            pairs = _pairs(query.decode())
        except UnicodeDecodeError:
            problem = "is not valid UTF-8 once it is percent-decoded; expected percent-encoded UTF-8"
            raise Refusal("invalid-value", place="query", problem=problem) from None
        texts: dict[str, list[str]] = {}
        for name, text in pairs:
            if name in self._known:
                texts.setdefault(name, []).append(text)
        return texts

    def _read(self, parameter: _Parameter, texts: list[str]) -> Any:
        if not parameter.array:
            value = parameter.convert(texts[-1])
        else:
            items = texts if not parameter.separated else texts[-1].split(",") if texts[-1] else []
            value = [parameter.convert(item) for item in items]
        if parameter.validator.is_valid(value):
            return value
        mistake = self._schemas.find_mistake(parameter.schema, value, (parameter.name,))
        raise Refusal("invalid-value", place=mistake.text(), problem=mistake.problem)


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    if "%" in query or "+" in query:
        return parse_qsl(query, keep_blank_values=True, errors="strict")
    # Nothing to decode, which is the rule: five times as fast.
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&"))]


def _compile(schemas: Schemas, parameter: Mapping[str, Any]) -> _Parameter:
    schema = schemas.follow(parameter["schema"])
    array = schema.get("type") == "array"
    item = schemas.follow(schema["items"]) if array and "items" in schema else schema
    kind = (str(item.get("type", "string")), item.get("format"))
    return _Parameter(
        name=parameter["name"],
        schema=schema,
        validator=schemas.compile(schema),
        convert=_CONVERTERS.get(kind, _CONVERTERS.get((kind[0], None), str)),
        required=bool(parameter.get("required", False)),
        array=array,
        # The defaults of OpenAPI: style form, and with it explode true.
        separated=not parameter.get("explode", parameter.get("style", "form") == "form"),
    )
