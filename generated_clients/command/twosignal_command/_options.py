"""Options that several commands have, and the classes that give --json, --output and --url to every command and group.

What a command or an option is for is told in the words of the contract, where the contract has words for it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup, TyperOption

from ._output import Form
from ._run import Run
from ._text import safe
from .generated import policy

_ENDLESS = "-"
"""In place of a file: standard input."""


def explain(procedure: str, more: str = "") -> dict[str, Any]:
    """The settings of a command that calls a procedure: its class, and its help in the words of the contract."""
    row = policy.PROCEDURES[procedure]
    return {"cls": Command, "help": f"{row.description} {more}".strip(), "short_help": row.summary}


def told(procedure: str, field: str) -> str:
    """What a field of an input is for."""
    return policy.PROCEDURES[procedure].fields[field].text


def one_of(procedure: str, field: str) -> dict[str, Any]:
    """The settings of an option whose values the contract lists, in any letter case."""
    values = policy.PROCEDURES[procedure].fields[field].values

    def parse(text: str) -> str:
        if text.upper() not in values:
            raise typer.BadParameter(f"{safe(text)!r} is none of {', '.join(values)}")
        return text.upper()

    return {
        "parser": parse,
        "metavar": "|".join(values) if len(values) < 4 else "TYPE",
        "help": told(procedure, field) if len(values) < 4 else f"{told(procedure, field)} One of {', '.join(values)}.",
        "autocompletion": lambda incomplete: [value for value in values if value.startswith(incomplete.upper())],
    }


def parse_json(text: str) -> Any:
    """JSON as it stands there, or @FILE with JSON in it, or - for standard input."""
    try:
        if text == _ENDLESS:
            text = sys.stdin.read()
        elif text.startswith("@"):
            text = Path(text[1:]).read_text(encoding="utf-8")
        return _Json(json.loads(text, parse_constant=_refused))
    except OSError as error:
        raise typer.BadParameter(f"{safe(text)}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise typer.BadParameter(f"it is not JSON: {safe(str(error))}") from None


class _Json:
    """JSON of the command line; in a box, since the value null is not the same as no option."""

    def __init__(self, value: Any) -> None:
        self.value = value


def unboxed(option: Any) -> Any:
    """The JSON of an option; None when it was not given."""
    return option.value if isinstance(option, _Json) else None


Organization = Annotated[str, typer.Option("--org", metavar="ID", help=told("project.list", "organizationId"))]
Project = Annotated[str, typer.Option("--project", metavar="ID", help=told("trace.list", "projectId"))]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without a question.")]


def _take(act: Callable[[Run, Any], None]) -> Callable[[Any, Any, Any], Any]:
    """A callback that hands the value of an option to the run, when the option was given."""

    def callback(context: Any, _parameter: Any, value: Any) -> Any:
        if value not in (None, False) and not context.resilient_parsing:
            act(Run.of(context), value)
        return value

    return callback


def _set_url(run: Run, value: str) -> None:
    run.url = value


def _set_form(run: Run, value: str) -> None:
    if value not in list(Form):
        raise typer.BadParameter(f"{safe(value)!r} is none of {', '.join(Form)}")
    run.choose(Form(value))


def _everywhere() -> list[TyperOption]:
    return [
        TyperOption(
            param_decls=["--json"],
            is_flag=True,
            expose_value=False,
            callback=_take(lambda run, value: run.choose(Form.JSON)),
            help="Output results as JSON instead of a formatted table.",
        ),
        TyperOption(
            param_decls=["--output"],
            metavar="|".join(Form),
            expose_value=False,
            callback=_take(_set_form),
            autocompletion=lambda incomplete: [form for form in Form if form.startswith(incomplete)],
            help="Output results in this form.",
        ),
        TyperOption(
            param_decls=["--url"],
            metavar="URL",
            expose_value=False,
            callback=_take(_set_url),
            help="Override the API endpoint for this command.",
        ),
    ]


class Command(TyperCommand):
    """A command with the options of every command."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings["params"] = [*(settings.get("params") or []), *_everywhere()]
        super().__init__(*arguments, **settings)


class Group(TyperGroup):
    """A group of commands with the options of every command, which may stand before the command's name."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        settings["params"] = [*(settings.get("params") or []), *_everywhere()]
        super().__init__(*arguments, **settings)


def group(text: str) -> typer.Typer:
    """A group."""
    return typer.Typer(cls=Group, help=text, no_args_is_help=True, rich_markup_mode=None, add_completion=False)


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
