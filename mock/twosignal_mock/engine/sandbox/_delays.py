"""Delays as people write them: a time with its unit (`250ms`, `1.5s`), or two that it lies between (`50..200ms`)."""

from __future__ import annotations

import re
from typing import NamedTuple, Self

_NUMBER = r"[0-9]{1,9}(?:\.[0-9]{1,6})?"
_FORM = re.compile(rf"({_NUMBER})(ms|s)?(?:\.\.({_NUMBER})(ms|s)?)?")
_SECONDS = {"ms": 0.001, "s": 1.0}

EXAMPLES = "250ms, 1.5s or 50..200ms"


class DelayError(ValueError):
    """A text that is no delay; it says what was expected."""


class Delay(NamedTuple):
    """So many seconds, or some number between two."""

    least: float
    most: float

    @classmethod
    def parse(cls, text: str, longest: float, *, bare: str | None = None) -> Self:
        """The delay of a text, at most `longest` seconds. `bare`: the unit of a number without one. DelayError."""
        found = _FORM.fullmatch(text)
        expected = f"a time with its unit from 0 to {longest:g}s, such as {EXAMPLES}"
        if found is None:
            raise DelayError(expected)
        low, low_unit, high, high_unit = found.groups()
        last_unit = (high_unit if high else low_unit) or bare
        if last_unit is None:
            raise DelayError(expected)
        least = float(low) * _SECONDS[low_unit or last_unit]
        most = least if high is None else float(high) * _SECONDS[last_unit]
        if not least <= most <= longest:
            raise DelayError(expected)
        return cls(least, most)

    def draw(self, share: float) -> float:
        """Seconds: the part of the way from the least to the most that `share` (0 to 1) says."""
        return self.least + share * (self.most - self.least)

    def __str__(self) -> str:
        """As it can be sent again."""
        least, most = (f"{round(seconds * 1000, 3):.12g}" for seconds in self)
        return f"{least}ms" if least == most else f"{least}..{most}ms"
