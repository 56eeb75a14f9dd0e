"""How commands declare an option, and the options that they share."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from twosignal_contract import Level

from twosignal_conformance._apis import OPTIONS, names_with
from twosignal_conformance.engine.options import ApiOption, variable

WHO, WHAT, HOW, OUT = "Who is judged", "What is judged", "How", "Reports"


def option(name: str, text: str, panel: str, metavar: str | None = None, *more: str) -> Any:
    """An option that is also a variable of the environment; `more` are further variables."""
    return typer.Option(f"--{name}", envvar=[variable(name), *more], help=text, metavar=metavar, rich_help_panel=panel)


ControlToken = Annotated[
    str | None,
    option(
        "control-token",
        "Token of the control API of a mock that was started with one.",
        WHO,
        "TOKEN",
        "TWOSIGNAL_MOCK_CONTROL_TOKEN",
    ),
]
Only = Annotated[
    list[str] | None,
    option("only", "Only this clause, or those that begin so; may be repeated.", WHAT, "ID-OR-PREFIX"),
]
KnownFile = Annotated[
    Path | None,
    option("known", "Known deviations, one a line: clause id, reason, optionally until YYYY-MM-DD.", WHAT, "FILE"),
]
FailOn = Annotated[Level, option("fail-on", "Weakest level that makes the run fail.", WHAT, "<must|should>")]
ContractFile = Annotated[
    Path | None, option("contract", "Judge by this document instead of the one in the package.", WHAT, "FILE")
]
JsonFile = Annotated[Path | None, option("json", "Write the report as JSON.", OUT, "FILE")]
JunitFile = Annotated[Path | None, option("junit", "Write the report as JUnit XML.", OUT, "FILE")]
HtmlFile = Annotated[Path | None, option("html", "Write the report as one page.", OUT, "FILE")]
SarifFile = Annotated[Path | None, option("sarif", "Write violations as SARIF 2.1.0.", OUT, "FILE")]
BadgeFile = Annotated[Path | None, option("badge", "Write a badge for shields.io.", OUT, "FILE")]


def files_of(**places: Path | None) -> dict[str, Path]:
    """Name of each requested report to its file."""
    return {name: place for name, place in places.items() if place is not None}


def with_api_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of every API, which it gets as the dictionary `api_options`, by name."""
    declared = {
        row.name.replace("-", "_"): (
            row.name,
            option(row.name, row.help, f"Only with --api {' or '.join(names_with(row.name))}", row.metavar),
        )
        for row in _rows()
    }

    @wraps(command)
    def wrapped(**given: Any) -> None:
        api_options = {name: given.pop(field) for field, (name, _) in declared.items()}
        command(**given, api_options=api_options)

    own = [row for row in inspect.signature(command, eval_str=True).parameters.values() if row.name != "api_options"]
    added = [
        inspect.Parameter(field, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, how])
        for field, (_, how) in declared.items()
    ]
    vars(wrapped)["__signature__"] = inspect.Signature([*own, *added])
    wrapped.__annotations__ = {row.name: row.annotation for row in (*own, *added)}
    return wrapped


def _rows() -> list[ApiOption]:
    """The options of every API; what several have in common stands there once, in the words of the last one."""
    return [*{row.name: row for rows in OPTIONS.values() for row in rows}.values()]
