"""What has to be reached, and whether it was: a row for each, from what a run found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench._kinds import BY_SIZE, RATE, READY, STEADY, SUITE, Kind
from bench._record import Record, Value
from bench._statistics import Figure, figure, ratio
from bench.servers import DURABLE


@dataclass(frozen=True)
class Target:
    """One figure, and what it should be."""

    says: str
    wanted: float
    at_most: bool
    """Whether less is better."""
    measured: Callable[[Record], Figure | None]
    """None: not measured in this run."""

    def reached(self, came: Figure) -> bool:
        """Whether the median is good enough."""
        return came.median <= self.wanted if self.at_most else came.median >= self.wanted


def rate_ratio(record: Record, workload: str, over: str, under: str, kind: Kind = RATE) -> Figure | None:
    """How many times as many requests per second, round by round."""
    return _by_round(record, kind, over, under, workload=workload)


def size_ratios(record: Record) -> Iterator[tuple[str, str, str, Figure]]:
    """Of each list, how much longer it takes in the largest store than in the smallest one."""
    rows = record.sections.get("sizes", [])
    sizes = sorted({int(row["traces"]) for row in rows})
    if len(sizes) < 2:
        return
    for filter_, share, page in dict.fromkeys((row["filter"], row["share"], row["page"]) for row in rows):
        place = {"filter": filter_, "share": share, "page": page}
        small, large = (record.values("sizes", "p50", **place, traces=size) for size in (sizes[0], sizes[-1]))
        if len(small) == len(large) and (times := ratio(large, small, BY_SIZE.ratio)):
            yield filter_, share, page, times


def _rates(workload: str, under: str) -> Callable[[Record], Figure | None]:
    return lambda record: rate_ratio(record, workload, DURABLE, under)


def _ready(record: Record) -> Figure | None:
    return _by_round(record, READY, DURABLE, "Prism")


def _by_round(record: Record, kind: Kind, over: str, under: str, **where: Value) -> Figure | None:
    """One server over another one, in the rounds that measured both."""
    one, other = (
        {row["round"]: float(row[kind.value]) for row in record.rows(kind.section, subject=subject, **where)}
        for subject in (over, under)
    )
    both = sorted(one.keys() & other.keys())
    return ratio([one[each] for each in both], [other[each] for each in both], kind.ratio)


def _largest_size_ratio(record: Record) -> Figure | None:
    """Of the slowest list, in a run whose largest store was large enough to say something."""
    if max(record.values("sizes", "traces"), default=0) < _LARGE:
        return None
    found = [figure_ for *_, figure_ in size_ratios(record)]
    return max(found, key=lambda each: each.median, default=None)


def _suite(profile: str) -> Callable[[Record], Figure | None]:
    return lambda record: SUITE.of(record, profile=profile)


def _growth_under_load(record: Record) -> Figure | None:
    """In a run that watched for long enough."""
    held = record.values("steady", "memory")
    watched = max(record.values("steady", "second"), default=0.0)
    return figure([max(held) / held[0]], STEADY.ratio) if held and watched >= _LONG else None


_LARGE = 1_000_000
"""Traces."""
_LONG = 600
"""Seconds."""


TARGETS = (
    Target("POST of 2 events, durable, over Prism", 3.0, False, _rates("post-2", "Prism")),
    Target("POST of 2 events, durable, over FastAPI by hand", 2.3, False, _rates("post-2", "FastAPI by hand")),
    Target("list of 20 over Prism", 2.5, False, _rates("list", "Prism")),
    Target("health over Prism", 5.0, False, _rates("health", "Prism")),
    Target("POST of 100 events, durable, over bare uvicorn", 0.6, False, _rates("post-100", "bare uvicorn")),
    Target("time until ready over Prism's", 0.5, True, _ready),
    Target("slowest list at 1,000,000 traces over the same at 1,000", 1.5, True, _largest_size_ratio),
    Target("quick profile against the mock, seconds", 15, True, _suite("quick")),
    Target("standard profile against the mock, seconds", 60, True, _suite("standard")),
    Target("resident memory in ten minutes of steady load, largest over first", 1.1, True, _growth_under_load),
)
