"""What a sandbox has stored, over the control API: snapshots, export, import, a trace."""

from typing import Any

import pytest

from tests.mock.engine.control.world import NOON, Call, World


async def traces(call: Call, *wanted: str) -> list[int]:
    """The statuses of asking for each."""
    return [(await call("GET", f"/v1/traces/{trace}")).status_code for trace in wanted]


async def test_a_trace_is_shown_with_its_spans_and_scores(call: Call, world: World) -> None:
    await world.add_trace("t-1")
    shown = (await call("GET", "/v1/traces/t-1")).json()
    assert (shown["id"], shown["spans"], shown["scores"]) == ("t-1", [], [])
    assert await traces(call, "t-2") == [404]


async def test_a_snapshot_is_restored_and_all_else_goes_on(call: Call, world: World) -> None:
    await world.add_trace("before")
    assert (await call("POST", "/v1/snapshots", {"name": "one"})).json() == {"name": "one", "at": NOON}
    await world.add_trace("after")
    sandbox = world.sandbox
    sandbox.ledger.stored(["e"])
    first_id = sandbox.new_id()
    for _ in range(2):
        assert (await call("POST", "/v1/snapshots/one/restore")).json()["name"] == "one"
        assert await traces(call, "before", "after") == [200, 404]
        await world.add_trace("after")
    assert world.sandbox is sandbox
    assert len(sandbox.ledger) == 1
    assert sandbox.new_id() != first_id


async def test_snapshots_are_listed_named_and_forgotten(call: Call) -> None:
    for body in ({}, {"name": "mine"}, {}):
        await call("POST", "/v1/snapshots", body)
    names = [each["name"] for each in (await call("GET", "/v1/snapshots")).json()["snapshots"]]
    assert names == ["snapshot-1", "mine", "snapshot-2"]
    assert (await call("DELETE", "/v1/snapshots/mine")).status_code == 204
    for method, path in (("DELETE", "mine"), ("POST", "mine/restore")):
        assert (await call(method, f"/v1/snapshots/{path}")).status_code == 404


async def test_a_snapshot_belongs_to_its_sandbox(call: Call) -> None:
    other = (await call("POST", "/v1/sandboxes", {})).json()
    await call("POST", "/v1/snapshots", {"name": "mine"})
    assert (await call("GET", f"/v1/snapshots?sandbox={other['id']}")).json() == {"snapshots": []}


async def test_an_export_can_be_imported_into_another_sandbox(call: Call, world: World) -> None:
    await world.add_trace("t-1")
    exported = (await call("GET", "/v1/state")).json()
    other = (await call("POST", "/v1/sandboxes", {})).json()
    await world.add_trace("replaced", other["id"])
    assert (await call("PUT", f"/v1/state?sandbox={other['id']}", exported)).status_code == 204
    assert (await call("GET", f"/v1/state?sandbox={other['id']}")).json() == exported


async def test_after_an_import_other_ids_are_given(call: Call, world: World) -> None:
    """The state may come from a server of the same seed, whose ids would come again."""
    expected = world.sandbox.ids
    next_id = type(expected)(0, "start")()
    exported = (await call("GET", "/v1/state")).json()
    await call("PUT", "/v1/state", exported)
    assert world.sandbox.new_id() != next_id


@pytest.mark.parametrize(
    "body", [{}, [], {"format": "other"}, {"apis": {}}, {"format": "twosignal-mock-project", "version": 1, "apis": 1}],
    ids=["empty", "no object", "another format", "no format", "no APIs"],
)  # fmt: skip
async def test_what_is_no_export_is_refused_and_changes_nothing(call: Call, world: World, body: Any) -> None:
    await world.add_trace("t-1")
    assert (await call("PUT", "/v1/state", body)).status_code == 400
    assert await traces(call, "t-1") == [200]
