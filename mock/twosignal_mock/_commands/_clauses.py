"""`twosignal-mock clauses`: prints the register of what the contract demands."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twosignal_mock.contract import About, Clause, Level, load_contract

if TYPE_CHECKING:
    from rich.table import Table

BROKEN_PIPE = 141
"""What a shell reports for a program whose reader went away (128 + SIGPIPE): `clauses | head` is no error of ours."""


def print_clauses(
    contract: Annotated[
        Path | None,
        typer.Option(
            envvar="TWOSIGNAL_MOCK_CONTRACT",
            metavar="FILE",
            help="Read this document instead of the one that came with the package.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print a JSON array of {id, about, level, sources, says, untestable, pointer, operation}.",
        ),
    ] = False,
    level: Annotated[list[Level] | None, typer.Option(help="Only this level; may be repeated.")] = None,
    about: Annotated[About | None, typer.Option(help="Only what binds servers, or clients.")] = None,
) -> None:
    """Print the clauses of the contract: each a sentence that a server or a client can break.

    On a terminal this is a table. Into a pipe or a file it is one line for each clause, its fields separated by tabs:
    id, level, about, sources (separated by commas), sentence, and why it cannot be tested (mostly empty).
    """
    clauses = [
        clause
        for clause in load_contract(contract).clauses.values()
        if (not level or clause.level in level) and about in (None, clause.about)
    ]
    try:
        if as_json:
            print(json.dumps([_record(clause) for clause in clauses], indent=2, ensure_ascii=False))
        elif sys.stdout.isatty():
            _print_table(clauses)
        else:
            for clause in clauses:
                print(_line(clause))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes once more on its way out; there is nobody left to read it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(BROKEN_PIPE) from None


def _record(clause: Clause) -> dict[str, Any]:
    return {
        "id": clause.id,
        "about": clause.about,
        "level": clause.level,
        "sources": clause.sources,
        "says": clause.says,
        "untestable": clause.untestable,
        "pointer": clause.pointer,
        "operation": clause.operation_id,
    }


def _line(clause: Clause) -> str:
    fields = (clause.id, clause.level, clause.about, ",".join(clause.sources), clause.says, clause.untestable or "")
    # Sentences may be folded over several lines in the document; here each stays on one.
    return "\t".join(" ".join(field.split()) for field in fields)


def _print_table(clauses: list[Clause]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_table(clauses))
    counts = Counter(clause.level for clause in clauses)
    summary = ", ".join(f"{count} {level}" for level, count in counts.items())
    console.print(f"{len(clauses)} clauses" + (f": {summary}" if summary else ""))


def _table(clauses: list[Clause]) -> Table:
    """Identifier above sentence, so that both stay readable at 80 columns."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    colours = {Level.MUST: "bold red", Level.SHOULD: "yellow", Level.MAY: "cyan"}
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 1, 0))
    table.add_column("level", no_wrap=True)
    table.add_column("about", no_wrap=True)
    table.add_column("clause", ratio=1, overflow="fold")
    table.add_column("sources", max_width=20)
    for clause in clauses:
        text = Text.assemble((clause.id, "bold"), "\n", " ".join(clause.says.split()))
        if clause.untestable:
            text.append(f"\nuntestable: {' '.join(clause.untestable.split())}", "dim")
        table.add_row(Text(clause.level, colours[clause.level]), clause.about, text, ", ".join(clause.sources))
    return table
