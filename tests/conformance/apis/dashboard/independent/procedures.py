"""The 36 procedures of the honest dashboard: functions of the state, the caller and the input."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.conformance.apis.dashboard.independent.state import ROLES, Json, RefusedError, State, missing, now
from tests.conformance.apis.dashboard.independent.verdicts import TYPES

Procedure = Callable[[State, str, Json], Any]

COUNTS = ("traceCount", "spanCount", "evalRunCount")


def _invalid(problem: str) -> RefusedError:
    return RefusedError(400, "BAD_REQUEST", problem)


def _name(given: Json, required: bool = True) -> str | None:
    name = given.get("name")
    if (name is None and required) or not isinstance(name, str | None) or name == "":
        raise _invalid("name: expected a text")
    return name


# --- organizations ---


def _organization(state: State, row: Json, role: str) -> Json:
    return row | {"role": role, "memberCount": len(state.members(row["id"]))}


def list_organizations(state: State, caller: str, _given: Json) -> list[Json]:
    own = [row for row in state.rows["membership"].values() if row["userId"] == caller]
    return [_organization(state, state.rows["organization"][row["organizationId"]], row["role"]) for row in own]


def create_organization(state: State, caller: str, given: Json) -> Json:
    row = state.add("organization", name=_name(given), plan="FREE")
    _join(state, row["id"], caller, "OWNER")
    return _organization(state, row, "OWNER")


def _join(state: State, organization: str, person: str, role: str) -> Json:
    return state.add("membership", organizationId=organization, userId=person, email=state.people[person], role=role)


def get_organization(state: State, caller: str, given: Json) -> Json:
    role = state.allow(caller, given["organizationId"], "view", "Organization")["role"]
    row = state.rows["organization"][given["organizationId"]]
    return _organization(state, row, role) | {"members": state.members(row["id"])}


def update_organization(state: State, caller: str, given: Json) -> Json:
    state.allow(caller, given["organizationId"], "members", "Organization")
    row = state.rows["organization"][given["organizationId"]]
    row["name"] = _name(given)
    return row


def add_member(state: State, caller: str, given: Json) -> Json:
    organization, role = given["organizationId"], given["role"]
    state.allow(caller, organization, "members", "Organization")
    if role not in ROLES or role == "OWNER":
        raise _invalid("role")
    by_email = {email: identifier for identifier, email in state.people.items()}
    person = given.get("userId") or by_email.get(given.get("email", ""))
    if person not in state.people:
        raise missing("Person")
    if any(row["userId"] == person for row in state.members(organization)):
        raise RefusedError(409, "CONFLICT", "This person is a member already")
    return _join(state, organization, str(person), role)


def remove_member(state: State, caller: str, given: Json) -> Json:
    row = state.rows["membership"].get(given["memberId"])
    if row is None:
        raise missing("Member")
    state.allow(caller, row["organizationId"], "members", "Member")
    if row["role"] == "OWNER":
        raise RefusedError(403, "FORBIDDEN", "The owner of an organization cannot be removed")
    del state.rows["membership"][row["id"]]
    return {"id": row["id"]}


# --- projects ---


def list_projects(state: State, caller: str, given: Json) -> list[Json]:
    state.allow(caller, given["organizationId"], "view", "Organization")
    return [row for row in state.rows["project"].values() if row["organizationId"] == given["organizationId"]]


def create_project(state: State, caller: str, given: Json) -> Json:
    state.allow(caller, given["organizationId"], "edit", "Organization")
    return state.add(
        "project", organizationId=given["organizationId"], name=_name(given), description=given.get("description")
    )


def update_project(state: State, caller: str, given: Json) -> Json:
    return _change(state.project(caller, given["projectId"], "edit"), given, "name", "description")


def _change(row: Json, given: Json, *names: str) -> Json:
    _name(given, required=False)
    row |= {name: given[name] for name in names if given.get(name) is not None}
    return row


def delete_project(state: State, caller: str, given: Json) -> Json:
    row = state.project(caller, given["projectId"], "edit")
    del state.rows["project"][row["id"]]
    for kind in ("evaluator", "dataset", "apiKey", "modelRouting", "trace"):
        for each in state.of(kind, row["id"]):
            del state.rows[kind][each["id"]]
    return {"id": row["id"]}


# --- traces ---


def list_traces(state: State, caller: str, given: Json) -> Json:
    state.project(caller, given["projectId"], "view")
    limit = given.get("limit") or (50 if given.get("limit") is None else 0)
    if not 1 <= limit <= 100:
        raise _invalid("limit")
    rows = [state.shown(row) for row in state.of("trace", given["projectId"])]
    rows = sorted((row for row in rows if _matches(row, given)), key=lambda row: row["startTime"], reverse=True)
    if given.get("cursor"):
        place = [row["id"] for row in rows].index(given["cursor"])
        rows = rows[place + 1 :]
    page = rows[:limit]
    return {"traces": page, "nextCursor": page[-1]["id"] if len(rows) > limit else None}


def _matches(row: Json, given: Json) -> bool:
    name = given.get("search") or given.get("name") or ""
    first, last = given.get("startDate") or "", given.get("endDate") or "9"
    return (
        name in row["name"]
        and given.get("status") in (None, row["status"])
        and set(given.get("tags") or ()) <= set(row["tags"])
        and first <= row["startTime"]
        and row["startTime"][: len(last)] <= last
    )


def get_trace(state: State, caller: str, given: Json) -> Json:
    row = state.thing(caller, "trace", {"id": given.get("id") or given["traceId"]}, "view")
    return state.shown(row) | {"spans": [_span(span) for span in state.spans(row["id"])], "scores": row["scores"]}


def _span(span: Json) -> Json:
    usage = span.get("usage") or {}
    tokens = {name: usage.get(name, 0) for name in ("promptTokens", "completionTokens", "totalTokens")}
    return {"parentSpanId": None, "status": "OK", "input": None, "output": None, "durationMs": 0, **span, **tokens}


# --- things of projects ---


def _listing(kind: str, show: Callable[[State, Json], Json] = lambda _, row: row) -> Procedure:
    def procedure(state: State, caller: str, given: Json) -> list[Json]:
        state.project(caller, given["projectId"], "view")
        return [show(state, row) for row in state.of(kind, given["projectId"])]

    return procedure


def _deleting(kind: str) -> Procedure:
    def procedure(state: State, caller: str, given: Json) -> Json:
        row = state.thing(caller, kind, given, "edit")
        del state.rows[kind][row["id"]]
        return {"id": row["id"]}

    return procedure


def _updating(kind: str, *names: str) -> Procedure:
    def procedure(state: State, caller: str, given: Json) -> Json:
        return _change(state.thing(caller, kind, given, "edit"), given, *names)

    return procedure


def create_evaluator(state: State, caller: str, given: Json) -> Json:
    state.project(caller, given["projectId"], "edit")
    config = given.get("config") or {}
    if given["type"] not in TYPES or (given["type"] == "CONTAINS" and not isinstance(config.get("value", ""), str)):
        raise _invalid("type or config")
    return state.add(
        "evaluator",
        projectId=given["projectId"],
        name=_name(given),
        type=given["type"],
        config=config,
        enabled=True,
    )


def create_dataset(state: State, caller: str, given: Json) -> Json:
    state.project(caller, given["projectId"], "edit")
    return state.add("dataset", projectId=given["projectId"], name=_name(given), description=given.get("description"))


def _items(state: State, dataset: str) -> list[Json]:
    return [row for row in state.rows["item"].values() if row["datasetId"] == dataset]


def _counted(state: State, row: Json) -> Json:
    return row | {"_count": {"items": len(_items(state, row["id"]))}}


def get_dataset(state: State, caller: str, given: Json) -> Json:
    row = state.thing(caller, "dataset", given, "view")
    return row | {"items": _items(state, row["id"])}


def add_item(state: State, caller: str, given: Json) -> Json:
    row = state.thing(caller, "dataset", given, "edit", "datasetId")
    return state.add(
        "item",
        projectId=row["projectId"],
        datasetId=row["id"],
        input=given["input"],
        expectedOutput=given.get("expectedOutput"),
    )


def remove_item(state: State, caller: str, given: Json) -> Json:
    row = state.thing(caller, "item", given, "edit", "itemId")
    del state.rows["item"][row["id"]]
    return {"id": row["id"]}


def create_key(state: State, caller: str, given: Json) -> Json:
    state.project(caller, given["projectId"], "edit")
    return _new_key(state, given["projectId"], given.get("name") or "Default", None)


def _new_key(state: State, project: str, name: str, origin: str | None) -> Json:
    plain = f"ts_{secrets.token_hex(16)}"
    row = state.add(
        "apiKey",
        projectId=project,
        name=name,
        keyPrefix=plain[:8],
        revokedAt=None,
        lastUsedAt=None,
        rotatedFromId=origin,
        plain=plain,
    )
    return _without_plain(state, row) | {"key": plain}


def _without_plain(_state: State, row: Json) -> Json:
    return {name: value for name, value in row.items() if name != "plain"}


def revoke_key(state: State, caller: str, given: Json) -> Json:
    row = state.thing(caller, "apiKey", given, "edit")
    row["revokedAt"] = row["revokedAt"] or now()
    return _without_plain(state, row)


def rotate_key(state: State, caller: str, given: Json) -> Json:
    row = state.thing(caller, "apiKey", given, "edit")
    if row["revokedAt"] is not None:
        raise RefusedError(409, "CONFLICT", "This API key has been revoked")
    row["revokedAt"] = now()
    return _new_key(state, row["projectId"], row["name"], row["id"])


def create_routing(state: State, caller: str, given: Json) -> Json:
    state.project(caller, given["projectId"], "edit")
    if any(row["name"] == given["name"] for row in state.of("modelRouting", given["projectId"])):
        raise RefusedError(409, "CONFLICT", f"The name {given['name']} is taken")
    kept = {name: given[name] for name in ("projectId", "name", "defaultModel", "rules")}
    return state.add("modelRouting", enabled=True, **kept)


# --- usage ---


def current_month(state: State, caller: str, given: Json) -> Json:
    state.allow(caller, given["organizationId"], "view", "Organization")
    projects = [row["id"] for row in state.rows["project"].values() if row["organizationId"] == given["organizationId"]]
    rows = [{"projectId": each} | {name: state.counts[each][name] for name in COUNTS} for each in projects]
    totals = {name: sum(row[name] for row in rows) for name in COUNTS}
    month = f"{datetime.now(UTC):%Y-%m}"
    return {"month": month, **totals, "tracesLimit": 10_000, "projectBreakdown": rows}


def history(state: State, caller: str, given: Json) -> list[Json]:
    months = given.get("months", 12)
    if months > 24:
        raise _invalid("months")
    now_ = current_month(state, caller, given)
    return [{name: now_[name] for name in ("month", *COUNTS)}]


QUERIES: dict[str, Procedure] = {
    "organization.list": list_organizations,
    "organization.getById": get_organization,
    "project.list": list_projects,
    "trace.list": list_traces,
    "trace.byId": get_trace,
    "trace.getById": get_trace,
    "evaluator.list": _listing("evaluator"),
    "dataset.list": _listing("dataset", _counted),
    "dataset.byId": get_dataset,
    "dataset.getById": get_dataset,
    "apiKey.list": _listing("apiKey", _without_plain),
    "usage.currentMonth": current_month,
    "usage.getCurrentMonth": current_month,
    "usage.getHistory": history,
    "modelRouting.list": _listing("modelRouting"),
}

PROCEDURES: dict[str, Procedure] = {
    **QUERIES,
    "organization.create": create_organization,
    "organization.update": update_organization,
    "organization.addMember": add_member,
    "organization.removeMember": remove_member,
    "project.create": create_project,
    "project.update": update_project,
    "project.delete": delete_project,
    "evaluator.create": create_evaluator,
    "evaluator.update": _updating("evaluator", "name", "type", "config", "enabled"),
    "evaluator.delete": _deleting("evaluator"),
    "dataset.create": create_dataset,
    "dataset.update": _updating("dataset", "name", "description"),
    "dataset.addItem": add_item,
    "dataset.removeItem": remove_item,
    "dataset.delete": _deleting("dataset"),
    "apiKey.create": create_key,
    "apiKey.revoke": revoke_key,
    "apiKey.rotate": rotate_key,
    "modelRouting.create": create_routing,
    "modelRouting.update": _updating("modelRouting", "name", "defaultModel", "rules", "enabled"),
    "modelRouting.delete": _deleting("modelRouting"),
}
