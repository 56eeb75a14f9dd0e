"""The program: its commands, and what becomes of an error. No error that has a reason is shown as a traceback."""

from __future__ import annotations

import os
import sys
import threading
from typing import Annotated

import typer

from . import commands, version
from ._errors import CommandError
from ._options import command, explain, group, with_options
from ._output import ReaderGone, flush, note, prepare, write
from ._text import safe
from .generated import policy

_INTERRUPTED = 130

program = group(
    f"The command line of 2Signal. {policy.TITLE}", context_settings={"help_option_names": ["--help", "-h"]}
)
command(program, "login")(commands.log_in)
command(program, "logout")(commands.log_out)
command(program, "whoami")(commands.who_am_i)
program.add_typer(commands.organizations, name="orgs")
program.add_typer(commands.projects, name="projects")
program.add_typer(commands.traces, name="traces")
program.add_typer(commands.evaluators, name="evaluators")
program.add_typer(commands.datasets, name="datasets")
program.add_typer(commands.api_keys, name="api-keys")
command(program, "usage", **explain("usage.currentMonth"))(commands.show_usage)
program.add_typer(commands.api, name="api")
command(program, "doctor")(commands.examine)


def main() -> None:
    """Runs the command line of this process, and ends it: 0, 1 for an error, 2 for wrong use, 130 for Ctrl-C."""
    prepare()
    try:
        try:
            code = program(prog_name="twosignal", standalone_mode=False)
        finally:
            flush()
    except ReaderGone:
        code = 0
    except CommandError as error:
        code = _told(error)
    except (typer.Abort, KeyboardInterrupt):
        code = _INTERRUPTED
    except typer.TyperException as error:
        code = _used_wrongly(error)
    if code == _INTERRUPTED and threading.active_count() > 1:
        os._exit(_INTERRUPTED)  # Python would wait for the requests of other threads
    sys.exit(code if isinstance(code, int) else 0)


def _told(error: CommandError) -> int:
    for label, text in error.lines():
        note(f"{label}: {safe(text)}")
    return error.exit_code


def _used_wrongly(error: typer.TyperException) -> int:
    """Shows the usage of the command, as Typer does by itself."""
    show = getattr(error, "show", None)
    if show is not None:
        show()
    else:
        note(f"Error: {safe(error)}")
    return error.exit_code


def _show_version(wanted: bool) -> None:
    if wanted:
        write(f"twosignal {version()}\n")
        raise typer.Exit


def _begin(
    context: typer.Context,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    del context


program.callback()(with_options(_begin))
