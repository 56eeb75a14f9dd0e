"""The command `twosignal-mock`: joins its verbs, and turns what they raise into exit codes. Each verb has a module."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from twosignal_mock._commands import print_clauses
from twosignal_mock.contract import ContractError

CONTRACT_INVALID = 3
"""Exit code for a contract that cannot be used; 2 is a wrong command line, 130 an interrupt."""

app = typer.Typer(
    name="twosignal-mock",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command, and end the process."""
    try:
        app(prog_name="twosignal-mock")
    except ContractError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        sys.exit(CONTRACT_INVALID)
    except KeyboardInterrupt:
        sys.exit(130)


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            number = version("twosignal-contract")
        except PackageNotFoundError:
            number = "(not installed, run from its source)"
        typer.echo(f"twosignal-mock {number}")
        raise typer.Exit


@app.callback(
    epilog="Exit codes: 0 done, 2 wrong command line, 3 the contract is invalid (each problem is one line on standard "
    "error: file, line, JSON pointer, what to do), 130 interrupted."
)
def _describe(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A stateful mock of the 2Signal HTTP API. It obeys openapi.yaml: edit the document and the mock follows."""


app.command("clauses")(print_clauses)
