"""Metrics: series of minutes, each with what was measured in it. Bound to one project.

Values of a minute are kept as their number, their sum, their extremes, and for measurements as counts in the bins of a
sketch. All of these can be merged, over minutes and over series, without the values themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import ceil, exp, log
from typing import NamedTuple, Protocol

MINUTE, HOUR = 60, 3600
"""Seconds."""

_ACCURACY = 0.01
"""A quantile is at most so much off, relative to its value: DDSketch (Masson, Rim and Lee, 2019)."""
_BASE = log((1 + _ACCURACY) / (1 - _ACCURACY))
_ZERO = 1 << 16
"""Bins of positive values lie around it, those of negative ones around its opposite: the least and the largest value of
a double are 38,000 bins apart from 1."""


def bin_of(value: float) -> int:
    """The bin of a finite value; bins are in the order of their values."""
    if value == 0:
        return 0
    place = _ZERO + ceil(log(abs(value)) / _BASE)
    return place if value > 0 else -place


def value_of(bin_: int) -> float:
    """The value that stands for a bin."""
    if bin_ == 0:
        return 0.0
    size = 2 * exp((abs(bin_) - _ZERO) * _BASE) / (exp(_BASE) + 1)
    return size if bin_ > 0 else -size


class Series(NamedTuple):
    """One metric of a site with one combination of tags."""

    number: int
    """From 1 in each project."""
    site: int
    metric: str
    type: str
    """gauge, counter or measurement."""
    tags: Mapping[str, str]
    """In the order of their keys."""


class Minute(NamedTuple):
    """What was measured of a series in a minute."""

    series: int
    start: int
    """Seconds since 1970, a whole minute."""
    values: int
    """How many."""
    sum: float
    least: float
    most: float
    bins: Mapping[str, int]
    """Of a measurement, how many values lie in each bin; the numbers of bins as text, as JSON has them."""


class Cell(NamedTuple):
    """What was measured of a series in an interval."""

    series: int
    start: int
    """Seconds since 1970; 0 for the whole range."""
    values: int
    sum: float
    least: float
    most: float


class Bin(NamedTuple):
    """How many values of a series lie in a bin, in an interval."""

    series: int
    start: int
    bin: int
    values: int


class Stream(NamedTuple):
    """How far a sum has grown that its sender counts from a start: only what is new since then is to be added."""

    key: str
    """Stands for the sender and the series."""
    start: int
    time: int
    """Nanoseconds since 1970."""
    state: tuple[float, ...]
    """The last values."""


class Metrics(Protocol):
    """The metrics of a project."""

    def names(self, site: int) -> Sequence[str]:
        """The names of a site's metrics, each once, in alphabetical order."""
        ...

    def series(self, site: int, metric: str) -> Sequence[Series]:
        """The series of a metric, in the order in which they came."""
        ...

    def count_series(self, site: int) -> int:
        """How many series a site has."""
        ...

    def add_series(self, site: int, metric: str, type_: str, tags: Mapping[str, str]) -> Series:
        """A new series; its tags in the order of their keys."""
        ...

    def put_series(self, series: Series) -> None:
        """Keeps a series that is not there yet."""
        ...

    def add(self, minutes: Sequence[Minute]) -> None:
        """Adds to what is known of series and minutes."""
        ...

    def cells(self, series: Sequence[int], first: int, last: int, width: int | None) -> Sequence[Cell]:
        """The sums of series in each interval of `width` seconds that has any; None: one of the whole range.

        `first` and `last` are minutes, in seconds since 1970, and both belong to the range.
        """
        ...

    def bins(self, series: Sequence[int], first: int, last: int, width: int | None) -> Sequence[Bin]:
        """The same for the bins of measurements; those of one series and interval in the order of their values."""
        ...

    def stream(self, key: str) -> Stream | None:
        """What is known of a stream."""
        ...

    def put_stream(self, stream: Stream) -> None:
        """Keeps a stream in the place of the one with its key."""
        ...

    def all_series(self) -> Iterable[Series]:
        """All series, by number."""
        ...

    def all_minutes(self) -> Iterable[Minute]:
        """All minutes, by series and start."""
        ...

    def all_streams(self) -> Iterable[Stream]:
        """All streams, by key."""
        ...
