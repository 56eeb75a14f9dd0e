"""`twosignal-mock prism`: the same document served by Prism, for a second, stateless opinion."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from twosignal_contract import load_contract

from twosignal_mock._command_line import CommandError, read_whole, variable

PRISM_VERSION = "5.14.2"
"""The version that the document is tested with; package.json pins the same one (a test compares them)."""

MISSING = 127
"""What a shell reports for a program that is not there."""

_LARGEST_PORT = 65_535

INSTALL = f"install it with: npm install --global @stoplight/prism-cli@{PRISM_VERSION}"


def run_prism(
    port: Annotated[str, typer.Option(metavar="N", help="Port to listen on; 0 picks a free one.")] = "4010",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    contract: Annotated[
        Path | None,
        typer.Option(envvar=variable("--contract"), metavar="FILE", help="Serve this document instead of ours."),
    ] = None,
) -> None:
    """Serve the same document with Prism, which responds with the examples and keeps nothing.

    Prism is a program for Node; it is looked for in ./node_modules, then on the PATH. Ctrl-C ends it.
    """
    number = read_whole(port)
    if number is None or not 0 <= number <= _LARGEST_PORT:
        raise CommandError(f"--port: got {port!r}, expected a whole number from 0 to {_LARGEST_PORT}")
    document = load_contract(contract).path
    if shutil.which("node") is None:
        _stop("Node is not installed; Prism needs it: install Node 20.19 or newer from your system's packages")
    prism = find_prism()
    if prism is None:
        _stop(f"Prism was found neither in ./node_modules nor on the PATH; {INSTALL}")
    found = _version(prism)
    if found != PRISM_VERSION:
        print(f"Prism {found} is not the {PRISM_VERSION} that the document is tested with; {INSTALL}", file=sys.stderr)
    # Prism takes the place of this process, so that signals and the exit code are its own.
    os.execv(prism, [prism, "mock", "--host", host, "--port", str(number), str(document)])  # noqa: S606 - no shell is wanted


def find_prism() -> str | None:
    """The path of the program, or None."""
    local = Path("node_modules", ".bin", "prism")
    return str(local.absolute()) if os.access(local, os.X_OK) else shutil.which("prism")


def _version(prism: str) -> str:
    command = [prism, "--version"]  # the program that is about to be run anyway
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    found = re.search(r"[0-9]+(\.[0-9]+)+\S*", result.stdout)
    return found[0] if found else "of an unknown version"


def _stop(line: str) -> NoReturn:
    print(line, file=sys.stderr)
    raise typer.Exit(MISSING)
