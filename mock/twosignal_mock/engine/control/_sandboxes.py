"""Handlers of the engine for sandboxes, their keys, and what they have stored."""

from __future__ import annotations

from hashlib import sha256
from itertools import count
from typing import Any, NoReturn

import orjson

from twosignal_mock.engine.api import ControlError, ControlErrorKind, Project
from twosignal_mock.engine.control._call import EngineCall, invalid, raise_unknown
from twosignal_mock.engine.control._handlers import show_clock
from twosignal_mock.engine.sandbox import instant_text
from twosignal_mock.engine.store import UNKEYED, ExportError, SnapshotRecord, TakenError, UnknownSnapshotError

_MICROSECONDS = 1000
"""In a millisecond."""


# --- sandboxes and keys ----------------------------------------------------------------------------------------------
async def list_sandboxes(call: EngineCall) -> object:
    """All sandboxes."""
    return {
        "sandboxes": [show_sandbox(call, project) for project in call.parts.registry.projects() if not project.home]
    }


async def create_sandbox(call: EngineCall) -> object:
    """A new sandbox, with sample data when wanted."""
    parts, wanted = call.parts, call.body
    plan = wanted.get("plan", parts.plan)
    if parts.plans and plan not in parts.plans:
        raise invalid(f"plan: {plan!r} is no plan of the contract", "one of " + ", ".join(parts.plans))
    try:
        made = await parts.registry.create_project(name=wanted.get("name"), plan=plan, api_key=wanted.get("api_key"))
    except TakenError as error:
        raise _taken(error) from None
    project = made.project
    if wanted.get("sample"):
        await parts.sampler.fill(project, wanted["sample"])
    return {
        "id": project.id,
        "project_id": project.id,
        "name": project.name,
        "plan": project.plan,
        "api_key": made.api_key,
        "email": made.email,
        "password": made.password,
    }


async def get_sandbox(call: EngineCall) -> object:
    """One sandbox."""
    return show_sandbox(call, call.project_of(call.path["id"]))


async def drop_sandbox(call: EngineCall) -> object:
    """Drops a sandbox that a caller made."""
    project = call.project_of(call.path["id"])
    if project.id in (call.parts.start, UNKEYED):
        got = f"sandbox {project.id!r} belongs to the server"
        then = "reset it instead: POST /__mock/v1/reset"
        raise ControlError(ControlErrorKind.CONFLICT, got, "one made by POST /__mock/v1/sandboxes", then)
    await call.parts.registry.drop_project(project.id)
    call.parts.sandboxes.drop(project.id)
    return None


async def reset_sandbox(call: EngineCall) -> object:
    """The sandbox as it was when it was new."""
    project = await call.parts.registry.reset_project(call.project.id)
    call.parts.sandboxes.drop(project.id)
    return show_sandbox(call, project)


async def add_key(call: EngineCall) -> object:
    """One more key for the sandbox."""
    project = call.project
    try:
        now = call.sandbox.clock.now() // _MICROSECONDS
        key = await call.parts.registry.add_key(project.id, call.body.get("api_key"), now)
    except TakenError as error:
        raise _taken(error) from None
    return {"api_key": key, "project_id": project.id}


async def revoke_key(call: EngineCall) -> object:
    """Revokes a key."""
    key = call.path["key"]
    found = call.parts.registry.find_key(key)
    if found is None:
        raise_unknown("such API key", "a whole key that the mock knows", "check how it is spelled")
    now = call.parts.sandboxes.of(found.project).clock.now() // _MICROSECONDS
    await call.parts.registry.revoke_key(found.project.id, key, now)
    return None


async def add_user(call: EngineCall) -> object:
    """One more user of the sandbox, who can sign in."""
    project = call.project
    try:
        wanted = call.body.get("email"), call.body.get("password")
        user, password = await call.parts.registry.add_user(project.home or project.id, *wanted)
    except TakenError as error:
        raise _taken(error) from None
    return {"id": user.id, "email": user.email, "password": password, "project_id": user.project_id}


def show_sandbox(call: EngineCall, project: Project) -> dict[str, Any]:
    """A sandbox as the control API shows it."""
    sandbox = call.parts.sandboxes.of(project)
    return {
        "id": project.id,
        "project_id": project.id,
        "name": project.name,
        "plan": project.plan,
        "start": project.id == call.parts.start,
        "keys": [f"...{key.tail}" for key in call.parts.registry.keys(project.id) if not key.revoked],
        "clock": show_clock(sandbox.clock),
        "journal": len(sandbox.journal),
        "ledger": len(sandbox.ledger),
        "faults": len(sandbox.faults),
    }


def _taken(error: TakenError) -> ControlError:
    then = "leave it out, and one is made"
    return ControlError(ControlErrorKind.CONFLICT, f"{error.field}: the mock knows it already", "one of your own", then)


# --- what is stored --------------------------------------------------------------------------------------------------
async def list_snapshots(call: EngineCall) -> object:
    """All snapshots."""
    return {"snapshots": [_show(record) for record in await call.parts.archive.snapshots(call.project)]}


async def create_snapshot(call: EngineCall) -> object:
    """A copy of all rows, under a name."""
    archive, sandbox = call.parts.archive, call.sandbox
    taken = {record.name for record in await archive.snapshots(sandbox.project)}
    name = call.body.get("name") or next(name for i in count(1) if (name := f"snapshot-{i}") not in taken)
    return _show(await archive.snapshot(sandbox.project, name, sandbox.clock.now() // _MICROSECONDS))


async def restore_snapshot(call: EngineCall) -> object:
    """The rows of a snapshot in the place of those that are stored."""
    archive, project, name = call.parts.archive, call.project, call.path["name"]
    try:
        call.parts.sandboxes.of(await archive.restore(project, name))
    except UnknownSnapshotError:
        _raise_unknown_snapshot(name)
    call.wake()
    (restored,) = (record for record in await archive.snapshots(project) if record.name == name)
    return _show(restored)


async def delete_snapshot(call: EngineCall) -> object:
    """Forgets a snapshot."""
    try:
        await call.parts.archive.drop_snapshot(call.project, call.path["name"])
    except UnknownSnapshotError:
        _raise_unknown_snapshot(call.path["name"])
    return None


async def export_state(call: EngineCall) -> object:
    """All rows."""
    return await call.parts.archive.export(call.project)


async def import_state(call: EngineCall) -> object:
    """Exported rows in the place of those that are stored."""
    try:
        project = await call.parts.archive.import_(call.project, call.body)
    except ExportError as error:
        then = "send what GET /__mock/v1/state of a mock of this version gave"
        raise invalid(f"body: {error}", "an exported state", then) from None
    # The rows may hold the very ids that this sandbox would give next.
    call.parts.sandboxes.of(project).ids.branch(sha256(orjson.dumps(call.body)).hexdigest())
    call.wake()
    return None


def _show(record: SnapshotRecord) -> dict[str, Any]:
    return {"name": record.name, "at": instant_text(record.created * _MICROSECONDS)}


def _raise_unknown_snapshot(name: str) -> NoReturn:
    raise_unknown(f"snapshot {name!r}", "the name of one", "GET /__mock/v1/snapshots lists them")
