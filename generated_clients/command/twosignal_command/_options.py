"""Options that several commands have, and how every command and group gets --json, --output and --url.

What a command or an option is for is told in the words of the contract, where the contract has words for it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from ._output import Form
from ._run import Run
from ._text import safe
from .generated import policy

Function = TypeVar("Function", bound=Callable[..., None])

_ENDLESS = "-"
"""In place of a file: standard input."""


def explain(procedure: str, more: str = "") -> dict[str, Any]:
    """The settings of a command that calls a procedure: its help in the words of the contract."""
    row = policy.PROCEDURES[procedure]
    return {"help": f"{row.description} {more}".strip(), "short_help": row.summary}


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


_AsJson = Annotated[bool, typer.Option("--json", help="Output results as JSON instead of a formatted table.")]
_Form = Annotated[
    str | None,
    typer.Option(
        "--output",
        metavar="|".join(Form),
        autocompletion=lambda incomplete: [form for form in Form if form.startswith(incomplete)],
        help="Output results in this form.",
    ),
]
_Url = Annotated[str | None, typer.Option("--url", metavar="URL", help="Override the API endpoint for this command.")]


def command(group: typer.Typer, name: str, **settings: Any) -> Callable[[Function], Function]:
    """Makes a function a command of a group, with the options of every command beside its own."""

    def register(function: Function) -> Function:
        group.command(name, **settings)(with_options(function))
        return function

    return register


def group(text: str, **settings: Any) -> typer.Typer:
    """A group. The options of every command may also stand before the name of its command."""
    return typer.Typer(help=text, callback=_before_command, no_args_is_help=True, rich_markup_mode=None, **settings)


def _before_command(context: typer.Context, as_json: _AsJson = False, form: _Form = None, url: _Url = None) -> None:
    _take(context, as_json=as_json, form=form, url=url)


def with_options(function: Callable[..., None]) -> Callable[..., None]:
    """The same function with three parameters more, which it need not know."""

    @wraps(function)
    def run(context: typer.Context, *, as_json: bool, form: str | None, url: str | None, **own: Any) -> None:
        _take(context, as_json=as_json, form=form, url=url)
        function(context, **own)

    # By this Typer finds the parameters of a function. It does not look behind the text of an annotation here.
    hints = get_type_hints(_before_command, include_extras=True) | get_type_hints(function, include_extras=True)
    own_rows, more = signature(function).parameters.values(), list(signature(_before_command).parameters.values())[1:]
    rows = [*own_rows, *(row.replace(kind=Parameter.KEYWORD_ONLY) for row in more)]
    run.__signature__ = Signature([row.replace(annotation=hints[row.name]) for row in rows])  # type: ignore[attr-defined]
    run.__annotations__ = hints
    return run


def _take(context: typer.Context, *, as_json: bool, form: str | None, url: str | None) -> None:
    """Hands what was given to the run of this command line."""
    run = Run.of(context)
    if form is not None and form not in list(Form):
        raise typer.BadParameter(f"{safe(form)!r} is none of {', '.join(Form)}", param_hint="--output")
    for wanted in ([Form.JSON] if as_json else []) + ([Form(form)] if form else []):
        run.choose(wanted)
    if url is not None:
        run.url = url


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")
