"""Decodes the parameters of a request: from text to the types of the contract, with its defaults, or an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl

from jsonschema_rs import Draft202012Validator
from twosignal_contract import Parameter

from twosignal_mock.engine.api import ApiError, Spelling
from twosignal_mock.engine.validation._aliases import Normaliser
from twosignal_mock.engine.validation._descriptions import describe_type
from twosignal_mock.engine.validation._json import decode_json
from twosignal_mock.engine.validation._numbers import find_changed
from twosignal_mock.engine.validation._schemas import Schema, Schemas

_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?([eE][+-]?[0-9]{1,2})?")
_BOOLEANS = {"true": True, "false": False}
_ZERO_OFFSET: Final = " 00:00"

MOST_KEPT = 256
"""Query strings of which it is kept what was found, and the bytes of the longest of them: at most 64 KiB in all."""
LONGEST_KEPT = 256

_NONE: Mapping[Any, Any] = MappingProxyType({})
_JSON = "application/json"
LONGEST_NUMBER = 40
"""Characters of a number that a message repeats."""
IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI 3.1 says that header parameters of these names are to be ignored."""

_STYLES: Mapping[str, str] = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
"""By place: the one style that is decoded, which is OpenAPI's default."""

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


def undecodable(parameter: Parameter) -> str | None:
    """Why a parameter of the contract cannot be decoded; None when it can."""
    if parameter.media_type not in (None, _JSON):
        return f"media type {parameter.media_type}"
    style = parameter.value.get("style", _STYLES[parameter.where])
    return None if style == _STYLES[parameter.where] else f"style {style}"


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    schema: Schema
    validator: Draft202012Validator
    convert: Convert
    required: bool
    array: bool
    separated: bool
    """True for an array in one value, its items separated by commas."""
    normaliser: Normaliser | None
    """Of a value that is JSON; None: it is not."""

    @property
    def sole(self) -> bool:
        """Whether it has one value, however many items that holds."""
        return self.separated or not self.array


class Parameters:
    """The parameters of one operation, each read from its own place alone.

    A parameter of the query that has one value may be sent once; unknown ones are ignored.
    Clients send the same query strings again and again, so the values of a query string are kept.
    """

    def __init__(self, schemas: Schemas, parameters: Iterable[Parameter], spelling: Spelling = Spelling.BOTH) -> None:
        self._schemas = schemas
        known = [parameter for parameter in parameters if _counts(parameter)]
        self._in = {
            place: {each.name: _compile(schemas, each, spelling) for each in known if each.where == place}
            for place in _STYLES
        }
        self._query = self._in["query"]
        self._elsewhere = len(known) > len(self._query)
        self._defaults = {
            parameter.name: parameter.schema["default"] for parameter in known if "default" in parameter.schema
        }
        self._kept: dict[bytes, Mapping[str, Any]] = {}
        """By query string. Whoever is given one leaves it as it is."""

    @property
    def names(self) -> tuple[str, ...]:
        """Those of the query."""
        return tuple(self._query)

    def unknown(self, query: bytes) -> tuple[str, ...]:
        """The names in a query string that no parameter has, each once."""
        pairs = _pairs(query.decode("utf-8", "replace"), "replace") if query else ()
        return tuple(dict.fromkeys(name for name, _ in pairs if name and name not in self._query))

    def decode(
        self, query: bytes, path_values: Mapping[str, str] | None = None, headers: Mapping[bytes, bytes] = _NONE
    ) -> Mapping[str, Any]:
        """The values by name, from a query string, the values of a path template and headers; raises ApiError."""
        values = self._kept.get(query)
        if values is None:
            values = self._decode_query(query)
            if len(query) <= LONGEST_KEPT:
                if len(self._kept) >= MOST_KEPT:
                    self._kept.clear()
                self._kept[query] = values
        return {**values, **dict(self._decode_others(path_values or _NONE, headers))} if self._elsewhere else values

    def _decode_query(self, query: bytes) -> Mapping[str, Any]:
        return {**self._defaults, **dict(self._read_all(self._query, self._collect(query) if query else {}))}

    def _decode_others(
        self, path_values: Mapping[str, str], headers: Mapping[bytes, bytes]
    ) -> Iterator[tuple[str, Any]]:
        yield from self._read_all(self._in["path"], {name: [text] for name, text in path_values.items()})
        sent = ((name, headers.get(name.lower().encode())) for name in self._in["header"])
        texts = {name: [value.decode("latin-1").strip()] for name, value in sent if value is not None}
        yield from self._read_all(self._in["header"], texts)
        if self._in["cookie"]:
            yield from self._read_all(self._in["cookie"], read_cookies(headers))

    def _read_all(self, known: Mapping[str, _Parameter], texts: Mapping[str, list[str]]) -> Iterator[tuple[str, Any]]:
        """The values of those that were sent; raises ApiError for one that is required and was not."""
        for name, parameter in known.items():
            if name in texts:
                yield name, self._read(parameter, texts[name])
            elif parameter.required:
                expected = describe_type(parameter.schema)
                raise ApiError("invalid-value", place=name, problem=f"is missing; expected {expected}")

    def _collect(self, query: bytes) -> dict[str, list[str]]:
        try:
            pairs = _pairs(query.decode())
        except UnicodeDecodeError:
            problem = "is not valid UTF-8 once it is percent-decoded; expected percent-encoded UTF-8"
            raise ApiError("invalid-value", place="query", problem=problem) from None
        texts: dict[str, list[str]] = {}
        for name, text in pairs:
            if name in self._query:
                texts.setdefault(name, []).append(text)
        for name, sent in texts.items():
            if len(sent) > 1 and self._query[name].sole:
                problem = f"is sent {len(sent)} times; expected once"
                raise ApiError("invalid-value", place=name, problem=problem)
        return texts

    def _read(self, parameter: _Parameter, texts: list[str]) -> Any:
        if parameter.normaliser is not None:
            value = _read_json(parameter.name, texts[-1], parameter.normaliser)
        elif not parameter.array:
            value = parameter.convert(texts[-1])
        else:
            items = texts if not parameter.separated else texts[-1].split(",") if texts[-1] else []
            value = [parameter.convert(item) for item in items]
        if parameter.validator.is_valid(value):
            return value
        mistake = self._schemas.find_mistake(parameter.schema, value, (parameter.name,))
        raise ApiError("invalid-value", place=mistake.text(), problem=mistake.problem)


