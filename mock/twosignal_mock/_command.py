"""The command `twosignal-mock`: joins its verbs, and turns what they raise into exit codes. Each verb has a module."""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer
from twosignal_contract import ContractError

from twosignal_mock._command_line import UNUSABLE, CommandError
from twosignal_mock._commands import check_contracts, print_environment, run_prism, serve_mock, wait_for_mock

app = typer.Typer(
    name="twosignal-mock",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command, and end the process."""
    _open_standard_streams()
    try:
        app(prog_name="twosignal-mock")
    except ContractError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        sys.exit(UNUSABLE)
    except CommandError as error:
        print(f"twosignal-mock: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)


def _open_standard_streams() -> None:
    """Open those that were closed (`>&-`) on nothing: else the next file or socket gets their number and their text."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest free number, which is this one
            setattr(sys, name, os.fdopen(opened, "w" if number else "r", encoding="utf-8"))


def _print_version(wanted: bool) -> None:
    if wanted:
        try:
            number = version("twosignal-contract")
        except PackageNotFoundError:
            number = "(not installed, run from its source)"
        typer.echo(f"twosignal-mock {number}")
        raise typer.Exit


@app.callback(
    epilog="Exit codes: 0 done, 2 wrong command line or option, 3 the contract or the state cannot be used (each "
    "problem of the contract is one line on standard error: file, line, JSON pointer, what to do), 4 the address "
    "cannot be listened on, 5 `wait` got no response in time, 127 `prism` did not find Node or Prism, 130 interrupted."
)
def _describe(
    _version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """A stateful mock of the 2Signal HTTP API. It obeys openapi.yaml: edit the document and the mock follows."""


app.command("serve")(serve_mock)
app.command("check")(check_contracts)
app.command("env")(print_environment)
app.command("wait")(wait_for_mock)
app.command("prism")(run_prism)
