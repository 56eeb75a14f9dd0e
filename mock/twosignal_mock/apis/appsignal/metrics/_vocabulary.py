"""The words of metric queries: resolutions, fields and aggregations, as /x-appsignal-metrics of the contract has them.

They are understood in any letter case; a word that is not known raises ApiError.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from twosignal_contract import Contract

from twosignal_mock.engine.api import ApiError

_T = TypeVar("_T")


class Resolution(NamedTuple):
    """The length of an interval."""

    name: str
    """In upper case."""
    seconds: int


class Field(NamedTuple):
    """Which value of a metric, and how several become one."""

    name: str
    """In upper case."""
    types: tuple[str, ...]
    """Of the metrics that have it."""
    merged_by: str
    """average, sum, minimum, maximum or quantile."""
    quantile: float | None


class Vocabulary:
    """The words of a contract."""

    def __init__(self, contract: Contract) -> None:
        rules = contract.extension("x-appsignal-metrics")
        self.wildcard: str = rules["wildcard"]
        self.most_points: int = rules["most-points"]
        """Intervals of one series."""
        self.most_points_together: int = rules["most-points-together"]
        """Of all series of a response."""
        self._resolutions = {name: Resolution(name, seconds) for name, seconds in rules["resolutions"].items()}
        self._automatic = rules["automatic"]
        self._fields = {
            name: Field(name, tuple(row["types"]), row["merged-by"], row.get("quantile"))
            for name, row in rules["fields"].items()
        }
        self._aggregations: Mapping[str, str] = {
            word: row["merged-by"]
            for name, row in rules["aggregations"].items()
            for word in (name, *row.get("also", ()))
        }

    def resolution(self, word: str | None, seconds: int) -> Resolution:
        """The resolution of a word; without one, that which fits a range of so many seconds."""
        if word is None:
            row = next(row for row in self._automatic if seconds <= row.get("up-to", seconds))
            return self._resolutions[row["resolution"]]
        return _known(self._resolutions, word, "resolution")

    def field(self, word: str, place: str) -> Field:
        """The field of a word."""
        return _known(self._fields, word, place)

    def aggregation(self, word: str | None, place: str) -> str | None:
        """How values become one, by a word; None: the way of the field."""
        return None if word is None else _known(self._aggregations, word, place)


def _known(known: Mapping[str, _T], word: str, place: str) -> _T:
    found = known.get(word.upper())
    if found is None:
        raise ApiError("invalid-value", place=place, problem=f"is {word!r}; expected one of {', '.join(known)}")
    return found
