"""The control API as a whole: what it says of the server, its bounds and its errors."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, NoReturn

import httpx
import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.control import DEFAULT_BODY_LIMIT, create_control
from twosignal_mock.engine.store import MemoryStore, StoreError

from tests.mock.engine.control.world import Call, World


async def test_the_contract_is_told(call: Call, contract: Contract) -> None:
    told = (await call("GET", "/v1/contract")).json()
    assert (told["version"], told["sha256"]) == (contract.version, contract.sha256)
    assert (told["clauses"], told["plans"]) == (len(contract.clauses), dict(contract.plans))
    assert (await call("GET", "/v1/contract/document")).json() == contract.document


async def test_its_own_document_is_told(call: Call, document: dict[str, Any]) -> None:
    assert (await call("GET", "/v1/openapi.json")).json() == document


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nothing", 404),
        ("GET", "/", 404),
        ("GET", "", 404),
        ("GET", "/v1/clock/", 404),
        ("PATCH", "/v1/clock", 405),
        ("GET", "/v1/reset", 405),
    ],
)
async def test_what_is_not_there_is_said_so(call: Call, method: str, path: str, status: int) -> None:
    answer = await call(method, path)
    assert answer.status_code == status
    assert "openapi.json" in answer.json()["error"]["next"]


async def test_a_405_names_every_method_of_the_path(call: Call) -> None:
    allowed = (await call("PATCH", "/v1/faults")).headers["allow"]
    assert {"GET", "POST", "DELETE"} <= set(allowed.split(", "))


@pytest.mark.parametrize("content", [b"{", b"\xff", b"nonsense", b"NaN"])
async def test_a_body_that_is_no_json_is_refused(call: Call, content: bytes) -> None:
    answer = await call("PUT", "/v1/clock", content=content)
    assert (answer.status_code, "not JSON" in answer.json()["error"]["message"]) == (400, True)


async def test_a_body_that_is_needed_is_asked_for(call: Call) -> None:
    answer = await call("PUT", "/v1/clock")
    assert (answer.status_code, answer.json()["error"]["got"]) == (400, "no body")


async def test_bodies_are_bounded_while_they_are_read(call: Call) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    answer = await call("POST", "/v1/faults", content=endless())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
    assert sent <= DEFAULT_BODY_LIMIT + 2 * 65536


async def test_an_import_may_be_larger(call: Call) -> None:
    answer = await call("PUT", "/v1/state", {"format": "other", "padding": " " * DEFAULT_BODY_LIMIT})
    assert answer.status_code == 400


async def test_a_store_that_fails_is_told(world: World) -> None:
    class Broken(MemoryStore):
        def read(self, project: int, work: Any) -> NoReturn:  # noqa: ARG002 - the call shape of a store
            raise StoreError("the disk is full")

    application = create_control(replace(world.parts, store=Broken([])))
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as connection:
        answer = await connection.get("/__mock/v1/traces/t-1")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "STORE_ERROR")
    assert "the disk is full" in answer.json()["error"]["message"]


async def test_a_head_is_answered_as_a_get(world: World) -> None:
    transport = httpx.ASGITransport(create_control(world.parts))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as connection:
        assert (await connection.head("/__mock/v1/health")).status_code == 200
