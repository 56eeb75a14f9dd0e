"""docs/performance.md, and the tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from bench._agreement import Agreement, agreement
from bench._record import Record
from bench.tables import Table, agreement_table, tables, verdicts

_INTRODUCTION = """\
# Speed, measured beside what people would use instead

Written by `make bench`; do not edit. {date}, contract {contract}, commit {commit}; it took {minutes:.0f} minutes.

Every server answers the same contract, or the closest that it can be given, on one core; the generator has the other.
Rounds go through all servers workload by workload, in an order that moves on, and every round starts them anew, but
for those whose runtime compiles while it runs: they stay, are warmed up at each workload of their first round, and have
learnt by then. Who is not measured is stopped meanwhile. A figure is the median of the rounds ({rounds} here) with its
spread behind it. Requests carry fresh ids, so that nothing is taken for sent twice; each kind is sent once before, and
who does not answer as the contract says is not measured. Ours always validates, counts limits (by a plan that nothing
here exceeds) and keeps its journal; *ours* has a state file with full synchronisation, *ours, in memory* none.
"""


def page(record: Record, before: Record | None) -> str:
    """The whole page; with the run before, it says whether the two agree."""
    return "\n".join((*_lines(record, before), ""))


def show(record: Record, before: Record | None, console: Console) -> None:
    """The tables on a terminal."""
    told = _agreement(record, before)
    for table in (verdicts(record)[0], *tables(record), *([agreement_table(told)] if told else [])):
        grid = Grid(title=table.heading, caption=table.note or None, title_justify="left", caption_justify="left")
        for number, name in enumerate(table.header):
            grid.add_column(name, justify="left" if number == 0 else "right")
        for row in table.rows:
            grid.add_row(*(cell.replace("**", "") for cell in row))
        console.print(grid)
    for name, why in record.missing.items():
        console.print(f"not had: {name}: {why}", markup=False, highlight=False)
    for line in told.apart if told else ():
        console.print(f"apart: {line}", markup=False, highlight=False)


def _agreement(record: Record, before: Record | None) -> Agreement | None:
    return None if before is None else agreement(record, before)


def _lines(record: Record, before: Record | None) -> Iterator[str]:
    about = record.about
    minutes = sum(record.took.values()) / 60
    yield _INTRODUCTION.format(
        date=about["date"],
        contract=about["contract"],
        commit=about["sources"]["commit"],
        minutes=minutes,
        rounds=about["options"]["rounds"],
    )
    verdict, reasons = verdicts(record)
    yield from _markdown(verdict)
    for target, why in reasons.items():
        yield from (f"### Not reached: {target}", "", why, "")
    for table in tables(record):
        yield from _markdown(table)
    told = _agreement(record, before)
    yield from _markdown(agreement_table(told))
    if told and told.apart:
        yield from ("Apart:", "", *(f"- {line}" for line in told.apart), "")
    yield from ("## What could not be had", "")
    yield from [f"- {name}: {_plain(why)}" for name, why in record.missing.items()] or [
        "Nothing: all peers and programs were there, and every part of the run came to its end."
    ]
    yield ""
    options = {**about["options"], "load average before": about["load"]}
    yield from _facts("Machine and options", {**about["machine"], **options})
    yield from _facts("Servers and programs", about["versions"])


def _facts(heading: str, facts: Mapping[str, object]) -> Iterator[str]:
    yield f"## {heading}"
    yield ""
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {_plain(str(value))} |" for name, value in facts.items())
    yield ""


def _markdown(table: Table) -> Iterator[str]:
    yield f"## {table.heading}"
    yield ""
    if table.note:
        yield table.note
        yield ""
    yield "| " + " | ".join(table.header) + " |"
    yield "|---" + "|--:" * (len(table.header) - 1) + "|"
    yield from ("| " + " | ".join(row) + " |" for row in table.rows)
    yield ""


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")[:400]


def write(record: Record, before: Record | None, target: Path) -> None:
    """Writes the page."""
    target.write_text(page(record, before), "utf-8")