def _read_json(name: str, text: str, normaliser: Normaliser) -> Any:
    """The value of a parameter that is JSON, in the contract's spelling; raises ApiError."""
    raw = text.encode(errors="surrogatepass")
    value = decode_json(raw)
    normaliser.normalise(value, raw)
    if (changed := find_changed(raw)) is not None:
        place, number = changed
        problem = f"{number[:LONGEST_NUMBER]} is a number that 64 bits cannot hold; send it as a string"
        raise ApiError("invalid-value", place=f"{name}.{place}" if place else name, problem=problem)
    return value


def read_cookies(headers: Mapping[bytes, bytes]) -> dict[str, list[str]]:
    """The cookies of a request (RFC 6265 section 5.4), each name with its values in the order in which they stand."""
    texts: dict[str, list[str]] = {}
    for pair in headers.get(b"cookie", b"").decode("latin-1").split(";"):
        name, equals, value = pair.strip().partition("=")
        if equals:
            texts.setdefault(name, []).append(value.strip().strip('"'))
    return texts


def _counts(parameter: Parameter) -> bool:
    return parameter.where != "header" or parameter.name.lower() not in IGNORED_HEADERS


def _pairs(query: str, errors: str = "strict") -> Iterable[tuple[str, str]]:
    if "%" in query or "+" in query:
        return parse_qsl(query, keep_blank_values=True, errors=errors)
    # Nothing to decode, which is the rule: five times as fast.
    return [(name, value) for name, _, value in (part.partition("=") for part in query.split("&"))]


def _compile(schemas: Schemas, parameter: Parameter, spelling: Spelling) -> _Parameter:
    schema = parameter.schema
    encoded = parameter.media_type is not None
    array = schema.get("type") == "array" and not encoded
    item = schemas.follow(schema["items"]) if array and "items" in schema else schema
    kind = (str(item.get("type", "string")), item.get("format"))
    # OpenAPI's default for the style form is to repeat the name for each item (explode).
    repeated = _STYLES[parameter.where] == "form" and parameter.value.get("explode", True)
    return _Parameter(
        name=parameter.name,
        schema=schema,
        validator=schemas.compile(schema),
        convert=_CONVERTERS.get(kind, _CONVERTERS.get((kind[0], None), str)),
        required=parameter.required,
        array=array,
        separated=not repeated,
        normaliser=Normaliser(schemas, schema, spelling) if encoded else None,
    )
