"""Reads responses in every documented dialect, and notes which one the server speaks. Nothing here raises."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeGuard

from twosignal_conformance.engine.api_client import MISSING, ApiClient, Exchange, member

_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|\+00:00)\Z")
_LOOKS_LIKE_ONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """What an error response says."""

    code: str
    message: str


def error_of(client: ApiClient, exchange: Exchange) -> ErrorBody | None:
    """The error of a response in its envelope; None when it has none in the documented form."""
    code, message = exchange.at("error", "code"), exchange.at("error", "message")
    if not isinstance(code, str) or not isinstance(message, str):
        return None
    envelope = "data-null" if exchange.at("data") is None else "error"
    client.dialects.note("error-envelope", envelope)
    if code in client.contract.dialects["rate-limit-code"].values:
        client.dialects.note("rate-limit-code", code)
    return ErrorBody(code, message)


def is_error(exchange: Exchange, *statuses: int) -> bool:
    """True when a response has one of these statuses."""
    return exchange.status in statuses


def refused(exchange: Exchange) -> bool:
    """True when a request was refused: any 4xx, or a connection that was cut while a body too large was sent."""
    return exchange.status is None or 400 <= exchange.status < 500


def accepted(exchange: Exchange) -> Any:
    """The count in the response to an ingestion; MISSING when it is not there."""
    return exchange.at("accepted")


def traces(exchange: Exchange) -> list[Any]:
    """The traces of a page; empty when the response is no page."""
    found = exchange.at("data", "traces")
    return found if isinstance(found, list) else []


def is_last(exchange: Exchange) -> bool:
    """True when a page says in the documented way that there are no more results: nextCursor null."""
    return exchange.at("data", "nextCursor") is None


def next_cursor(exchange: Exchange) -> str | None:
    """The cursor of the next page; None on the last one, and for an empty text, with which nobody can go on."""
    cursor = exchange.at("data", "nextCursor")
    return cursor if isinstance(cursor, str) and cursor else None


def decision(client: ApiClient, exchange: Exchange) -> Any:
    """The object of a routing decision, bare or inside of "data"; MISSING when it is neither."""
    for value, where in (("data", exchange.at("data")), ("bare", exchange.json)):
        if isinstance(where, dict) and "model" in where:
            client.dialects.note("route-model-envelope", value)
            return where
    return MISSING


def data_at(exchange: Exchange, *steps: str | int) -> Any:
    """A place inside of "data", where templates and sessions stand; MISSING when it is not there."""
    return member(exchange.at("data"), *steps)


def instant(value: Any) -> datetime | None:
    """The instant of a timestamp, ISO 8601 in UTC with Z or +00:00, digits beyond the microsecond cut; else None."""
    match = _TIMESTAMP.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    try:
        seconds = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
    except ValueError:
        return None
    return seconds.replace(microsecond=int((match[2] or "").ljust(6, "0")[:6]))


def note_timestamp(client: ApiClient, value: str) -> None:
    """Take note of how the server writes times, when it is one of the documented ways."""
    match = _TIMESTAMP.match(value)
    written = (len(match[2] or ""), match[3]) if match else None
    ways = {(3, "Z"): "milliseconds", (0, "Z"): "seconds", (3, "+00:00"): "offset"}
    if written in ways:
        client.dialects.note("timestamps-out", ways[written])


def amount(value: Any) -> Decimal | None:
    """The number of a decimal string, exponents and trailing zeros read too; None for anything else."""
    if not isinstance(value, str):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def same(one: object, other: object) -> bool:
    """True when two JSON values are equal; true is not 1, and 2.0 is 2."""
    match one, other:
        case (bool(), _) | (_, bool()):
            return one is other
        case dict(), dict():
            return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
        case _:
            return one == other


def is_number(value: object) -> TypeGuard[int | float]:
    """True when a JSON value is a number; true is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: object) -> bool:
    """True when a JSON value is an integer; 3.0 is one, as for JSON Schema."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def moment(value: object) -> datetime | None:
    """The instant of anything that looks like a timestamp, whatever its zone (none: UTC), or None.

    How it is written is judged by clauses of its own.
    """
    if not isinstance(value, str) or not _LOOKS_LIKE_ONE.match(value):
        return None
    exact = instant(value)
    if exact is not None:
        return exact
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
