"""The engine alone: JSON in the query, a cookie of any name, operations in errors, and several calls in one request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from twosignal_mock import create_application

from tests.toy.installation import DOCUMENT

pytestmark = pytest.mark.xdist_group("toy")

ROOMS = DOCUMENT.with_name("rooms.openapi.yaml")
MOST, MIXED = 3, 299
"""As rooms.py says them."""


@pytest.fixture
async def client(installed: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    monkeypatch.syspath_prepend(installed)
    application = create_application(contract=ROOMS, api="rooms", validate_answers=True)
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        sandbox = next(each for each in (await client.get("/__mock/v1/sandboxes")).json()["sandboxes"] if each["start"])
        client.headers["cookie"] = f"other=1; pass-77={sandbox['id']}"
        yield client
    await application.close()


@pytest.mark.parametrize(
    ("text", "status", "body"),
    [
        ('{"floor": 2, "more": null}', 200, {"floor": 2, "more": None}),
        ('{"level_of_it": 2}', 200, {"floor": 2}),
        ('{"level_of_it": 2, "floor": 2}', 200, {"floor": 2}),
        ('{"level_of_it": 2, "floor": 3}', 422, {"problem": "floor or level_of_it", "call": "findRoom"}),
        ('{"floor": -1}', 422, {"problem": "ask.floor: is -1; expected an integer of at least 0", "call": "findRoom"}),
        ("7", 422, {"problem": "ask: is 7; expected an object", "call": "findRoom"}),
    ],
)
async def test_a_parameter_that_is_json_is_read_as_a_body_is(
    client: httpx.AsyncClient, text: str, status: int, body: object
) -> None:
    for _ in range(2):
        answer = await client.get(f"/rooms/find?ask={quote(text)}")
        assert (answer.status_code, answer.json()) == (status, body)


@pytest.mark.parametrize("text", ["{", "", "[" * 400 + "]" * 400, '{"floor": 1, "a": "\\u0000"}'])
async def test_a_parameter_that_is_no_json_is_refused(client: httpx.AsyncClient, text: str) -> None:
    answer = await client.get(f"/rooms/find?ask={quote(text)}")
    assert (answer.status_code, answer.json()["call"]) == (400, "findRoom")


async def test_a_credential_is_found_in_a_cookie_of_any_name(client: httpx.AsyncClient) -> None:
    for cookie, status in (("pass-1=x", 200), ("pass-=x", 401), ("pass-1=", 401), ("", 401)):
        answer = await client.get('/rooms/find?ask={"floor":1}', headers={"cookie": cookie})
        assert answer.status_code == status
    assert answer.json() == {"problem": "Show a pass", "call": "findRoom"}


async def test_a_fault_names_the_operation(client: httpx.AsyncClient) -> None:
    assert (await client.post("/__mock/v1/faults", json={"kind": "status", "status": 503})).status_code == 201
    answer = await client.get('/rooms/find?ask={"floor":1}')
    assert (answer.status_code, answer.json()["call"]) == (503, "findRoom")


async def test_several_calls_come_in_one_request(client: httpx.AsyncClient) -> None:
    inputs = quote('{"0": {"floor": 1}, "1": {"floor": 2}}')
    answer = await client.get(f"/rooms/find+find?several=yes&ask={inputs}")
    assert (answer.status_code, answer.json()) == (200, [{"floor": 1}, {"floor": 2}])
    told = await client.post("/rooms/name+name?several=yes", json={"0": {"floor": 1}, "1": {"floor": "x"}})
    assert told.status_code == MIXED
    assert told.json()[0] == {"floor": 1}
    assert told.json()[1]["call"] == "nameRoom"


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        (f"/rooms/{'+'.join(['find'] * (MOST + 1))}?several=yes", 400, f"{MOST + 1} of {MOST}"),
        ("/rooms/find+name?several=yes", 400, "Ask or tell"),
        ("/rooms/find+find", 404, "There is no /rooms/find+find"),
        ("/rooms/find?several=yes&ask={", 400, "unexpected end"),
        ("/rooms/find?several=yes&ask=[]", 422, "ask: is no object"),
    ],
)
async def test_what_cannot_be_divided_into_calls_gets_one_error(
    client: httpx.AsyncClient, path: str, status: int, problem: str
) -> None:
    answer = await client.get(path)
    assert answer.status_code == status
    assert problem in answer.json()["problem"]
