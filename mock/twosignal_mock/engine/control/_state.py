"""Handlers for what a sandbox has stored: snapshots, export and import, one resource to look at."""

from __future__ import annotations

from hashlib import sha256
from itertools import count
from typing import Any, NoReturn

import orjson

from twosignal_mock.engine.control._call import ControlCall, invalid, refuse_unknown
from twosignal_mock.engine.sandbox import instant_text
from twosignal_mock.engine.store import ExportError, SnapshotRecord, UnknownSnapshotError

_MICROSECONDS = 1000
"""In a millisecond."""


async def list_snapshots(call: ControlCall) -> object:
    """All snapshots."""
    return {"snapshots": [_show(record) for record in await call.setting.archive.snapshots(call.project)]}


async def create_snapshot(call: ControlCall) -> object:
    """A copy of all rows, under a name."""
    archive, sandbox = call.setting.archive, call.sandbox
    taken = {record.name for record in await archive.snapshots(sandbox.project)}
    name = call.body.get("name") or next(name for i in count(1) if (name := f"snapshot-{i}") not in taken)
    return _show(await archive.snapshot(sandbox.project, name, sandbox.clock.now() // _MICROSECONDS))


async def restore_snapshot(call: ControlCall) -> object:
    """The rows of a snapshot in the place of those that are stored."""
    archive, project, name = call.setting.archive, call.project, call.path["name"]
    try:
        call.setting.sandboxes.of(await archive.restore(project, name))
    except UnknownSnapshotError:
        _refuse_unknown_snapshot(name)
    (restored,) = (record for record in await archive.snapshots(project) if record.name == name)
    return _show(restored)


async def delete_snapshot(call: ControlCall) -> object:
    """Forgets a snapshot."""
    try:
        await call.setting.archive.drop_snapshot(call.project, call.path["name"])
    except UnknownSnapshotError:
        _refuse_unknown_snapshot(call.path["name"])
    return None


async def export_state(call: ControlCall) -> object:
    """All rows."""
    return await call.setting.archive.export(call.project)


async def import_state(call: ControlCall) -> object:
    """Exported rows in the place of those that are stored."""
    try:
        project = await call.setting.archive.import_(call.project, call.body)
    except ExportError as error:
        then = "send what GET /__mock/v1/state of a mock of this version gave"
        raise invalid(f"body: {error}", "an exported state", then) from None
    # The rows may hold the very ids that this sandbox would give next.
    call.setting.sandboxes.of(project).ids.branch(sha256(orjson.dumps(call.body)).hexdigest())
    return None


async def show_trace(call: ControlCall) -> object:
    """A trace with its spans and scores."""
    wanted = call.path["trace_id"]
    shown = await call.setting.store.read(
        call.project.number, lambda transaction: call.setting.show_trace(wanted, transaction)
    )
    if shown is None:
        refuse_unknown(f"trace {wanted!r} in this sandbox", "the id of a trace", "name its sandbox by ?api_key=")
    return shown


def _show(record: SnapshotRecord) -> dict[str, Any]:
    return {"name": record.name, "at": instant_text(record.created * _MICROSECONDS)}


def _refuse_unknown_snapshot(name: str) -> NoReturn:
    refuse_unknown(f"snapshot {name!r}", "the name of one", "GET /__mock/v1/snapshots lists them")
