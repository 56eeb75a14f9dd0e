"""What a role may do: a call of every procedure that changes something, and what it would change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twosignal_conformance.apis.dashboard.checks import procedures
from twosignal_conformance.apis.dashboard.checks.data import Json
from twosignal_conformance.apis.dashboard.checks.desk import (
    DATASETS,
    EVALUATORS,
    KEYS,
    OF_PROJECTS,
    PROJECTS,
    ROUTINGS,
    Desk,
)
from twosignal_conformance.apis.dashboard.checks.people import Person
from twosignal_conformance.engine.api_client import ApiClient, Exchange, member


def may(client: ApiClient, role: str, procedure: str) -> bool:
    """True when the contract lets a role call a procedure."""
    wanted = client.contract.extension("x-dashboard-procedures")[procedure].get("may")
    return wanted is None or wanted in client.contract.extension("x-dashboard-roles")[role]["may"]


def owner(client: ApiClient) -> str:
    """The role that nobody can be given."""
    roles = client.contract.extension("x-dashboard-roles")
    return next(str(name) for name, row in roles.items() if not row["assignable"])


def role_with(client: ApiClient, *wanted: str) -> str:
    """The role that can be given and may do exactly this."""
    roles = client.contract.extension("x-dashboard-roles")
    return next(str(name) for name, row in roles.items() if row["assignable"] and set(row["may"]) == set(wanted))


@dataclass(frozen=True, slots=True)
class Things:
    """One thing of each kind in a project, for calls that change them."""

    organization: str
    project: str
    evaluator: str
    dataset: str
    item: str
    api_key: str
    routing: str


def things(desk: Desk, organization: str, project: str, who: Person | None = None) -> Things:
    """Fresh ones."""
    data, at = desk.data, {"projectId": project}
    evaluator, _ = desk.create(EVALUATORS, at | {"name": data.name("evaluator"), "type": "CUSTOM"}, who=who)
    dataset, _ = desk.create(DATASETS, at | {"name": data.name("dataset")}, who=who)
    item = desk.result("dataset.addItem", {"datasetId": dataset, "input": data.tag()}, who=who)
    key, _ = desk.create(KEYS, at | {"name": data.name("key")}, who=who)
    routing, _ = desk.create(ROUTINGS, at | data.routing(), who=who)
    return Things(organization, project, evaluator, dataset, str(member(item, "id")), key, routing)


def readings(made: Things) -> dict[str, Json]:
    """A query of each procedure that shows something of them."""
    at = {"projectId": made.project}
    return {
        "organization.getById": {"organizationId": made.organization},
        "project.list": {"organizationId": made.organization},
        "trace.list": at,
        "evaluator.list": at,
        "dataset.list": at,
        "dataset.byId": {"id": made.dataset},
        "apiKey.list": at,
        "usage.currentMonth": {"organizationId": made.organization},
        "usage.getHistory": {"organizationId": made.organization},
        "modelRouting.list": at,
    }


def changes(desk: Desk, made: Things) -> dict[str, Json]:
    """A call of each procedure that changes something in a project; the last ones delete."""
    data, at = desk.data, {"projectId": made.project}
    return {
        "project.create": {"organizationId": made.organization, "name": data.name("project")},
        "project.update": {"projectId": made.project, "name": data.name("project")},
        "evaluator.create": at | {"name": data.name("evaluator"), "type": "CUSTOM"},
        "evaluator.update": {"id": made.evaluator, "enabled": False},
        "dataset.create": at | {"name": data.name("dataset")},
        "dataset.update": {"id": made.dataset, "name": data.name("dataset")},
        "dataset.addItem": {"datasetId": made.dataset, "input": data.tag()},
        "apiKey.create": at | {"name": data.name("key")},
        "apiKey.rotate": {"id": made.api_key},
        "modelRouting.create": at | data.routing(),
        "modelRouting.update": {"id": made.routing, "defaultModel": data.tag()},
        "evaluator.delete": {"id": made.evaluator},
        "dataset.removeItem": {"itemId": made.item},
        "dataset.delete": {"id": made.dataset},
        "apiKey.revoke": {"id": made.api_key},
        "modelRouting.delete": {"id": made.routing},
        "project.delete": {"projectId": made.project},
    }


def picture(desk: Desk, made: Things, who: Person | None = None) -> Mapping[str, Any]:
    """Everything of a project that a change would change, to compare with."""
    found: dict[str, Any] = {}
    projects, _ = desk.rows(PROJECTS, {"organizationId": made.organization}, who=who)
    found["project.list"] = [row for row in projects if member(row, "id") == made.project]
    for kind in OF_PROJECTS:
        found[kind.list], _ = desk.rows(kind, {"projectId": made.project}, who=who)
    found["dataset.byId"] = procedures.result(desk.call("dataset.byId", {"id": made.dataset}, who=who))
    return found


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The procedures that show something else than before."""
    return [name for name, found in before.items() if found != after[name]]


def tried(desk: Desk, calls: Mapping[str, Json], who: Person) -> Iterator[tuple[str, Exchange]]:
    """Each call as somebody."""
    for procedure, given in calls.items():
        yield procedure, desk.call(procedure, given, who=who)


def member_row(desk: Desk, organization: str, person: Person, who: Person | None = None) -> tuple[Any, Exchange]:
    """A person among the members of an organization, None without; with the response."""
    exchange = desk.call("organization.getById", {"organizationId": organization}, who=who)
    members = member(procedures.result(exchange), "members")
    rows = members if isinstance(members, list) else []
    return next((row for row in rows if member(row, "userId") == person.id), None), exchange


def join(desk: Desk, organization: str, person: Person, role: str, who: Person | None = None) -> Exchange:
    """The response to adding a person, whose membership ends with the run."""
    given = {"organizationId": organization, "userId": person.id, "role": role, "email": person.email}
    exchange = desk.call("organization.addMember", given, who=who)
    row, _ = member_row(desk, organization, person)
    if isinstance(member(row, "id"), str):
        desk.keep(row["id"])
    return exchange


def leave(desk: Desk, organization: str, person: Person, who: Person | None = None) -> Exchange | None:
    """The response to removing a person; None when nobody of this id is a member."""
    row, _ = member_row(desk, organization, person)
    if not isinstance(member(row, "id"), str):
        return None
    return desk.call("organization.removeMember", {"memberId": row["id"]}, who=who)


def as_role(desk: Desk, person: Person, role: str) -> None:
    """Give a person a role in the shared organization; the check ends here when that cannot be."""
    organization = desk.stage.organization
    leave(desk, organization, person)
    exchange = join(desk, organization, person, role)
    desk.judge.require(exchange.ok, f"adding a member as {role} was answered with {exchange.status}: are there seats?")

    def known() -> bool:
        rows, _ = desk.rows(PROJECTS, {"organizationId": organization}, who=person)
        return bool(rows)

    settled = desk.settle(known, lambda met: met)
    desk.judge.require(settled, f"a member with the role {role} sees no project of the organization")
