"""The kinds of figures that a page shows, and how far each is granted to be from that of another run.

The spread that is stated is half of the range of the rounds, and never less than what is granted here: rounds of one
run share its machine, its hour and where memory happened to lie, so their range alone says too little about the next
run, and what is measured once has no range at all. Two runs agree on a figure when their intervals meet: the medians of
four rounds that differ by chance alone do so in 99 of 100 cases.

What is granted follows from pairs of whole runs of one commit on the machine that the page is from, which is shared:
half an hour later everybody was up to a quarter slower, so that absolute rates and times are granted most. A ratio of
two servers in one round is shaken by that as little as memory is, and all targets of speed but two are such ratios.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from bench._record import Record, Value
from bench._statistics import Figure, figure

Name = tuple[Value, ...]
"""Which figure of a kind."""


class Kind(NamedTuple):
    """Figures of one kind: where a record has them."""

    says: str
    section: str
    value: str
    """The column that holds the figure."""
    names: Sequence[str]
    """The columns that say which figure it is; rows that are alike in them are its rounds."""
    least: float
    """The spread that is granted at least, as a part of the median."""
    ratio: float = 0.1
    """The same for a ratio of two of them in one round."""

    def each(self, record: Record) -> Mapping[Name, Figure]:
        """All figures of this kind."""
        found: dict[Name, list[float]] = {}
        for row in record.sections.get(self.section, []):
            if row.get(self.value) is not None:
                found.setdefault(tuple(row[name] for name in self.names), []).append(float(row[self.value]))
        return {name: figure(values, self.least) for name, values in found.items()}

    def of(self, record: Record, **where: Value) -> Figure | None:
        """One figure; None when it was not measured."""
        values = record.values(self.section, self.value, **where)
        return figure(values, self.least) if values else None


RATE = Kind("requests per second", "rounds", "rate", ("workload", "subject"), 0.2)
PROCESSOR = Kind("processor time of a request", "rounds", "cpu", ("workload", "subject"), 0.2)
CROSSED = Kind("requests per second, second generator", "crossed", "rate", ("workload", "subject"), 0.2)
READY = Kind("time until ready", "starts", "ready", ("subject",), 0.15)
AT_START = Kind("memory at start", "starts", "memory", ("subject",), 0.05)
OFFERED = tuple(
    Kind(f"latency at an offered rate, {name} %", "offered", f"p{name}", ("says", "subject"), least)
    for name, least in (("50", 0.5), ("90", 0.5), ("99", 1.0), ("99.9", 1.0))
)
"""The higher a percentile, the fewer requests it rests on; and who is a quarter slower has much less to spare, so that
requests queue: of one server the 99th was six times as long half an hour later."""
INGESTION = Kind("events per second in full batches", "growth", "rate", ("subject", "traces"), 0.2)
HELD = Kind("memory by traces", "growth", "memory", ("subject", "traces"), 0.05)
BY_SIZE = Kind("latency of a list by size", "sizes", "p50", ("filter", "share", "page", "traces"), 0.2)
CONTROL = Kind("reset and snapshot", "control", "milliseconds", ("subject", "says", "traces"), 0.25)
SUITE = Kind("conformance suite, seconds", "suite", "seconds", ("profile",), 0.2)
SUITE_REQUESTS = Kind("conformance suite, requests", "suite", "requests", ("profile",), 0.1)
"""How many are sent while something is waited for depends on the hour too: thorough sent 5,463, 5,197 and 4,654."""
STEADY = Kind("memory under a steady load", "steady", "memory", ("subject",), 0.05, 0.05)

KINDS = (
    RATE, PROCESSOR, CROSSED, READY, AT_START, *OFFERED, INGESTION, HELD, BY_SIZE, CONTROL, SUITE, SUITE_REQUESTS,
    STEADY,
)  # fmt: skip
"""All of them, in the order of the page."""
