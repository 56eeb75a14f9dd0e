"""Timestamps of the contract: checked text to whole milliseconds or microseconds since 1970, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

from twosignal_mock._call import Refusal

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LENGTH = len("2026-03-14T10:00:00.000Z")


def parse_microseconds(text: str, place: str = "timestamp") -> int:
    """Microseconds since 1970; further digits are cut. Refuses a day that the calendar does not have."""
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // _MICROSECOND
    except ValueError as error:
        raise Refusal("invalid-value", place=place, problem=f"{text} is not a date and time: {error}") from error


def parse_milliseconds(text: str, place: str = "timestamp") -> int:
    """Milliseconds since 1970; further digits are cut."""
    if len(text) != _LENGTH or text[-1] != "Z":
        return parse_microseconds(text, place) // 1000
    # Nearly every timestamp has this form, and many have their minute in common.
    try:
        return _minute_start(text[:16]) + int(text[17:19] + text[20:23])
    except ValueError:
        return parse_microseconds(text, place) // 1000  # which says what is wrong


def parse_milliseconds_up(text: str, place: str = "timestamp") -> int:
    """Milliseconds since 1970; any further digit counts as a whole millisecond."""
    fraction = text[20:].rstrip("Z").partition("+")[0]  # 20: the length of 2026-03-14T10:00:00.
    return parse_milliseconds(text, place) + (fraction[3:].strip("0") != "")


def format_timestamp(milliseconds: int) -> str:
    """As 2026-03-14T10:00:00.000Z."""
    minutes, rest = divmod(milliseconds, 60_000)
    seconds, thousandths = divmod(rest, 1000)
    return f"{_minute(minutes)}{seconds:02d}.{thousandths:03d}Z"


@lru_cache(maxsize=4096)
def _minute_start(text: str) -> int:
    """Milliseconds since 1970 of `2026-03-14T10:00`; raises ValueError for a day that the calendar does not have."""
    return (datetime.fromisoformat(f"{text}:00Z") - _EPOCH) // _MICROSECOND // 1000


@lru_cache(maxsize=4096)
def _minute(minutes: int) -> str:
    """As `2026-03-14T10:00:`; a page of traces shows few different ones."""
    return (_EPOCH + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:")
