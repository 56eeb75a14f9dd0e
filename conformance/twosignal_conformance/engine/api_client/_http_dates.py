"""What headers say of time: dates of HTTP, waits, ends of rate windows. What cannot be read counts as none."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from time import time

_IMF = re.compile(r"[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT\Z", re.ASCII)
_RFC_850 = re.compile(r"[A-Z][a-z]+day, (\d\d)-([A-Z][a-z]{2})-(\d\d) (\d\d):(\d\d):(\d\d) GMT\Z", re.ASCII)
_ASCTIME = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d) (\d{4})\Z", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

_CENTURY, _FUTURE = 100, 50
"""A year of two digits that would be more than 50 years ahead is one of the past (RFC 9110 section 5.6.7)."""

_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?\Z", re.ASCII)

EPOCH_SECONDS, EPOCH_MILLISECONDS = 1e9, 1e12
"""A reset header from here on is a Unix time in seconds, or in milliseconds: both dialects are documented."""

_LEAP_SECOND = 60

_YEARS = range(1971, 2501)
"""Dates outside are absurd, and nothing can be stored for them: nanoseconds since 1970 end in 2554."""


def http_date(value: str | None) -> datetime | None:
    """The instant of a date of HTTP in each of its three forms, which are all in UTC; None for anything else."""
    text = (value or "").strip()
    if match := _IMF.match(text):
        day, month, year, *clock = match.groups()
    elif match := _RFC_850.match(text):
        day, month, year, *clock = match.groups()
        year = str(_whole_year(int(year)))
    elif match := _ASCTIME.match(text):
        month, day, *clock, year = match.groups()
    else:
        return None
    hour, minute, second = map(int, clock)
    try:
        # Python knows no leap second; the second before it is near enough.
        second -= second == _LEAP_SECOND
        found = datetime(int(year), _MONTHS.index(month) + 1, int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def _whole_year(short: int) -> int:
    now = datetime.now(UTC).year
    year = now - now % _CENTURY + short
    return year - _CENTURY if year > now + _FUTURE else year


def number(value: str | None) -> float | None:
    """A number of seconds, at least 0; None for what is none, such as `inf` or forty digits."""
    text = (value or "").strip()
    return max(0.0, float(text)) if _NUMBER.match(text) else None


def retry_after(value: str | None, date: str | None = None) -> float | None:
    """Seconds that a Retry-After asks for, as a number or as a date (RFC 9110 section 10.2.3); None if neither.

    A date is compared with the server's own, which `date` is, or with the clock of this machine.
    """
    seconds = number(value)
    if seconds is not None:
        return seconds
    until = http_date(value)
    return None if until is None else max(0.0, (until - (http_date(date) or datetime.now(UTC))).total_seconds())


def epoch_of(reset: float) -> float | None:
    """The Unix time in seconds that a reset header names; None when it is a number of seconds to wait."""
    if reset < EPOCH_SECONDS:
        return None
    return reset / 1000 if reset >= EPOCH_MILLISECONDS else reset


def seconds_until(reset: str | None, date: str | None) -> float | None:
    """Seconds until a reset header, which is one of three dialects; epochs are compared with the server's own Date."""
    value = number(reset)
    epoch = None if value is None else epoch_of(value)
    if epoch is None:
        return value
    own = http_date(date)
    return max(0.0, epoch - (time() if own is None else own.timestamp()))
