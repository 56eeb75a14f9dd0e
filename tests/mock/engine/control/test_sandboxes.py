"""Sandboxes over the control API: made, named, given keys, reset and dropped."""

from typing import Any

import pytest
from twosignal_contract import Contract
from twosignal_mock.apis.rest.store import TraceQuery, repositories_of
from twosignal_mock.engine.store import UNKEYED

from tests.mock.engine.control.world import NOON, Call, World


async def test_a_sandbox_is_made_with_all_that_a_client_needs(call: Call, world: World) -> None:
    answer = await call("POST", "/v1/sandboxes", {})
    made = answer.json()
    assert (answer.status_code, made["id"], made["plan"]) == (201, made["project_id"], world.parts.plan)
    found = world.parts.registry.find_key(made["api_key"])
    assert found is not None
    assert found.project.id == made["id"]
    user = world.parts.registry.sign_in(made["email"], made["password"])
    assert user is not None
    assert user.project_id == made["id"]


async def test_a_sandbox_can_be_made_without_a_body(call: Call) -> None:
    assert (await call("POST", "/v1/sandboxes")).status_code == 201


async def test_a_sandbox_is_made_as_wanted(call: Call, world: World, contract: Contract) -> None:
    plan = max(contract.plans, key=lambda name: contract.plans[name])
    wanted = {"name": "checkout", "plan": plan, "api_key": "a-key-of-my-own", "sample": 5}
    made = (await call("POST", "/v1/sandboxes", wanted)).json()
    assert {key: made[key] for key in ("name", "plan", "api_key")} == {
        key: wanted[key] for key in ("name", "plan", "api_key")
    }
    number = world.sandbox_of(made["id"]).project.number
    everything = TraceQuery(after=(-(1 << 62), ""), before=1 << 62, limit=100)
    assert (
        len(
            await world.parts.store.read(
                number, lambda transaction: repositories_of(transaction).traces.page(everything)
            )
        )
        == 5
    )


async def test_a_key_belongs_to_one_sandbox(call: Call, world: World) -> None:
    for path in ("/v1/sandboxes", "/v1/keys"):
        answer = await call("POST", path, {"api_key": world.start.api_key})
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"plan": "huge"}, "plan: 'huge'"),
        ({"name": "two words"}, "body.name"),
        ({"sample": -1}, "body.sample"),
        ({"api_key": "short"}, "body.api_key"),
        ({"api_key": "a key with spaces"}, "body.api_key"),
        ({"nmae": "x"}, "nmae"),
        ([], "body"),
    ],
    ids=["plan", "name", "sample", "short key", "spaces in a key", "unknown field", "no object"],
)
async def test_a_wrong_wish_is_refused_with_its_place(call: Call, world: World, body: Any, named: str) -> None:
    answer = await call("POST", "/v1/sandboxes", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")
    assert named in answer.json()["error"]["message"]
    assert len(world.parts.registry.projects()) == 2


async def test_all_sandboxes_are_listed(call: Call, world: World) -> None:
    made = (await call("POST", "/v1/sandboxes", {"name": "checkout"})).json()
    listed = {each["id"]: each for each in (await call("GET", "/v1/sandboxes")).json()["sandboxes"]}
    assert listed.keys() == {UNKEYED, world.start.project.id, made["id"]}
    assert [each["name"] for each in listed.values() if each["start"]] == ["start"]
    assert (await call("GET", f"/v1/sandboxes/{made['id']}")).json() == listed[made["id"]]


async def test_a_dropped_sandbox_is_gone(call: Call, world: World) -> None:
    made = (await call("POST", "/v1/sandboxes", {})).json()
    assert (await call("DELETE", f"/v1/sandboxes/{made['id']}")).status_code == 204
    assert (await call("GET", f"/v1/sandboxes/{made['id']}")).status_code == 404
    assert (await call("DELETE", f"/v1/sandboxes/{made['id']}")).status_code == 404
    assert world.parts.registry.find_key(made["api_key"]) is None
    assert world.parts.sandboxes.by_id(made["id"]) is None


async def test_the_servers_own_sandboxes_cannot_be_dropped(call: Call, world: World) -> None:
    for sandbox in (world.start.project.id, UNKEYED):
        answer = await call("DELETE", f"/v1/sandboxes/{sandbox}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "CONFLICT")


async def test_a_reset_makes_a_sandbox_new_and_leaves_its_key(call: Call, world: World) -> None:
    await world.add_trace("t-1")
    world.sandbox.ledger.stored(["e"])
    first_id = world.sandbox.new_id()
    await call("POST", "/v1/faults", {"kind": "reset"})
    await call("POST", "/v1/clock/advance", {"seconds": 60})
    shown = (await call("POST", "/v1/reset")).json()
    assert (shown["journal"], shown["ledger"], shown["faults"], shown["clock"]["now"]) == (0, 0, 0, NOON)
    assert (await call("GET", "/v1/traces/t-1")).status_code == 404
    assert world.sandbox.new_id() == first_id
    found = world.parts.registry.find_key(world.start.api_key)
    assert found is not None
    assert found.project.id == shown["id"]


async def test_a_reset_touches_no_other_sandbox(call: Call, world: World) -> None:
    other = (await call("POST", "/v1/sandboxes", {})).json()
    await world.add_trace("t-1", other["id"])
    await call("POST", "/v1/reset")
    assert (await call("GET", f"/v1/traces/t-1?sandbox={other['id']}")).status_code == 200


async def test_a_sandbox_can_have_more_keys(call: Call, world: World) -> None:
    for body in ({}, {"api_key": "a-key-of-my-own"}):
        key = (await call("POST", "/v1/keys", body)).json()["api_key"]
        found = world.parts.registry.find_key(key)
        assert found is not None
        assert (found.project.id, found.revoked) == (world.start.project.id, False)


async def test_a_revoked_key_stays_known(call: Call, world: World) -> None:
    assert (await call("DELETE", f"/v1/keys/{world.start.api_key}")).status_code == 204
    found = world.parts.registry.find_key(world.start.api_key)
    assert found is not None
    assert found.revoked
    # What happened under it can still be looked at.
    assert (await call("GET", f"/v1/journal?api_key={world.start.api_key}")).status_code == 200
    assert (await call("DELETE", "/v1/keys/never-issued")).status_code == 404


async def test_an_operation_takes_the_sandbox_that_is_named(call: Call, world: World) -> None:
    one, two = [(await call("POST", "/v1/sandboxes", {})).json() for _ in range(2)]
    bearer = {"Authorization": f"Bearer {one['api_key']}"}
    ways: list[tuple[str, dict[str, str], str]] = [
        ("", {}, world.start.project.id),
        ("", bearer, one["id"]),
        (f"?api_key={two['api_key']}", bearer, two["id"]),
        (f"?sandbox={two['id']}&api_key={one['api_key']}", bearer, two["id"]),
    ]
    for query, headers, expected in ways:
        assert (await call("POST", f"/v1/reset{query}", headers=headers)).json()["id"] == expected


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        ("?sandbox=nowhere", {}, 404),
        ("?api_key=never-issued", {}, 401),
        ("", {"Authorization": "Bearer never-issued"}, 401),
        ("?sandbox=", {}, 400),
    ],
    ids=["id", "key", "bearer", "empty"],
)
async def test_a_sandbox_that_is_not_there_is_refused(
    call: Call, query: str, headers: dict[str, str], status: int
) -> None:
    assert (await call("GET", f"/v1/clock{query}", headers=headers)).status_code == status
