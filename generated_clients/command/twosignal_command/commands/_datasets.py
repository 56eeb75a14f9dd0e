"""datasets: list, create, get, add-item, delete."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from twosignal_command._options import Project, Yes, command, explain, group, parse_json, told, unboxed
from twosignal_command._records import Record, record, rows, thing
from twosignal_command._run import Run, confirm
from twosignal_command._text import age, safe

datasets = group("Datasets: inputs with expected outputs.")

_Id = Annotated[str, typer.Argument(help=told("dataset.byId", "id"))]


@command(datasets, "list", **explain("dataset.list"))
def list_datasets(context: typer.Context, project: Project) -> None:
    from twosignal_command._tables import Column, field

    run = Run.of(context)
    found = [record(row) for row in rows(run.api.dataset_list(project_id=project), "datasets")]
    columns = [
        field("ID", "id"),
        field("Name", "name", may_be_cut=True),
        field("Items", "item_count"),
        Column("Created", lambda row: age(row.get("created_at"))),
    ]
    run.output.rows(found, columns, "datasets")


@command(datasets, "create", **explain("dataset.create"))
def create_dataset(
    context: typer.Context,
    project: Project,
    name: Annotated[str, typer.Option("--name", "-n", help=told("dataset.create", "name"))],
    description: Annotated[str | None, typer.Option("--description", "-d", help="What it is for.")] = None,
) -> None:
    run = Run.of(context)
    value = run.api.dataset_create(project_id=project, name=name, description=description)
    made = record(thing(value, "a dataset"))
    run.output.one(made, f"Created dataset {safe(made.get('name'))} ({safe(made.get('id'))})")


@command(datasets, "get", **explain("dataset.byId"))
def get_dataset(context: typer.Context, identifier: _Id, project: Project) -> None:
    run = Run.of(context)
    value = thing(run.api.dataset_by_id(id=identifier, project_id=project), "a dataset")
    found = record(value) | {"items": [record(row) for row in rows(value.get("items", []), "items")]}
    run.output.one(found, "" if not run.output.is_table else _text(found))


@command(datasets, "add-item", **explain("dataset.addItem"))
def add_item(
    context: typer.Context,
    identifier: _Id,
    project: Project,
    given: Annotated[
        Any,
        typer.Option(
            "--input", parser=parse_json, metavar="JSON", help=f"{told('dataset.addItem', 'input')} JSON, @FILE or -."
        ),
    ],
    expected: Annotated[
        Any,
        typer.Option("--expected", parser=parse_json, metavar="JSON", help=told("dataset.addItem", "expectedOutput")),
    ] = None,
    metadata: Annotated[
        Any, typer.Option("--metadata", parser=parse_json, metavar="JSON", help=told("dataset.addItem", "metadata"))
    ] = None,
) -> None:
    run = Run.of(context)
    value = run.api.dataset_add_item(
        dataset_id=identifier,
        project_id=project,
        input=unboxed(given),
        expected_output=unboxed(expected),
        metadata=unboxed(metadata),
    )
    made = record(thing(value, "an item"))
    run.output.one(made, f"Added item {safe(made.get('id'))}")


@command(datasets, "delete", **explain("dataset.delete"))
def delete_dataset(context: typer.Context, identifier: _Id, project: Project, yes: Yes = False) -> None:
    confirm(f"Delete dataset {safe(identifier)} with its items?", yes=yes)
    run = Run.of(context)
    run.api.dataset_delete(id=identifier, project_id=project)
    run.output.one({"id": identifier, "deleted": True}, f"Deleted dataset {safe(identifier)}")


def _text(found: Record) -> str:
    from twosignal_command._tables import Table, field, pairs

    lines = [("Name", safe(found.get("name"))), ("ID", safe(found.get("id")))]
    if found.get("description"):
        lines.append(("Description", safe(found["description"])))
    columns = [
        field("ID", "id"),
        field("Input", "input", may_be_cut=True),
        field("Expected output", "expected_output", may_be_cut=True),
    ]
    return pairs(lines) + (f"\n{Table(columns).part(found['items'])}" if found["items"] else "\nNo items\n")
