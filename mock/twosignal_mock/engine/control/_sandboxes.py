"""Handlers for sandboxes and their keys."""

from __future__ import annotations

from typing import Any

from twosignal_mock.engine.api import Project
from twosignal_mock.engine.control._call import ControlCall, invalid, refuse_unknown
from twosignal_mock.engine.control._clock import show_clock
from twosignal_mock.engine.control._problem import ControlError, Refused
from twosignal_mock.engine.store import UNKEYED, TakenError


async def list_sandboxes(call: ControlCall) -> object:
    """All sandboxes."""
    return {"sandboxes": [show_sandbox(call, project) for project in call.setting.catalogue.projects()]}


async def create_sandbox(call: ControlCall) -> object:
    """A new sandbox, with sample data when wanted."""
    setting, wanted = call.setting, call.body
    plan = wanted.get("plan", setting.plan)
    if setting.contract.plans and plan not in setting.contract.plans:
        raise invalid(f"plan: {plan!r} is no plan of the contract", "one of " + ", ".join(setting.contract.plans))
    try:
        made = await setting.catalogue.create_project(name=wanted.get("name"), plan=plan, api_key=wanted.get("api_key"))
    except TakenError as error:
        raise _taken(error) from None
    project = made.project
    if wanted.get("sample"):
        await setting.fill(project, wanted["sample"])
    return {
        "id": project.id,
        "project_id": project.id,
        "name": project.name,
        "plan": project.plan,
        "api_key": made.api_key,
        "email": made.email,
        "password": made.password,
    }


async def get_sandbox(call: ControlCall) -> object:
    """One sandbox."""
    return show_sandbox(call, call.project_of(call.path["id"]))


async def drop_sandbox(call: ControlCall) -> object:
    """Drops a sandbox that a caller made."""
    project = call.project_of(call.path["id"])
    if project.id in (call.setting.start, UNKEYED):
        came = f"sandbox {project.id!r} belongs to the server"
        then = "reset it instead: POST /__mock/v1/reset"
        raise ControlError(Refused.CONFLICT, came, "one made by POST /__mock/v1/sandboxes", then)
    await call.setting.catalogue.drop_project(project.id)
    call.setting.sandboxes.drop(project.id)
    return None


async def reset_sandbox(call: ControlCall) -> object:
    """The sandbox as it was when it was new."""
    project = await call.setting.catalogue.reset_project(call.project.id)
    call.setting.sandboxes.drop(project.id)
    return show_sandbox(call, project)


async def add_key(call: ControlCall) -> object:
    """One more key for the sandbox."""
    project = call.project
    try:
        key = await call.setting.catalogue.add_key(project.id, call.body.get("api_key"))
    except TakenError as error:
        raise _taken(error) from None
    return {"api_key": key, "project_id": project.id}


async def revoke_key(call: ControlCall) -> object:
    """Revokes a key."""
    key = call.path["key"]
    found = call.setting.catalogue.find_key(key)
    if found is None:
        refuse_unknown("such API key", "a whole key that the mock knows", "check how it is spelled")
    await call.setting.catalogue.revoke_key(found.project.id, key)
    return None


def show_sandbox(call: ControlCall, project: Project) -> dict[str, Any]:
    """What is told of a sandbox."""
    sandbox = call.setting.sandboxes.of(project)
    return {
        "id": project.id,
        "project_id": project.id,
        "name": project.name,
        "plan": project.plan,
        "start": project.id == call.setting.start,
        "clock": show_clock(sandbox.clock),
        "journal": len(sandbox.journal),
        "ledger": len(sandbox.ledger),
        "faults": len(sandbox.faults),
    }


def _taken(error: TakenError) -> ControlError:
    then = "leave it out, and one is made"
    return ControlError(Refused.CONFLICT, f"{error.field}: the mock knows it already", "one of your own", then)
