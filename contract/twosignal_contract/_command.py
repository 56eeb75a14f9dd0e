"""The command `twosignal-contract`: `check` says what is wrong with documents, `clauses` prints the register of one."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from twosignal_contract._contract import Contract
from twosignal_contract._load import documents, load_contract
from twosignal_contract._lookup import pick
from twosignal_contract._model import About, Clause, Level
from twosignal_contract._problems import ContractError, display_name

if TYPE_CHECKING:
    from rich.table import Table

PROGRAM = "twosignal-contract"
CHECKS = "twosignal_contract.checks"
"""Entry points of this group name functions: for the name of an API they give the checks of each clause, by its id."""
UNUSABLE = 3
"""Exit code when a document is refused."""
READER_GONE = 141
"""Exit code when the reader of a pipe went away, as a shell reports it: 128 + SIGPIPE."""

app = typer.Typer(
    name=PROGRAM,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Runs the command, and ends the process."""
    try:
        app(prog_name=PROGRAM)
    except ContractError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        sys.exit(UNUSABLE)
    except KeyboardInterrupt:
        sys.exit(130)


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            number = version("twosignal-contract")
        except PackageNotFoundError:
            number = "(not installed, run from its source)"
        typer.echo(f"{PROGRAM} {number}")
        raise typer.Exit


@app.callback(
    epilog="Exit codes: 0 done, 2 wrong command line, 3 a document is refused (each problem is one line on standard "
    "error: file, line, JSON pointer, what was found, what was expected, what to do), 130 interrupted."
)
def _describe(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """For everybody who edits a contract: an OpenAPI 3.1 document with the extensions of this kit."""


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="FILE...", help="Documents; without any, those of the package.")
    ] = None,
) -> None:
    """Say everything that is wrong with documents, or what they hold.

    Each document that is sound is one line on standard output, each problem of the others one line on standard error.
    """
    refused = False
    for path in files or documents():
        try:
            contract = load_contract(path)
        except ContractError as error:
            print(*error.problems, sep="\n", file=sys.stderr)
            refused = True
        else:
            counts = f"{len(contract.operations)} operations, {len(contract.clauses)} clauses"
            _print(f"{display_name(path)}: {contract.api.title}, {counts}")
    if refused:
        raise typer.Exit(UNUSABLE)


@app.command()
def clauses(
    contract: Annotated[
        Path | None,
        typer.Option(
            envvar="TWOSIGNAL_CONTRACT", metavar="FILE", help="Read this document instead of one of the package."
        ),
    ] = None,
    api: Annotated[
        str | None, typer.Option(metavar="NAME", help="Read the document of this API, such as rest.")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print a JSON array of {id, about, level, sources, says, untestable, pointer, line, operation, "
            "checks}. `checks` are the ids of those that decide the clause, when twosignal-conformance is installed.",
        ),
    ] = False,
    level: Annotated[list[Level] | None, typer.Option(help="Only this level; may be repeated.")] = None,
    about: Annotated[About | None, typer.Option(help="Only what binds servers, or clients.")] = None,
) -> None:
    """Print the register of clauses: each a sentence that a server or a client can break.

    On a terminal this is a table. Into a pipe or a file each clause is one line of fields with tabs between them: id,
    level, about, sources (with commas between them), sentence, and why it cannot be tested (mostly empty).
    """
    found = _contract(contract, api)
    wanted = [
        row for row in found.clauses.values() if row.level in (level or [row.level]) and about in (None, row.about)
    ]
    if as_json:
        checks = _checks(found.api.name)
        rows = [_record(row, checks.get(row.id, ())) for row in wanted]
        _print(json.dumps(rows, ensure_ascii=False, indent=2))
    elif sys.stdout.isatty():
        _print_table(wanted)
    else:
        _print("".join(map(_line, wanted)), end="")


def _contract(path: Path | None, api: str | None) -> Contract:
    """The document that was asked for."""
    if path is not None or api is None:
        found = load_contract(path)
        if api in (None, found.api.name):
            return found
        raise typer.BadParameter(f"{path} describes {found.api.name}", param_hint="--api")
    shipped = {contract.api.name: contract for contract in map(load_contract, documents())}
    try:
        return pick(shipped, api, "contract of the package is for")
    except KeyError as error:
        raise typer.BadParameter(f"{error}; there are: {', '.join(shipped)}", param_hint="--api") from None


def _checks(api: str) -> Mapping[str, Sequence[str]]:
    """The checks that decide each clause, of all who have registered some."""
    found: dict[str, list[str]] = {}
    for entry_point in entry_points(group=CHECKS):
        for clause, checks in entry_point.load()(api).items():
            found.setdefault(clause, []).extend(checks)
    return found


def _record(clause: Clause, checks: Sequence[str]) -> dict[str, Any]:
    return {
        "id": clause.id,
        "about": clause.about,
        "level": clause.level,
        "sources": clause.sources,
        "says": clause.says,
        "untestable": clause.untestable,
        "pointer": clause.pointer,
        "line": clause.line,
        "operation": clause.operation_id,
        "checks": list(checks),
    }


def _line(clause: Clause) -> str:
    sources = ",".join(clause.sources)
    return "\t".join((clause.id, clause.level, clause.about, sources, clause.says, clause.untestable or "")) + "\n"


def _print(text: str, end: str = "\n") -> None:
    """Prints a text. When the reader of the pipe went away, ends without a word, as other programs do."""
    try:
        print(text, end=end, flush=True)
    except BrokenPipeError:
        # Python flushes once more at its end; there is nobody left to read it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(READER_GONE) from None


def _print_table(clauses: Sequence[Clause]) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_table(clauses))
    counts = Counter(clause.level for clause in clauses)
    untestable = sum(clause.untestable is not None for clause in clauses)
    levels = ", ".join(f"{counts[level]} {level}" for level in Level)
    console.print(f"{len(clauses)} clauses: {levels}; {untestable} untestable")


def _table(clauses: Sequence[Clause]) -> Table:
    """Id and sentence share a column, so that 80 characters are enough."""
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
        cell = Text.assemble((clause.id, "bold"), f"\n{clause.says}")
        if clause.untestable is not None:
            cell.append(f"\nuntestable: {clause.untestable}", "dim")
        table.add_row(Text(clause.level, colours[clause.level]), clause.about, cell, ", ".join(clause.sources))
    return table
