"""`twosignal-conformance clauses`: the register of clauses, as a table, as lines or as JSON."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from twosignal_conformance.contract import About, Clause, Level, load_contract

READER_GONE = 141
"""Exit code when the reader of a pipe went away, as a shell reports it: 128 + SIGPIPE."""

_COLOURS: dict[Level, str] = {Level.MUST: "bold red", Level.SHOULD: "yellow", Level.MAY: "cyan"}


def list_clauses(
    contract: Annotated[
        Path | None,
        typer.Option(
            envvar="TWOSIGNAL_CONFORMANCE_CONTRACT",
            metavar="FILE",
            help="Judge by this document instead of the one that came with the package.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print a JSON array of {id, about, level, sources, says, untestable, pointer, line, operation, "
            "checks}.",
        ),
    ] = False,
    level: Annotated[list[Level] | None, typer.Option(help="Only this level; may be repeated.")] = None,
    about: Annotated[About | None, typer.Option(help="Only what binds servers, or clients.")] = None,
) -> None:
    """Print the register: each clause with its level, its sources and the checks that decide it.

    On a terminal this is a table. Elsewhere each clause is one line of fields with tabs between them: id, level, about,
    sources (with commas between them), sentence, and the reason if it cannot be tested.
    """
    everything = load_contract(contract).clauses.values()
    wanted = [
        clause for clause in everything if clause.level in (level or [clause.level]) and about in (clause.about, None)
    ]
    try:
        if as_json:
            print(_as_json(wanted))
        elif sys.stdout.isatty():
            _show(wanted)
        else:
            sys.stdout.writelines(_as_line(clause) for clause in wanted)
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes standard output once more at its end, and would complain about the same pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(READER_GONE) from None


def _as_json(clauses: Sequence[Clause]) -> str:
    from twosignal_conformance import clients
    from twosignal_conformance.apis.rest.clients import CLIENTS
    from twosignal_conformance.engine.judgement import LAYERS, citations

    checks = citations(LAYERS) | clients.citations(CLIENTS)
    return json.dumps(
        [_as_object(clause, checks.get(clause.id, [])) for clause in clauses], ensure_ascii=False, indent=2
    )


def _as_object(clause: Clause, checks: Sequence[str]) -> dict[str, object]:
    return {
        "id": clause.id,
        "about": clause.about,
        "level": clause.level,
        "sources": list(clause.sources),
        "says": clause.says,
        "untestable": clause.untestable,
        "pointer": clause.pointer,
        "line": clause.line,
        "operation": clause.operation_id,
        "checks": list(checks),
    }


def _as_line(clause: Clause) -> str:
    sources = ",".join(clause.sources)
    fields = [clause.id, clause.level, clause.about, sources, clause.says, clause.untestable or ""]
    return "\t".join(_unfolded(field) for field in fields) + "\n"


def _unfolded(text: str) -> str:
    """The text on one line, however it is folded in the document."""
    return " ".join(text.split())


def _show(clauses: Sequence[Clause]) -> None:
    """A table for people; id and sentence share a column, so that 80 characters are enough."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 1, 0))
    for name in ("level", "about"):
        table.add_column(name, no_wrap=True)
    table.add_column("clause", ratio=1, overflow="fold")
    table.add_column("sources", max_width=20)
    for clause in clauses:
        cell = Text.assemble((clause.id, "bold"), f"\n{_unfolded(clause.says)}")
        if clause.untestable is not None:
            cell.append(f"\nuntestable: {_unfolded(clause.untestable)}", "dim")
        table.add_row(Text(clause.level, _COLOURS[clause.level]), clause.about, cell, ", ".join(clause.sources))
    console = Console(highlight=False)
    console.print(table)
    untestable = sum(clause.untestable is not None for clause in clauses)
    counts = [f"{sum(clause.level == level for clause in clauses)} {level}" for level in _COLOURS]
    console.print(f"{len(clauses)} clauses: {', '.join(counts)}; {untestable} untestable")
