"""The tables of what is not requests per second."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bench._kinds import BY_SIZE, CONTROL, HELD, INGESTION, OFFERED, SUITE
from bench._record import Record
from bench._statistics import figure
from bench._targets import TARGETS, size_ratios
from bench.tables._table import Table, memory, rate, seconds, times


def _offered(record: Record) -> Table:
    rows = [
        (
            row["says"],
            row["subject"],
            *(seconds(kind.of(record, says=row["says"], subject=row["subject"])) for kind in OFFERED),
            f"{row['rate']:,.0f}",
        )
        for row in record.sections.get("offered", [])
    ]
    due = record.values("offered", "due") or [0]
    return Table(
        "Latency at an offered rate",
        f"Milliseconds at {due[0]:,.0f} requests a second; wrk corrects them for requests that could not be sent in "
        "time.",
        ("", "server", "50 %", "90 %", "99 %", "99.9 %", "answered per second"),
        rows,
    )


def _growth(record: Record) -> Table:
    rows = []
    for row in record.sections.get("growth", []):
        which = {"subject": row["subject"], "traces": row["traces"]}
        cells = (memory(HELD.of(record, **which)), rate(INGESTION.of(record, **which)))
        rows.append((row["subject"], f"{row['traces']:,}", *cells))
    return Table(
        "Full batches, and the memory that they leave",
        "A trace and its span are two events; the rate is that of the traces since the row before.",
        ("server", "traces", "resident memory, MiB", "events per second"),
        rows,
    )


def _sizes(record: Record) -> Table:
    sizes = sorted({int(row["traces"]) for row in record.sections.get("sizes", [])})
    rows, reached = [], 0
    (bound,) = (target.wanted for target in TARGETS if "slowest list" in target.says)
    for filter_, share, page, ratio in size_ratios(record):
        place = {"filter": filter_, "share": share, "page": page}
        cells = [f"{figure(record.values('sizes', 'p50', **place, traces=size)).median:.3f}" for size in sizes]
        rows.append((filter_, share, page, *cells, times(ratio)))
        reached += ratio.median <= bound
    return Table(
        "A list against the size of the store",
        "Milliseconds, median, one request at a time, durable; as many rows at every size. `deep` begins in the middle "
        f"of what is found. {reached} of {len(rows)} lists take at most {bound:g} times as long in the largest store "
        f"as in the smallest one. Spreads of the milliseconds: at least ± {100 * BY_SIZE.least:.0f} %.",
        ("filter", "finds", "page", *(f"{size:,}" for size in sizes), "largest over smallest"),
        rows,
    )


def _control(record: Record) -> Table:
    found = record.sections.get("control", [])
    rows = [
        (subject, says, f"{traces:,}", rate(CONTROL.of(record, subject=subject, says=says, traces=traces)))
        for subject, says, traces in dict.fromkeys((row["subject"], row["says"], row["traces"]) for row in found)
    ]
    return Table("Reset and snapshot", "Milliseconds until the answer.", ("server", "call", "traces", "ms"), rows)


def _suite(record: Record) -> Table:
    rows = [
        (
            row["profile"],
            rate(SUITE.of(record, profile=row["profile"])),
            f"{row['requests']:,}",
            str(row["passed"]),
            str(row["failed"]),
        )
        for row in record.sections.get("suite", [])
    ]
    return Table(
        "The conformance suite against the mock",
        "Wall time of the command, neither of both pinned.",
        ("profile", "seconds", "requests", "clauses passed", "failed"),
        rows,
    )


def _steady(record: Record) -> Table:
    held = [row for row in record.sections.get("steady", []) if row.get("memory")]
    marks = [held[len(held) * part // 4] for part in range(4)] + held[-1:] if held else []
    rows = [(f"{row['second']:.0f}", f"{row['memory'] / 1024 / 1024:,.1f}") for row in marks]
    sent = sum(record.values("steady", "requests")) / max([1.0, *record.values("steady", "second")])
    return Table(
        "Memory under a steady load",
        f"Durable; {sent:,.0f} requests a second were answered, a half of them writes of two events. The watch begins "
        "after 100,000 traces and 20 seconds at full speed, when page cache, journal and ledger have reached their "
        "bounds. Meanwhile the other core fills the stores for lists, if they are not there yet.",
        ("second", "resident memory, MiB"),
        rows,
    )


FIGURES: Sequence[Callable[[Record], Table]] = (_offered, _growth, _sizes, _control, _suite, _steady)
"""In the order of the page."""
