"""orgs, projects, usage."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from twosignal_command._options import Organization, command, explain, group, told
from twosignal_command._records import Record, record, rows, thing, usage
from twosignal_command._run import Run
from twosignal_command._text import age, safe
from twosignal_command.generated import policy

organizations = group("Organizations: whom people work for.")
projects = group("Projects: what API keys, traces, evaluators and datasets belong to.")


@command(organizations, "list", **explain("organization.list"))
def list_organizations(context: typer.Context) -> None:
    from twosignal_command._tables import field

    run = Run.of(context)
    found = [record(row) for row in rows(run.api.organization_list(), "organizations")]
    columns = [field("ID", "id"), field("Name", "name", may_be_cut=True), field("Plan", "plan"), field("Role", "role")]
    run.output.rows(found, [*columns, field("Members", "member_count")], "organizations")


@command(organizations, "create", **explain("organization.create"))
def create_organization(
    context: typer.Context, name: Annotated[str, typer.Argument(help=told("organization.create", "name"))]
) -> None:
    run = Run.of(context)
    made = record(thing(run.api.organization_create(name=name), "an organization"))
    run.output.one(made, f"Created organization {safe(made.get('name'))} ({safe(made.get('id'))})")


@command(projects, "list", **explain("project.list", "Without --org, those of all your organizations."))
def list_projects(
    context: typer.Context,
    organization: Annotated[
        str | None, typer.Option("--org", metavar="ID", help=told("project.list", "organizationId"))
    ] = None,
) -> None:
    from twosignal_command._tables import Column, field

    run = Run.of(context)
    columns = [
        field("ID", "id"),
        field("Name", "name", may_be_cut=True),
        field("Description", "description", may_be_cut=True),
        Column("Created", lambda row: age(row.get("created_at"))),
    ]
    run.output.rows(_projects(run, organization), columns, "projects")


@command(projects, "create", **explain("project.create"))
def create_project(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help=told("project.create", "name"))],
    organization: Organization,
    description: Annotated[str | None, typer.Option("--description", "-d", help="What it is for.")] = None,
) -> None:
    run = Run.of(context)
    value = run.api.project_create(organization_id=organization, name=name, description=description)
    made = record(thing(value, "a project"))
    run.output.one(made, f"Created project {safe(made.get('name'))} ({safe(made.get('id'))})")


def show_usage(context: typer.Context, organization: Organization) -> None:
    run = Run.of(context)
    value = thing(run.api.usage_current_month(organization_id=organization), "a usage")
    limit = value["tracesLimit"] if "tracesLimit" in value else _limit_of_plan(run, organization)
    found = usage(value, limit)
    run.output.one(found, "" if not run.output.is_table else _usage_text(found))


def _projects(run: Run, organization: str | None) -> Iterator[Record]:
    if organization is None:
        ids = [str(row.get("id")) for row in rows(run.api.organization_list(), "organizations")]
    else:
        ids = [organization]
    for each in ids:
        yield from (record(row) for row in rows(run.api.project_list(organization_id=each), "projects"))


def _limit_of_plan(run: Run, organization: str) -> int | None:
    """Traces that the plan of an organization allows in a month, for servers that do not say it."""
    found = rows(run.api.organization_list(), "organizations")
    plan = next((row.get("plan") for row in found if row.get("id") == organization), None)
    return policy.PLAN_TRACES.get(str(plan))


def _usage_text(found: Record) -> str:
    from twosignal_command._tables import Table, field, pairs

    used, limit = found["traces_used"], found["traces_limit"]
    share = (
        f" of {limit:,} ({used / limit:.1%})" if _counts(used, limit) else "" if limit is None else f" of {safe(limit)}"
    )
    lines = [
        ("Month", safe(found["month"])),
        ("Traces", f"{_counted(used)}{share}"),
        ("Spans", _counted(found["spans_used"])),
        ("Evaluations", _counted(found["evaluations_used"])),
    ]
    names = {"Project": "project_id", "Traces": "traces_used", "Spans": "spans_used", "Evaluations": "evaluations_used"}
    table = Table([field(title, name) for title, name in names.items()])
    return pairs(lines) + (f"\n{table.part(found['projects'])}" if found["projects"] else "")


def _counts(used: Any, limit: Any) -> bool:
    return isinstance(used, int) and isinstance(limit, int) and limit > 0


def _counted(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else safe(value)
