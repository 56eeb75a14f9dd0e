"""JSON values as checks compare them: by what they mean, not by how they are written."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TypeGuard

from twosignal_conformance.apis.rest.checks import responses

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


def same(one: object, other: object) -> bool:
    """Whether two JSON values are equal; true is not 1, and 2.0 is 2."""
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
    """Whether a JSON value is a number; true is none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_integer(value: object) -> bool:
    """Whether a JSON value is an integer; 3.0 is one, as for JSON Schema."""
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def moment(value: object) -> datetime | None:
    """The instant of anything that looks like a timestamp, whatever its zone (none: UTC), or None.

    How it is written is judged by clauses of its own.
    """
    if not isinstance(value, str) or not _TIMESTAMP.match(value):
        return None
    exact = responses.instant(value)
    if exact is not None:
        return exact
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found
