"""The tables of what was measured round by round: rates, ratios, processor time, starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench._kinds import AT_START, CROSSED, PROCESSOR, RATE, READY
from bench._record import Record
from bench._targets import rate_ratio
from bench.servers import DURABLE, OURS
from bench.tables._table import Table, memory, rate, seconds, times

_ORDER = (*OURS, "Prism", "FastAPI by hand", "WireMock", "Specmatic", "Mockoon", "bare uvicorn")


def _rates(record: Record) -> Table:
    return _by_workload(
        record,
        "Requests per second",
        "Closed loop, all connections busy. An empty cell: not asked, or what was answered is below, under *What could "
        "not be had*.",
        lambda workload, subject: rate(RATE.of(record, workload=workload, subject=subject)),
    )


def _ratios(record: Record) -> Table:
    def cell(workload: str, subject: str) -> str:
        return "" if subject == DURABLE else times(rate_ratio(record, workload, DURABLE, subject))

    return _by_workload(
        record,
        "How many times as fast is ours, durable",
        "Round by round, so that what a busy machine did to both does not count.",
        cell,
    )


def _processor(record: Record) -> Table:
    return _by_workload(
        record,
        "Processor time of the server, microseconds for each request",
        "All its threads and processes; less shaken by other work than a rate is.",
        lambda workload, subject: rate(PROCESSOR.of(record, workload=workload, subject=subject)),
    )


def _crossed(record: Record) -> Table:
    rows = []
    for workload in record.names("crossed", "workload"):
        for subject in record.names("crossed", "subject"):
            cells = []
            for kind in (RATE, CROSSED):
                share = None if subject == DURABLE else rate_ratio(record, workload, DURABLE, subject, kind)
                cells += [rate(kind.of(record, workload=workload, subject=subject)), times(share)]
            if any(cells):
                rows.append((_says(record, workload), subject, *cells))
    return Table(
        "The same through a second generator",
        "Requests per second; ratio: ours, durable, over it. What is faster than autocannon itself is bounded by it.",
        ("", "server", "wrk", "ratio", "autocannon", "ratio"),
        rows,
    )


def _starts(record: Record) -> Table:
    rows = [
        (subject, seconds(READY.of(record, subject=subject)), memory(AT_START.of(record, subject=subject)))
        for subject in record.names("starts", "subject")
    ]
    return Table(
        "Start",
        "Seconds from the start of the process, on one core, to the first answer of `health`.",
        ("server", "ready after, s", "resident memory, MiB"),
        rows,
    )


def _by_workload(record: Record, heading: str, note: str, cell: Callable[[str, str], str]) -> Table:
    subjects = sorted(record.names("rounds", "subject"), key=_place)
    rows = [
        (_says(record, workload), *(cell(workload, subject) for subject in subjects))
        for workload in record.names("rounds", "workload")
    ]
    return Table(heading, note, ("", *subjects), rows)


def _place(subject: str) -> int:
    return _ORDER.index(subject) if subject in _ORDER else len(_ORDER)


def _says(record: Record, workload: str) -> str:
    (first, *_) = record.rows("rounds", workload=workload) or record.rows("crossed", workload=workload)
    return str(first["says"])


ROUNDS: Sequence[Callable[[Record], Table]] = (_rates, _ratios, _processor, _crossed, _starts)
"""In the order of the page."""
