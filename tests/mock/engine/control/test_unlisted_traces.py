"""Traces that the API does not list yet are found over the control API."""

from __future__ import annotations

import pytest
from twosignal_mock.apis.rest.store import TraceRecord, repositories_of

from tests.mock.engine.control.world import Call, World


async def add_unlisted(world: World, *traces: str) -> None:
    records = [TraceRecord(trace, 0, name=trace, spans=2) for trace in traces]
    number = world.sandbox.project.number
    await world.parts.store.write(number, lambda each: repositories_of(each).traces.save(*records))


async def test_what_is_not_listed_yet_is_found_with_the_last_one_first(call: Call, world: World) -> None:
    assert (await call("GET", "/v1/unlisted-traces")).json() == {"traces": []}
    await world.add_trace("listed")
    await add_unlisted(world, "a", "b", "c")

    found = (await call("GET", "/v1/unlisted-traces")).json()["traces"]
    assert [(trace["id"], trace["spanCount"], trace["listed"]) for trace in found] == [
        ("c", 2, False),
        ("b", 2, False),
        ("a", 2, False),
    ]
    assert (await call("GET", "/v1/traces/b")).status_code == 200


@pytest.mark.parametrize(("limit", "count"), [(1, 1), (2, 2), (1000, 3)])
async def test_at_most_as_many_as_asked_for(call: Call, world: World, limit: int, count: int) -> None:
    await add_unlisted(world, "a", "b", "c")

    assert len((await call("GET", f"/v1/unlisted-traces?limit={limit}")).json()["traces"]) == count
