"""The journal answers questions: in both orders, filtered, and whether what a test expects has come."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from twosignal_mock import MockServer, Sandbox, VerificationError
from twosignal_mock.engine.sandbox import Attempt

from tests.mock.engine.control.world import Call, World

ROWS: tuple[Mapping[str, Any], ...] = (
    {"method": "GET", "path": "/things", "status": 200, "operation_id": "listThings", "query": b"name=a%20b&limit=5"},
    {"body": b'{"name": "a", "tags": ["x", "y"], "deep": {"n": 1}}'},
    {"body": b'{"name": "b", "tags": []}', "status": 429, "clauses": ("client.rate",)},
    {"body": b'{"name": "a"}', "status": None, "headers": [(b"x-version", b"1"), (b"x-version", b"2")]},
    {"path": "/else", "operation_id": None, "status": 404, "body": b"no json"},
)
"""Entries 1 to 5, a minute apart."""
MINUTE = 60_000_000


@pytest.fixture
def filled(world: World) -> World:
    now = world.sandbox.clock.now()
    for number, row in enumerate(ROWS):
        plain: dict[str, Any] = {"method": "POST", "path": "/things", "status": 201, "operation_id": "createThing"}
        attempt = Attempt(**plain | {"at": now + number * MINUTE, "started": 1.0, "seconds": 0.1} | dict(row))
        world.sandbox.journal.record(attempt)
    return world


async def sequences(call: Call, query: str) -> list[int]:
    answer = await call("GET", f"/v1/journal?{query}")
    assert answer.status_code == 200, answer.text
    return [entry["sequence"] for entry in answer.json()["entries"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("order=newest", [5, 4, 3, 2, 1]),
        ("order=newest&limit=2", [5, 4]),
        ("order=newest&before=4&limit=2", [3, 2]),
        ("since=1&before=4", [2, 3]),
        ("status=429", [3]),
        ("status=4xx", [3, 5]),
        ("status=none", [4]),
        ("operation=createThing", [2, 3, 4]),
        ("operation=createThing&status=2xx", [2]),
        ("method=get", [1]),
        ("path=els", [5]),
        ("clause=client.rate", [3]),
        ("from=2026-01-31T12:01:00Z&until=2026-01-31T12:03:00Z", [2, 3]),
        ("clause=unknown", []),
    ],
)
@pytest.mark.usefixtures("filled")
async def test_filters_and_orders_keep_what_they_say(call: Call, query: str, found: list[int]) -> None:
    assert await sequences(call, query) == found


@pytest.mark.parametrize("order", ["oldest", "newest"])
@pytest.mark.usefixtures("filled")
async def test_pages_go_on_from_next_in_both_orders(call: Call, order: str) -> None:
    seen: list[int] = []
    query = f"order={order}&limit=1&operation=createThing"
    for _ in ROWS:
        page = (await call("GET", f"/v1/journal?{query}")).json()
        seen += [entry["sequence"] for entry in page["entries"]]
        query = (
            f"order={order}&limit=1&operation=createThing&{'since' if order == 'oldest' else 'before'}={page['next']}"
        )
    assert seen == ([2, 3, 4] if order == "oldest" else [4, 3, 2])


@pytest.mark.parametrize(
    "query", ["status=teapot", "status=6xx", "order=up", "from=noon", "until=2026-01-31", "before=-1"]
)
async def test_a_filter_that_cannot_be_read_is_refused(call: Call, query: str) -> None:
    assert (await call("GET", f"/v1/journal?{query}")).status_code == 400


@pytest.mark.parametrize(
    ("expected", "verified", "found"),
    [
        ({"operation": "createThing", "body": {"name": "a"}, "count": 2}, True, [2, 4]),
        ({"operation": "createThing", "body": {"name": "a"}}, True, [2, 4]),
        ({"operation": "createThing", "body": {"name": "a"}, "count": 3}, False, [2, 4]),
        ({"operation": "createThing", "at_most": 2}, False, [2, 3, 4]),
        ({"operation": "createThing", "at_least": 2, "at_most": 3}, True, [2, 3, 4]),
        ({"body": {"tags": ["y"]}}, True, [2]),
        ({"body": {"tags": ["y", "x"], "deep": {}}}, True, [2]),
        ({"body": {"tags": []}, "count": 2}, True, [2, 3]),
        ({"body": {"deep": {"n": True}}, "count": 0}, True, []),
        ({"query": {"name": "a b"}}, True, [1]),
        ({"headers": {"X-Version": "2"}}, True, [4]),
        ({"headers": {"x-version": "1"}}, True, [4]),
        ({"status": "none", "path": "thing"}, True, [4]),
        ({"from": "2026-01-31T12:04:00Z"}, True, [5]),
        ({"count": 0, "operation": "deleteThing"}, True, []),
        ({}, True, [1, 2, 3, 4, 5]),
    ],
)
@pytest.mark.usefixtures("filled")
async def test_an_expectation_counts_the_requests_that_it_names(
    call: Call, expected: Mapping[str, Any], verified: bool, found: list[int]
) -> None:
    answer = (await call("POST", "/v1/journal/verification", expected)).json()
    assert (answer["verified"], answer["found"], answer["sequences"]) == (verified, len(found), found)


@pytest.mark.usefixtures("filled")
async def test_near_misses_are_the_latest_that_differ_least_and_say_in_what(call: Call) -> None:
    expected = {"operation": "createThing", "body": {"name": "a", "tags": ["x", "z"]}, "status": "201"}
    answer = (await call("POST", "/v1/journal/verification", expected)).json()
    assert (answer["verified"], answer["expected"]) == (False, "at least 1")
    assert [(miss["sequence"], miss["differences"]) for miss in answer["near_misses"]] == [
        (2, ['body.tags[1]: got "x", expected "z"']),
        (4, ['status: got "none", expected "201"', 'body.tags: got nothing, expected ["x", "z"]']),
        (
            3,
            [
                'status: got "429", expected "201"',
                'body.name: got "b", expected "a"',
                'body.tags[0]: got nothing, expected "x"',
                'body.tags[1]: got nothing, expected "z"',
            ],
        ),
    ]


@pytest.mark.parametrize(
    "expected",
    [{"count": 1, "at_least": 1}, {"at_least": 3, "at_most": 2}, {"count": -1}, {"colour": "red"}, {"status": "x"}, []],
)
async def test_an_expectation_that_cannot_be_meant_is_refused(call: Call, expected: Any) -> None:
    assert (await call("POST", "/v1/journal/verification", expected)).status_code == 400


async def test_a_near_miss_shows_no_credential(call: Call, world: World) -> None:
    body = b'{"name": "%s", "password": "hunter2-hunter2"}' % world.start.api_key.encode()
    world.sandbox.journal.record(Attempt("POST", "/things", 201, 1, 1.0, 0.1, "createThing", body=body))
    answer = await call("POST", "/v1/journal/verification", {"body": {"name": "a", "password": "b"}})
    assert len(answer.json()["near_misses"][0]["differences"]) == 2
    assert world.start.api_key not in answer.text
    assert "hunter2" not in answer.text


def test_a_test_asks_its_sandbox_and_hears_of_near_misses() -> None:
    with MockServer() as mock, mock.sandbox() as sandbox, sandbox_client(sandbox) as client:
        for name in ("accuracy", "accuracy", "tone"):
            client.post("/api/v1/scores", json={"traceId": "none", "evaluatorName": name, "value": 1})
        assert sandbox.verify(operation="createScore", body={"evaluatorName": "accuracy"}, count=2) == 2
        assert [entry["status"] for entry in sandbox.journal(newest_first=True, status="4xx")] == [404, 404, 404]
        assert sandbox.journal(status="2xx") == []
        with pytest.raises(VerificationError) as caught:
            sandbox.verify(operation="createScore", body={"evaluatorName": "accuracy"}, count=3)
    text = str(caught.value)
    assert text.startswith(
        "expected exactly 3 requests with operation='createScore', body={'evaluatorName': 'accuracy'}"
    )
    assert "got 2" in text
    assert "near miss: POST /api/v1/scores (entry 3 of the journal)" in text
    assert 'body.evaluatorName: got "tone", expected "accuracy"' in text


def sandbox_client(sandbox: Sandbox) -> httpx.Client:
    return httpx.Client(base_url=sandbox.url, headers={"Authorization": f"Bearer {sandbox.api_key}"}, trust_env=False)


@pytest.mark.parametrize("depth", [3, 100, 199, 200, 260, 1000])
async def test_a_body_of_any_depth_can_be_read_back(world: World, call: Call, depth: int) -> None:
    body = b'{"in":' * depth + b"1" + b"}" * depth
    now = world.sandbox.clock.now()
    attempt = Attempt(method="POST", path="/things", status=201, at=now, started=1.0, seconds=0.1, body=body)
    world.sandbox.journal.record(attempt)
    answer = await call("GET", "/v1/journal")
    assert answer.status_code == 200, answer.text
    (entry,) = answer.json()["entries"]
    shown = entry["request"]
    assert shown["body_is"] == ("json" if depth < 200 else "text")
    assert (json.dumps(shown["body"], separators=(",", ":")) if depth < 200 else shown["body"]) == body.decode()
