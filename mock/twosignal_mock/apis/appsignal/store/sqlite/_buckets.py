"""Sums over a range of time: whole buckets are kept as sums, and what lies at both ends is counted row by row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from twosignal_mock.apis.appsignal.store._traces import Range

BUCKET = 600_000_000_000
"""Nanoseconds of a bucket: a day has 144, and a busy minute at an end is read in a moment."""


class Split(NamedTuple):
    """A range as whole buckets and what is left."""

    first: int
    last: int
    """Numbers of buckets; `last` is lower when there is no whole one."""
    ends: tuple[Range, ...]


def split(range_: Range) -> Split:
    """A range, both of its ends inclusive, as whole buckets and what is left at its ends."""
    first, last = -(-range_.since // BUCKET), (range_.until + 1) // BUCKET - 1
    return Split(first, last, tuple(_ends(range_, first, last)))


def _ends(range_: Range, first: int, last: int) -> Iterator[Range]:
    if first > last:
        yield range_
        return
    if range_.since < first * BUCKET:
        yield Range(range_.since, first * BUCKET - 1)
    if range_.until >= (last + 1) * BUCKET:
        yield Range((last + 1) * BUCKET, range_.until)
