"""The command `twosignal-conformance`: its verbs, one module each, and the exit codes that they share."""

from __future__ import annotations

import importlib.metadata
import sys
from enum import IntEnum
from functools import partial
from typing import Annotated, NoReturn

import typer
from twosignal_contract import ContractError

from twosignal_conformance._commands import (
    CLIENT_EXIT_CODES,
    EXIT_CODES,
    judge_client,
    judge_journal,
    judge_server,
    list_left,
)
from twosignal_conformance._process import Telling, sturdy_process

PROGRAM = "twosignal-conformance"


class ExitCode(IntEnum):
    """Exit codes of this command beside 0 and 2."""

    INVALID_INPUT = 3
    """The contract, or another file that was given, is invalid."""
    UNFINISHED = 5
    """An error of the suite."""
    INTERRUPTED = 130


app = typer.Typer(
    name=PROGRAM,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 2 wrong command line, 3 the contract is invalid (standard error has a line for each "
    "problem: file, line, JSON pointer, what to do), 5 an error of the suite, 130 interrupted; `server --help` and "
    "`client --help` list those of a judgement.",
)


def main() -> None:
    """Entry point of the command."""
    with sturdy_process():
        with Telling(partial(print, file=sys.stderr)):
            _run()
        sys.exit(ExitCode.UNFINISHED)


def _run() -> NoReturn:
    try:
        app(prog_name=PROGRAM)
    except ContractError as error:
        print(*error.problems, sep="\n", file=sys.stderr)
        sys.exit(ExitCode.INVALID_INPUT)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    sys.exit()


def _version(asked: bool) -> None:
    if not asked:
        return
    try:
        typer.echo(f"{PROGRAM} {importlib.metadata.version('twosignal-contract')}")
    except importlib.metadata.PackageNotFoundError:
        typer.echo(f"{PROGRAM} (not installed, run from its source)")
    raise typer.Exit


@app.callback()
def _suite(
    _asked: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Judge servers and clients of the 2Signal HTTP API by openapi.yaml, clause by clause."""


app.command("server", epilog=EXIT_CODES)(judge_server)
app.command("client", epilog=CLIENT_EXIT_CODES)(judge_client)
app.command("journal", epilog=CLIENT_EXIT_CODES)(judge_journal)
app.command("left")(list_left)
