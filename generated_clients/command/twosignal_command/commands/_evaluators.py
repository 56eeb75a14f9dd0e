"""evaluators: list, create, toggle, delete."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from twosignal_command._options import Project, Yes, command, explain, group, one_of, parse_json, told, unboxed
from twosignal_command._records import record, rows, thing
from twosignal_command._run import Run, confirm
from twosignal_command._text import age, safe

evaluators = group("Evaluators: what judges ingested traces.")

_Id = Annotated[str, typer.Argument(help=told("evaluator.update", "id"))]


@command(evaluators, "list", **explain("evaluator.list"))
def list_evaluators(context: typer.Context, project: Project) -> None:
    from twosignal_command._tables import Column, field

    run = Run.of(context)
    found = [record(row) for row in rows(run.api.evaluator_list(project_id=project), "evaluators")]
    columns = [
        field("ID", "id"),
        field("Name", "name", may_be_cut=True),
        field("Type", "type"),
        Column("Enabled", lambda row: "no" if row.get("enabled") is False else "yes"),
        Column("Created", lambda row: age(row.get("created_at"))),
    ]
    run.output.rows(found, columns, "evaluators")


@command(evaluators, "create", **explain("evaluator.create"))
def create_evaluator(
    context: typer.Context,
    project: Project,
    name: Annotated[str, typer.Option("--name", "-n", help=told("evaluator.create", "name"))],
    kind: Annotated[str, typer.Option("--type", **one_of("evaluator.create", "type"))],
    configuration: Annotated[
        Any, typer.Option("--config", parser=parse_json, metavar="JSON", help="How it judges; JSON, @FILE or -.")
    ] = None,
) -> None:
    run = Run.of(context)
    value = run.api.evaluator_create(project_id=project, name=name, type=kind, config=unboxed(configuration))
    made = record(thing(value, "an evaluator"))
    run.output.one(made, f"Created evaluator {safe(made.get('name'))} ({safe(made.get('id'))})")


@command(evaluators, "toggle", **explain("evaluator.update", "This command enables or disables it."))
def toggle_evaluator(
    context: typer.Context,
    identifier: _Id,
    project: Project,
    enable: Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it judges new traces.")] = None,
) -> None:
    if enable is None:
        raise typer.BadParameter("give one of them", param_hint="--enable / --disable")
    run = Run.of(context)
    run.api.evaluator_update(id=identifier, project_id=project, enabled=enable)
    done = f"{'Enabled' if enable else 'Disabled'} evaluator {safe(identifier)}"
    run.output.one({"id": identifier, "enabled": enable}, done)


@command(evaluators, "delete", **explain("evaluator.delete"))
def delete_evaluator(context: typer.Context, identifier: _Id, project: Project, yes: Yes = False) -> None:
    confirm(f"Delete evaluator {safe(identifier)}?", yes=yes)
    run = Run.of(context)
    run.api.evaluator_delete(id=identifier, project_id=project)
    run.output.one({"id": identifier, "deleted": True}, f"Deleted evaluator {safe(identifier)}")
