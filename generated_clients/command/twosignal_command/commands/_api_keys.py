"""api-keys: list, create, revoke."""

from __future__ import annotations

from typing import Annotated

import typer

from twosignal_command._options import Project, Yes, command, explain, group, told
from twosignal_command._records import Record, record, rows, thing
from twosignal_command._run import Run, confirm
from twosignal_command._text import age, safe

api_keys = group("API keys: keys of the REST API.")


@command(api_keys, "list", **explain("apiKey.list"))
def list_api_keys(context: typer.Context, project: Project) -> None:
    from twosignal_command._tables import Column, field

    run = Run.of(context)
    found = [record(row) for row in rows(run.api.api_key_list(project_id=project), "apiKeys")]
    columns = [
        field("ID", "id"),
        field("Name", "name", may_be_cut=True),
        field("Key", "key_prefix"),
        Column("Status", lambda row: "revoked" if row.get("revoked_at") else "active", colored=True),
        Column("Last used", lambda row: age(row["last_used_at"]) if row.get("last_used_at") else "never"),
        Column("Created", lambda row: age(row.get("created_at"))),
    ]
    run.output.rows(found, columns, "API keys")


@command(api_keys, "create", **explain("apiKey.create"))
def create_api_key(
    context: typer.Context,
    project: Project,
    name: Annotated[str | None, typer.Option("--name", "-n", help=told("apiKey.create", "name"))] = None,
) -> None:
    run = Run.of(context)
    made = record(thing(run.api.api_key_create(project_id=project, name=name), "an API key"))
    run.output.one(made, "" if not run.output.is_table else _text(made))


@command(api_keys, "revoke", **explain("apiKey.revoke"))
def revoke_api_key(
    context: typer.Context,
    identifier: Annotated[str, typer.Argument(help=told("apiKey.revoke", "id"))],
    project: Project,
    yes: Yes = False,
) -> None:
    confirm(f"Revoke API key {safe(identifier)}?", yes=yes)
    run = Run.of(context)
    run.api.api_key_revoke(id=identifier, project_id=project)
    run.output.one({"id": identifier, "revoked": True}, f"Revoked API key {safe(identifier)}")


def _text(made: Record) -> str:
    from twosignal_command._tables import pairs

    text = pairs([("Name", safe(made.get("name"))), ("ID", safe(made.get("id"))), ("Key", safe(made.get("key")))])
    return f"{text}\nThe key is shown this one time. Keep it where nobody else can read it.\n"
