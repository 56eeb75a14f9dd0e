"""Instants as the contract spells them, and as they are kept: nanoseconds since 1970, as OpenTelemetry counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from twosignal_mock.engine.api import ApiError

SECOND = 1_000_000_000
MILLISECOND = 1_000_000
"""Nanoseconds."""

EARLIEST, LATEST = -(2**63), 2**63 - 1
"""What every database can keep: the years 1677 to 2262. An instant beyond counts as the nearest of them."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 24 * 60 * 60
"""Seconds."""
_FRACTION = re.compile(r"[.,](\d+)")
_DIGITS = 9


def parse_instant(text: str, place: str) -> int:
    """Nanoseconds since 1970; further digits are cut. Raises ApiError for a day that the calendar does not have."""
    fraction = _FRACTION.search(text)
    whole = text if fraction is None else text[: fraction.start()] + text[fraction.end() :]
    try:
        since = datetime.fromisoformat(whole.upper()) - _EPOCH
    except (ValueError, OverflowError) as error:
        raise ApiError("invalid-value", place=place, problem=f"{text} is not an instant: {error}") from error
    rest = 0 if fraction is None else int(fraction[1][:_DIGITS].ljust(_DIGITS, "0"))
    return min(max((since.days * _DAY + since.seconds) * SECOND + rest, EARLIEST), LATEST)


def format_instant(nanoseconds: int) -> str:
    """As 2026-03-14T10:00:00Z, with three, six or nine digits of a fraction when it has one."""
    seconds, rest = divmod(nanoseconds, SECOND)
    if not rest:
        return f"{_second(seconds)}Z"
    digits = f"{rest:09}"
    shown = next(digits[:length] for length in (3, 6, _DIGITS) if not digits[length:].strip("0"))
    return f"{_second(seconds)}.{shown}Z"


def read_range(body: Mapping[str, Any]) -> tuple[int, int]:
    """The `from` and `to` of a body, both inclusive; without one, all that there is on that side."""
    since, until = body.get("from"), body.get("to")
    return (
        EARLIEST if since is None else parse_instant(str(since), "from"),
        LATEST if until is None else parse_instant(str(until), "to"),
    )


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    """What comes in together has few different ones."""
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
