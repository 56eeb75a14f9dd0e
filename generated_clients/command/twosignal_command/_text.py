"""Texts that are safe to show. A name may hold anything; what a terminal would obey or hide is shown as a code."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, what turns the direction of writing, what has no width and is no part of an emoji, surrogates."""
_NONE = "-"
"""What stands for a value that is not there."""
_AGES = ((60, 1, "s"), (3600, 60, "min"), (86400, 3600, "h"), (30 * 86400, 86400, "days"))
"""Seconds below which an age is told in a unit, the seconds of that unit, and its name."""


def safe(value: object) -> str:
    """A value on one line."""
    text = _NONE if value is None else value if isinstance(value, str) else to_json(value)
    return _UNSAFE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def to_json(value: object, *, indent: int | None = None, ascii_only: bool = False) -> str:
    """A value as JSON. Unsafe characters are escaped, so it is the same value for whoever reads it."""
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent, allow_nan=False)
    # Outside of strings JSON has no unsafe characters but the line breaks of an indented text.
    return _UNSAFE.sub(lambda match: match[0] if match[0] == "\n" else json.dumps(match[0])[1:-1], text)


def number(value: object) -> float | None:
    """A number, or a decimal number in a text; None when it is neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(Decimal(value))
    except (InvalidOperation, OverflowError, ValueError):
        return None
    return found if found - found == 0 else None


def duration(milliseconds: object) -> str:
    """`1.2s`."""
    found = number(milliseconds)
    if found is None:
        return _NONE
    if found < 100:
        return f"{found:.0f}ms"
    if found < 60_000:
        return f"{found / 1000:.1f}s"
    minutes, seconds = divmod(round(found / 1000), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h {minutes}m" if hours else f"{minutes}m {seconds}s"


def cost(dollars: object) -> str:
    """`$0.003`. What is less than a tenth of a cent has two digits that are not 0."""
    found = number(dollars)
    if found is None:
        return _NONE
    if found and abs(found) < 0.001:
        return f"${found:.{1 - Decimal(found).adjusted()}f}" if abs(found) > 1e-9 else "<$0.000000001"
    return f"${found:,.3f}"


def instant(text: object) -> datetime | None:
    """A time of the API; None when it cannot be read."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def age(text: object, now: datetime | None = None) -> str:
    """`2 min ago`; the day when that is longer ago than a month, the time when it is to come."""
    found = instant(text)
    if found is None:
        return safe(text)
    seconds = ((now or datetime.now(UTC)) - found).total_seconds()
    if seconds < -1:
        return f"{found:%Y-%m-%d %H:%M}"
    for limit, unit, name in _AGES:
        if seconds < limit:
            count = int(max(seconds, 0) // unit)
            return f"{count} {name.removesuffix('s') if count == 1 and len(name) > 1 else name} ago"
    return f"{found:%Y-%m-%d}"
