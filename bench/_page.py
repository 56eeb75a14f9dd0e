"""docs/performance.md, and the tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from rich.console import Console
from rich.table import Table as Grid

from bench._agreement import agreement
from bench._record import Record
from bench._tables import Table, tables

_INTRODUCTION = """\
# Speed, measured beside what people would use instead

Written by `make bench`; do not edit. {date}, contract {contract}.

Every server answers the same contract, or the closest that it can be given, on one core; the generator has the other.
Rounds go through all servers workload by workload, in an order that moves on, and every round starts them anew, but
for those whose runtime compiles while it runs: they stay, and have learnt by then. Who is not measured is stopped
meanwhile. A figure is the median of the rounds ({rounds} here), with half of their range behind
it. Requests carry fresh ids, so that nothing is taken for sent twice; each kind is sent once before, and who does not
answer as the contract says is not measured. Ours always validates, counts limits (by a plan that nothing here exceeds)
and keeps its journal; *ours* has a state file with full synchronisation, *ours, in memory* none.
"""


def page(record: Record, before: Record | None) -> str:
    """The whole page; with the run before, it says whether the two agree."""
    return "\n".join((*_lines(record, before), ""))


def show(record: Record, before: Record | None, console: Console) -> None:
    """The tables on a terminal."""
    for table in tables(record):
        grid = Grid(title=table.heading, caption=table.note or None, title_justify="left", caption_justify="left")
        for number, name in enumerate(table.header):
            grid.add_column(name, justify="left" if number == 0 else "right")
        for row in table.rows:
            grid.add_row(*(cell.replace("**", "") for cell in row))
        console.print(grid)
    for name, why in record.about["missing"].items():
        console.print(f"not had: {name}: {why}", markup=False, highlight=False)
    if before is not None:
        console.print(agreement(record, before).summary, markup=False)


def _lines(record: Record, before: Record | None) -> Iterator[str]:
    about = record.about
    yield _INTRODUCTION.format(date=about["date"], contract=about["contract"], rounds=about["options"]["rounds"])
    yield from _facts("Machine and options", {**about["machine"], **about["options"]})
    yield from _facts("Servers and programs", about["versions"])
    for table in tables(record):
        yield from _markdown(table)
    yield "## What could not be had"
    yield ""
    missing = about["missing"]
    yield from [f"- {name}: {_plain(why)}" for name, why in missing.items()] or [
        "Nothing: all peers and programs were there."
    ]
    yield ""
    if before is not None:
        told = agreement(record, before)
        yield "## Against the run before"
        yield ""
        yield told.summary
        yield ""
        yield from (f"- {line}" for line in told.apart)


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
