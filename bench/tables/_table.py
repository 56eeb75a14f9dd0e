"""A table, and how figures are written in its cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench._statistics import Figure

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Table:
    """A heading, what has to be known to read it, and cells."""

    heading: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def rate(value: Figure | None) -> str:
    """So many in a second, or microseconds; empty when it was not measured."""
    return f"{short(value.median)} {spread(value)}" if value else ""


def times(value: Figure | None) -> str:
    """So many times as much."""
    return f"{value.median:.2f} {spread(value)}" if value else ""


def seconds(value: Figure | None) -> str:
    """Seconds or milliseconds, to the hundredth."""
    return times(value)


def memory(value: Figure | None) -> str:
    """Mebibytes."""
    return f"{value.median / _MEBIBYTE:,.0f} {spread(value)}" if value else ""


def spread(value: Figure) -> str:
    """What is behind a median."""
    return f"± {100 * value.spread:.0f} %"


def short(number: float) -> str:
    """A number with as many digits as say something."""
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}"
