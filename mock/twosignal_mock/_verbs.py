"""What the command `twosignal-mock` is made of: its verbs, each of which has a module, and its help."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from twosignal_mock._commands import check_contracts, print_environment, run_prism, serve_mock, wait_for_mock

app = typer.Typer(
    name="twosignal-mock",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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
