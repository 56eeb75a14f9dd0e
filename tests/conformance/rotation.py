"""Which rows of a long table the tests judge: another part each day, and any part again by hand.

TWOSIGNAL_SEED (default: the day of the year, UTC) seeds the runs and chooses the part; TWOSIGNAL_PART=K/N judges the
K-th of N parts instead, such as 3/10, or 1/1 for all.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

PART, SEED = "TWOSIGNAL_PART", "TWOSIGNAL_SEED"
PARTS = 10
"""Of each table, so that a part costs CI less than a minute."""

_Row = TypeVar("_Row")


class RotationError(ValueError):
    """A variable says what cannot be meant."""


@dataclass(frozen=True)
class Turn:
    """A part of all tables, and the seed of its runs."""

    number: int
    """From 1 to `parts`."""
    parts: int
    seed: int

    @classmethod
    def of(cls, parts: int, environment: Mapping[str, str] = os.environ) -> Turn:
        """The turn that the environment asks for, else today's of so many parts."""
        text = environment.get(SEED, todays_seed())
        if not _is_number(text):
            raise RotationError(f"{SEED}={text}; expected a number, such as 325; correct it")
        seed = int(text)
        wanted = environment.get(PART)
        if wanted is None:
            return cls((seed - 1) % parts + 1, parts, seed)
        number, _, whole = wanted.partition("/")
        if not (_is_number(number) and _is_number(whole) and 1 <= int(number) <= int(whole)):
            raise RotationError(f"{PART}={wanted}; expected K/N with K from 1 to N, such as 3/10; correct it")
        return cls(int(number), int(whole), seed)

    def among(self, rows: Sequence[_Row]) -> list[_Row]:
        """The rows whose turn it is: every N-th, so that a part has some of each area."""
        return [row for place, row in enumerate(rows) if place % self.parts == self.number - 1]

    @property
    def repeat(self) -> str:
        """What to set so that the same happens again."""
        return f"{PART}={self.number}/{self.parts} {SEED}={self.seed}"


def todays_seed() -> str:
    """The day of the year, 1 to 366, in UTC: the same on every machine."""
    return str(datetime.now(UTC).timetuple().tm_yday)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
