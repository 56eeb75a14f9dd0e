"""JSON in and out, and the checks of single values. Numbers are read as Decimal, so that none changes on its way."""

import calendar
import json
import re
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import orjson

Json = Any
Read = TypeVar("Read")

DEEPEST = 100  # levels of nesting
SECOND = 1_000_000_000  # nanoseconds
MILLISECOND = 1_000_000  # nanoseconds

_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|\+00:00)"
)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
_INTEGER = re.compile("-?[0-9]{1,20}")


class ApiError(Exception):
    """What the caller is told instead of a success."""

    def __init__(self, status: int, code: str, message: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}


def invalid(place: str, problem: str) -> ApiError:
    return ApiError(400, "VALIDATION_ERROR", f"{place or 'body'}: {problem}")


def not_found(what: str, identifier: str) -> ApiError:
    return ApiError(404, "NOT_FOUND", f"{what} not found: {identifier}")


# --- JSON -----------------------------------------------------------------------------------------------------------


def read_json(raw: bytes) -> Json:
    try:
        value = json.loads(
            raw.decode("utf-8"), parse_float=_read_decimal, parse_int=_read_integer, parse_constant=_refuse_constant
        )
        _check_texts(value, 0)
    except (ValueError, ArithmeticError, RecursionError) as problem:
        raise ApiError(400, "VALIDATION_ERROR", f"The body is not valid JSON: {problem}") from None
    return value


def write_json(value: Json) -> bytes:
    return orjson.dumps(value, default=_write_decimal)


def _read_decimal(text: str) -> Decimal:
    number = Decimal(text)
    if not number.is_finite():
        raise ValueError(f"the number {text} is too large")
    return number


def _read_integer(text: str) -> int | Decimal:
    return int(text) if len(text) < 19 else Decimal(text)


def _refuse_constant(text: str) -> Json:
    raise ValueError(f"{text} is no JSON")


def _write_decimal(value: Json) -> orjson.Fragment:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value))
    raise TypeError(f"cannot write {type(value)}")


def _check_texts(value: Json, depth: int) -> None:
    if depth > DEEPEST:
        raise ValueError(f"nested deeper than {DEEPEST} levels")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _check_text(key)
            _check_texts(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            _check_texts(inner, depth + 1)


def _check_text(text: str) -> None:
    if "\0" in text:
        raise ValueError("a string holds U+0000")
    text.encode("utf-8")


# --- time -----------------------------------------------------------------------------------------------------------


def now() -> int:
    """Nanoseconds since 1970."""
    return time.time_ns()


def read_instant(text: Json, place: str) -> int:
    """Nanoseconds since 1970 of an ISO 8601 time in UTC."""
    match = _TIMESTAMP.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise invalid(place, "expected an ISO 8601 time in UTC, such as 2026-03-14T10:30:00Z")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if not 1970 <= year <= 2299:
        raise invalid(place, "expected a year from 1970 to 2299")
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as problem:
        raise invalid(place, str(problem)) from None
    fraction = (match.group(7) or "").ljust(9, "0")
    return calendar.timegm(moment.timetuple()) * SECOND + int(fraction)


def write_instant(nanoseconds: int) -> str:
    seconds, rest = divmod(nanoseconds, SECOND)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest // MILLISECOND:03d}Z"


# --- values ---------------------------------------------------------------------------------------------------------


def is_number(value: Json) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def check_identifier(value: Json, place: str) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 200 or _CONTROL.search(value):
        raise invalid(place, "expected an identifier of 1 to 200 characters")
    return value


def read_query_integer(text: str, place: str, least: int, most: int) -> int:
    if not _INTEGER.fullmatch(text) or not least <= int(text) <= most:
        raise invalid(place, f"expected an integer from {least} to {most}")
    return int(text)


class Fields:
    """The fields of one JSON object, and where in the request it stands."""

    def __init__(self, value: Json, place: str = "") -> None:
        if not isinstance(value, dict):
            raise invalid(place, "expected an object")
        self.value: dict[str, Json] = value
        self.place = place

    def at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name

    def optional(self, name: str, read: Callable[[str], Read]) -> Read | None:
        """None when the field is absent or null."""
        return read(name) if self.value.get(name) is not None else None

    def any(self, name: str) -> Json:
        if name not in self.value:
            raise invalid(self.at(name), "is missing")
        return self.value[name]

    def text(self, name: str, least: int = 0, most: int | None = None) -> str:
        value = self.any(name)
        if not isinstance(value, str):
            raise invalid(self.at(name), "expected a string")
        if len(value) < least:
            raise invalid(self.at(name), f"expected at least {least} characters")
        if most is not None and len(value) > most:
            raise invalid(self.at(name), f"expected at most {most} characters")
        return value

    def name(self, name: str) -> str:
        return self.text(name, most=1000)

    def short_text(self, name: str) -> str:
        return self.text(name, 1, 200)

    def identifier(self, name: str) -> str:
        return check_identifier(self.any(name), self.at(name))

    def instant(self, name: str) -> int:
        return read_instant(self.any(name), self.at(name))

    def choice(self, name: str, options: Sequence[str]) -> str:
        value = self.any(name)
        if not isinstance(value, str) or value not in options:
            raise invalid(self.at(name), f"expected one of {', '.join(options)}")
        return value

    def number(self, name: str, least: int = 0, most: int | None = None) -> int | Decimal:
        value: int | Decimal = self.any(name)
        if not is_number(value):
            raise invalid(self.at(name), "expected a number")
        if value < least or (most is not None and value > most):
            raise invalid(self.at(name), f"expected a number from {least} to {most}")
        return value

    def integer(self, name: str, least: int, most: int) -> int:
        value = self.number(name, least, most)
        if value != int(value):
            raise invalid(self.at(name), "expected an integer")
        return int(value)

    def boolean(self, name: str) -> bool:
        value = self.any(name)
        if not isinstance(value, bool):
            raise invalid(self.at(name), "expected true or false")
        return value

    def mapping(self, name: str) -> dict[str, Json]:
        return self.fields(name).value

    def fields(self, name: str) -> "Fields":
        return Fields(self.any(name), self.at(name))

    def items(self, name: str) -> list[Json]:
        value = self.any(name)
        if not isinstance(value, list):
            raise invalid(self.at(name), "expected an array")
        return value

    def texts(self, name: str, least: int = 0, most: int | None = None) -> list[str]:
        items = self.items(name)
        inner = Fields({f"{name}[{index}]": item for index, item in enumerate(items)}, self.place)
        return [inner.text(key, least, most) for key in inner.value]

    def tags(self, name: str) -> list[str]:
        return self.texts(name, 1, 200)
