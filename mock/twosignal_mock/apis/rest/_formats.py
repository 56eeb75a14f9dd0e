"""Values as the contract spells them: timestamps, statuses, and the ids of traces and spans."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from twosignal_contract import Contract

from twosignal_mock.engine.api import ApiError, Dependencies

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 24 * 60 * 60
"""Seconds."""


def parse_microseconds(text: str, place: str = "timestamp") -> int:
    """Microseconds since 1970; further digits are cut. Raises ApiError for a day that the calendar does not have."""
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND
    except ValueError as error:
        raise _invalid(text, place, error) from error


def parse_milliseconds(text: str, place: str = "timestamp") -> int:
    """Milliseconds since 1970; further digits are cut."""
    try:
        since = datetime.fromisoformat(text) - _EPOCH
    except ValueError as error:
        raise _invalid(text, place, error) from error
    # A division by a millisecond gives the same, in half as much time again.
    return (since.days * _DAY + since.seconds) * 1000 + since.microseconds // 1000


def parse_milliseconds_up(text: str, place: str = "timestamp") -> int:
    """Milliseconds since 1970; any further digit counts as a whole millisecond."""
    fraction = text[20:].rstrip("Z").partition("+")[0]  # 20: the length of 2026-03-14T10:00:00.
    return parse_milliseconds(text, place) + (fraction[3:].strip("0") != "")


def format_timestamp(milliseconds: int) -> str:
    """As 2026-03-14T10:00:00.000Z."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{_second(seconds)}{rest:03}Z"


def format_month(milliseconds: int) -> str:
    """As 2026-03."""
    return format_timestamp(milliseconds)[:7]


def _invalid(text: str, place: str, error: ValueError) -> ApiError:
    return ApiError("invalid-value", place=place, problem=f"{text} is not a date and time: {error}")


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    """As `2026-03-14T10:00:00.`; what comes in together has few different ones."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.")


def statuses_of(contract: Contract) -> tuple[str, str]:
    """The status without an error and the one with; /components/schemas/Status/enum, in this order."""
    good, bad = contract.document["components"]["schemas"]["Status"]["enum"][:2]
    return good, bad


OTEL_LENGTHS = frozenset({32, 16})
"""Digits of the ids of traces and spans in OpenTelemetry."""
_OTEL_ID = re.compile(r"[0-9a-fA-F]{16}([0-9a-fA-F]{16})?")


def canonical_id(identifier: str) -> str:
    """What the id of a trace or span is compared by: one of OpenTelemetry is the same in any letter case."""
    if len(identifier) not in OTEL_LENGTHS or _OTEL_ID.fullmatch(identifier) is None:
        return identifier
    return identifier.lower()


CheckIdentifier = Callable[[str | None, str], None]
"""Raises ApiError for a wrong identifier (None: not sent) of a resource ("trace", "span")."""

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def identifier_check(dependencies: Dependencies) -> CheckIdentifier | None:
    """The check of the chosen dialect; None: the schema has checked all there is."""
    return _check_uuid if dependencies.dialects.get("identifiers") == "uuid" else None


def _check_uuid(identifier: str | None, resource: str) -> None:
    if identifier is not None and _UUID.fullmatch(identifier) is None:
        raise ApiError("invalid-identifier", resource=resource)
