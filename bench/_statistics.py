"""Medians and spreads: what a figure of several rounds is worth."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple


class Figure(NamedTuple):
    """One figure, from one value of each round."""

    median: float
    spread: float
    """As a part of the median: 0.05 is "plus or minus 5 %". Half of the way from smallest to largest, or more."""
    rounds: int

    def agrees(self, other: Figure) -> bool:
        """Whether two medians lie no further apart than both spreads together allow."""
        return abs(self.median - other.median) <= self.spread * self.median + other.spread * other.median


def figure(values: Sequence[float], least: float = 0.0) -> Figure:
    """The figure of these values, with this spread at least; raises ValueError when there are none."""
    if not values:
        raise ValueError("no value was measured: a figure needs one round or more")
    middle = median(values)
    return Figure(middle, max(least, (max(values) - min(values)) / 2 / middle if middle else 0.0), len(values))


def ratio(over: Sequence[float], under: Sequence[float], least: float = 0.0) -> Figure | None:
    """How many times as much, round by round: what one round did to both of a pair does not count.

    None when there is no round in which the second one did anything.
    """
    found = [one / other for one, other in zip(over, under, strict=True) if other]
    return figure(found, least) if found else None
