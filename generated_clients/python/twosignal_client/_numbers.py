"""JSON whose numbers stay what they are: those that Python would change, or take for something else, are errors."""

from __future__ import annotations

import json
import math
import re
from typing import Any, TypeVar

import attrs

T = TypeVar("T")


def loads(content: bytes) -> Any:
    """The value of a JSON text; ValueError when it is none, or nobody can hold it."""
    try:
        return json.loads(content, parse_float=_finite, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def whole(value: Any) -> int:
    """A whole number, 1.0 being 1; TypeError when it is something else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != math.floor(value):
        raise TypeError(f"{value!r} came, expected a whole number")
    return int(value)


def settled(value: T) -> T:
    """The same model, with whole numbers as integers wherever its types say so; TypeError when one is none."""
    for item in value if isinstance(value, list) else ():
        settled(item)
    kind: type = type(value)
    for field in attrs.fields(kind) if attrs.has(kind) else ():
        held = getattr(value, field.name)
        if isinstance(held, float) and "int" in re.findall(r"\w+", str(field.type)):
            setattr(value, field.name, whole(held))
        else:
            settled(held)
    return value


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:50]} is too large a number")
    return number


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")
