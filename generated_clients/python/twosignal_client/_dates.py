"""HTTP dates (RFC 9110 section 5.6.7) in all three forms. Each is UTC; what is none of them is no date."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_FORMS = (
    re.compile(rf"[A-Z][a-z]{{2}}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"),
    re.compile(rf"[A-Z][a-z]{{5,8}}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"),
    re.compile(rf"[A-Z][a-z]{{2}} {_MONTH} (?P<day>[ 0-9][0-9]) {_TIME} (?P<year>[0-9]{{4}})"),
)
"""As they are sent today, as RFC 850 has them, and as asctime writes them."""
_LEAP_SECOND = 60
_FIRST_YEAR = 1970
"""No server was asked before."""


def http_date(text: str, now: float) -> float | None:
    """The Unix time that a date names; None when it is none. `now`, a Unix time, tells the century of two digits."""
    found = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if found is None:
        return None
    year, second = _year(found["year"], now), int(found["second"])
    if year < _FIRST_YEAR or second > _LEAP_SECOND:
        return None
    month = _MONTHS.index(found["month"]) + 1
    try:
        minute = datetime(year, month, int(found["day"]), int(found["hour"]), int(found["minute"]), tzinfo=UTC)
    except ValueError:
        return None
    return minute.timestamp() + second


def _year(digits: str, now: float) -> int:
    """The year; one of two digits is never more than 50 years ahead."""
    if len(digits) > 2:
        return int(digits)
    this = datetime.fromtimestamp(now, UTC).year
    year = this - this % 100 + int(digits)
    return year if year <= this + 50 else year - 100
