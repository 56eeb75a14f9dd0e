"""Histograms as distributions: how many values, their sum, their extremes, and how they lie in the bins of a sketch.

The values of a bucket are taken to be spread evenly over it. https://opentelemetry.io/docs/specs/otel/metrics/data-model
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf, isfinite
from typing import Any, NamedTuple

from twosignal_mock.apis.appsignal.store import bin_of
from twosignal_mock.otlp import read_buckets

_SLICES = 16
"""Of a bucket, each of whose middles stands for its values: a sketch asks for no more."""
_LARGEST = 1e300
"""Bounds of buckets beyond count as this, so that their middle is a number."""


class Bucket(NamedTuple):
    """How many values lie above one bound and not above another."""

    low: float
    high: float
    values: int


class Distribution(NamedTuple):
    """What is known of several values."""

    values: int
    sum: float
    least: float
    most: float
    bins: dict[str, int]


def single(value: float) -> Distribution:
    """Of one value, without a sketch."""
    return Distribution(1, value, value, value, {})


def explicit_buckets(counts: Sequence[int], bounds: Sequence[float]) -> list[Bucket]:
    """The buckets of a histogram with explicit bounds."""
    edges = [-inf, *bounds, inf]
    return [Bucket(edges[index], edges[index + 1], count) for index, count in enumerate(counts) if count]


def exponential_buckets(scale: int, zeros: int, positive: Any, negative: Any) -> list[Bucket]:
    """The buckets of a histogram whose bounds grow by powers."""
    below = [Bucket(-high, -low, count) for low, high, count in _powers(scale, negative)]
    return [*reversed(below), *([Bucket(0.0, 0.0, zeros)] if zeros else []), *_powers(scale, positive)]


def distribution(
    buckets: Sequence[Bucket], total: float | None, least: float | None, most: float | None
) -> Distribution:
    """The distribution of buckets that hold at least one value; `total`, `least` and `most` where they are known.

    No value is below `least` or above `most`; of what a stream has since its start, both may be of values before.
    """
    count = sum(bucket.values for bucket in buckets)
    if count == 1 and total is not None:
        least = most = total
    whole = [_within(bucket, least, most) for bucket in buckets]
    spread = [piece for bucket in whole for piece in _slices(bucket)]
    bins: dict[str, int] = {}
    for value, values in spread:
        key = str(bin_of(value))
        bins[key] = bins.get(key, 0) + values
    return Distribution(
        values=count,
        sum=sum(value * values for value, values in spread) if total is None else total,
        least=whole[0].low,
        most=whole[-1].high,
        bins=bins,
    )


def _powers(scale: int, side: Any) -> Iterator[Bucket]:
    offset, counts = read_buckets(side)
    for index, count in enumerate(counts, start=offset):
        if count:
            yield Bucket(_power(index, scale), _power(index + 1, scale), count)


def _power(index: int, scale: int) -> float:
    """2 ** (index * 2 ** -scale), or what a double can hold of it."""
    exponent = index * 2.0**-scale
    return 0.0 if exponent < -1074 else _LARGEST if exponent > 996 else 2.0**exponent


def _within(bucket: Bucket, least: float | None, most: float | None) -> Bucket:
    """A bucket with both ends: an open one ends at the extreme of the values, else at its other end (or at 0)."""
    low, high = bucket.low, bucket.high
    if not isfinite(low):
        low = min(0.0, high) if isfinite(high) else 0.0
    if not isfinite(high):
        high = low if most is None else max(low, most)
    if least is not None:
        low, high = max(low, least), max(high, least)
    if most is not None:
        low, high = min(low, most), min(high, most)
    return Bucket(low, high, bucket.values)


def _slices(bucket: Bucket) -> Iterator[tuple[float, int]]:
    """Values in a bucket, and how many of each."""
    slices = 1 if bucket.low == bucket.high else min(bucket.values, _SLICES)
    share, more = divmod(bucket.values, slices)
    for index in range(slices):
        yield bucket.low + (bucket.high - bucket.low) * (index + 0.5) / slices, share + (index < more)
