"""What a run found, as tables of text: the page and the terminal show the same ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench._record import Record
from bench._statistics import Figure, figure
from bench._targets import TARGETS, rate_ratio, size_ratios
from bench.servers import DURABLE, OURS

_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True)
class Table:
    """A heading, what has to be known to read it, and cells."""

    heading: str
    note: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]


def tables(record: Record) -> Iterator[Table]:
    """Every table that has rows, the most wanted first."""
    for make in _ALL:
        table = make(record)
        if table.rows:
            yield table


def _targets(record: Record) -> Table:
    rows = []
    for target in TARGETS:
        came = target.measured(record)
        bound = f"at {'most' if target.at_most else 'least'} {target.wanted:g}"
        verdict = "not measured" if came is None else "reached" if target.reached(came) else "**not reached**"
        rows.append((target.says, bound, "" if came is None else _times(came), verdict))
    return Table(
        "What was to be reached",
        "Medians of the rounds; the spread is half of the range.",
        ("figure", "wanted", "measured", ""),
        rows,
    )


def _rates(record: Record) -> Table:
    def cell(workload: str, subject: str) -> str:
        values = record.values("rounds", "rate", workload=workload, subject=subject)
        return _rate(figure(values)) if values else ""

    return _by_workload(
        record,
        "Requests per second",
        "Closed loop, all connections busy. An empty cell: not asked, or what was answered is below, under *What could "
        "not be had*.",
        cell,
    )


def _ratios(record: Record) -> Table:
    def cell(workload: str, subject: str) -> str:
        found = rate_ratio(record, workload, DURABLE, subject)
        return _times(found) if found and subject != DURABLE else ""

    return _by_workload(
        record,
        "How many times as fast is ours, durable",
        "Round by round, so that what a busy machine did to both does not count.",
        cell,
    )


def _processor(record: Record) -> Table:
    def cell(workload: str, subject: str) -> str:
        values = record.values("rounds", "cpu", workload=workload, subject=subject)
        return _short(figure(values).median) if values else ""

    return _by_workload(
        record,
        "Processor time of the server, microseconds for each request",
        "All its threads and processes; less shaken by other work than a rate is.",
        cell,
    )


def _crossed(record: Record) -> Table:
    rows = []
    for workload in record.names("crossed", "workload"):
        for subject in record.names("crossed", "subject"):
            cells = []
            for section in ("rounds", "crossed"):
                values = record.values(section, "rate", workload=workload, subject=subject)
                share = rate_ratio(record, workload, DURABLE, subject, section)
                cells += [_rate(figure(values)) if values else "", _times(share) if share else ""]
            if any(cells):
                rows.append((_says(record, workload), subject, *cells))
    return Table(
        "The same through a second generator",
        "Requests per second; ratio: ours, durable, over it. What is faster than autocannon itself is bounded by it.",
        ("", "server", "wrk", "ratio", "autocannon", "ratio"),
        rows,
    )


def _starts(record: Record) -> Table:
    rows = []
    for subject in record.names("starts", "subject"):
        ready, memory = (record.values("starts", name, subject=subject) for name in ("ready", "memory"))
        rows.append((subject, f"{figure(ready).median:.2f} {_spread(figure(ready))}", _memory(figure(memory).median)))
    return Table(
        "Start",
        "Seconds from the start of the process, on one core, to the first answer of `health`.",
        ("server", "ready after, s", "resident memory, MiB"),
        rows,
    )


def _offered(record: Record) -> Table:
    rows = [
        (
            row["says"],
            row["subject"],
            *(f"{row[f'p{name}']:.2f}" for name in ("50", "90", "99", "99.9")),
            f"{row['rate']:,.0f}",
        )
        for row in record.sections.get("offered", [])
    ]
    return Table(
        "Latency at an offered rate",
        "Milliseconds at 1,000 requests a second; wrk corrects them for requests that could not be sent in time.",
        ("", "server", "50 %", "90 %", "99 %", "99.9 %", "answered per second"),
        rows,
    )


def _growth(record: Record) -> Table:
    rows = [
        (row["subject"], f"{row['traces']:,}", _memory(row["memory"]), f"{row['rate']:,.0f}" if row.get("rate") else "")
        for row in record.sections.get("growth", [])
    ]
    return Table(
        "Full batches, and the memory that they leave",
        "A trace and its span are two events.",
        ("server", "traces", "resident memory, MiB", "events per second"),
        rows,
    )


def _sizes(record: Record) -> Table:
    found = record.sections.get("sizes", [])
    sizes = sorted({int(row["traces"]) for row in found})
    rows = []
    for filter_, share, page, times in size_ratios(record):
        place = {"filter": filter_, "share": share, "page": page}
        cells = [f"{figure(record.values('sizes', 'p50', **place, traces=size)).median:.3f}" for size in sizes]
        rows.append((filter_, share, page, *cells, _times(times)))
    return Table(
        "A list against the size of the store",
        "Milliseconds, median, one request at a time, durable; "
        "as many rows at every size. `deep` begins in the middle of what is found.",
        ("filter", "finds", "page", *(f"{size:,}" for size in sizes), "largest over smallest"),
        rows,
    )


def _control(record: Record) -> Table:
    rows = []
    found = record.sections.get("control", [])
    for subject, says, traces in dict.fromkeys((row["subject"], row["says"], row["traces"]) for row in found):
        values = record.values("control", "milliseconds", subject=subject, says=says, traces=traces)
        rows.append((subject, says, f"{traces:,}", f"{figure(values).median:.1f} {_spread(figure(values))}"))
    return Table("Reset and snapshot", "", ("server", "call", "traces", "ms"), rows)


def _suite(record: Record) -> Table:
    rows = [
        (row["profile"], f"{row['seconds']:.1f}", f"{row['requests']:,}", str(row["passed"]), str(row["failed"]))
        for row in record.sections.get("suite", [])
    ]
    return Table(
        "The conformance suite against the mock",
        "Wall time of the command.",
        ("profile", "seconds", "requests", "clauses passed", "failed"),
        rows,
    )


def _steady(record: Record) -> Table:
    held = [row for row in record.sections.get("steady", []) if row.get("memory")]
    marks = [held[len(held) * part // 4] for part in range(4)] + held[-1:] if held else []
    rows = [(f"{row['second']:.0f}", _memory(row["memory"])) for row in marks]
    return Table(
        "Memory under a steady load",
        "Durable; 1,000 requests a second, a half of them writes of two events.",
        ("second", "resident memory, MiB"),
        rows,
    )


def _by_workload(record: Record, heading: str, note: str, cell: Callable[[str, str], str]) -> Table:
    subjects = sorted(record.names("rounds", "subject"), key=_place)
    rows = [
        (_says(record, workload), *(cell(workload, subject) for subject in subjects))
        for workload in record.names("rounds", "workload")
    ]
    return Table(heading, note, ("", *subjects), rows)


_ORDER = (*OURS, "Prism", "FastAPI by hand", "WireMock", "Specmatic", "Mockoon", "bare uvicorn")


def _place(subject: str) -> int:
    return _ORDER.index(subject) if subject in _ORDER else len(_ORDER)


def _says(record: Record, workload: str) -> str:
    (first, *_) = record.rows("rounds", workload=workload) or record.rows("crossed", workload=workload)
    return str(first["says"])


def _rate(value: Figure) -> str:
    return f"{_short(value.median)} {_spread(value)}"


def _times(value: Figure) -> str:
    return f"{value.median:.2f} {_spread(value)}".strip()


def _spread(value: Figure) -> str:
    return f"± {100 * value.spread:.0f} %" if value.rounds > 1 else ""


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _memory(value: float) -> str:
    return f"{value / _MEBIBYTE:,.0f}"


_ALL = (
    _targets,
    _rates,
    _ratios,
    _processor,
    _crossed,
    _starts,
    _offered,
    _growth,
    _sizes,
    _control,
    _suite,
    _steady,
)
