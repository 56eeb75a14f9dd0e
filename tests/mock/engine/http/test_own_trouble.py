"""When the mock itself is at fault: its answer breaks the contract, its store fails, its code fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from twosignal_contract import Contract, ContractError
from twosignal_mock.apis.rest import REST
from twosignal_mock.engine.api import Api, Call, Dependencies, Handler
from twosignal_mock.engine.store import StoreError

from tests.mock.engine.http.conftest import Build, World

BAD_BODIES = [
    pytest.param({"data": {"traces": [{"id": ""}], "nextCursor": None}}, "data.traces[0].", id="a wrong body"),
    pytest.param({"data": None}, "data: is null; expected an object", id="a wrong type"),
]


def listing_by(handle: Callable[[Call, Any], object]) -> Api:
    """The API with its traces listed by `handle`."""

    def handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
        for each in REST.handlers(contract, dependencies):
            yield replace(each, handle=handle) if each.id == "listTraces" else each

    return replace(REST, handlers=handlers)


@pytest.mark.parametrize(("body", "place"), BAD_BODIES)
async def test_an_answer_that_breaks_the_contract_is_a_loud_500(
    build: Build, capsys: pytest.CaptureFixture[str], body: object, place: str
) -> None:
    world = await build(rest=listing_by(lambda _call, _reader: body))
    answer = await world.client.get("/api/v1/traces")
    assert answer.status_code == 500
    assert place in answer.json()["error"]["message"]
    assert place in capsys.readouterr().err


async def test_it_is_let_through_when_nobody_checks(build: Build) -> None:
    world = await build(validate_answers=False, rest=listing_by(lambda _call, _reader: {"data": None}))
    assert (await world.client.get("/api/v1/traces")).json() == {"data": None}


@pytest.mark.parametrize("error", [StoreError("disk full"), ZeroDivisionError("oops"), RecursionError()])
async def test_trouble_is_a_500_in_the_envelope_and_the_server_goes_on(
    build: Build, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def fail(_call: Call, _reader: object) -> object:
        raise error

    world = await build(rest=listing_by(fail))
    answer = await world.client.get("/api/v1/traces")
    assert answer.status_code == 500
    assert answer.json() == {"error": {"code": "INTERNAL_ERROR", "message": "Internal error"}}
    assert str(error) in capsys.readouterr().err
    assert world.last().attempt.cause == "internal"
    assert (await world.client.get("/api/v1/health")).status_code == 200


async def test_the_application_serves_its_lifespan(world: World) -> None:
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[str] = []

    async def receive() -> dict[str, str]:
        return next(messages)

    async def send(message: dict[str, str]) -> None:
        sent.append(message["type"])

    await world.application({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.application), base_url="http://mock") as client:
        assert (await client.get("/api/v1/health")).status_code == 200


async def test_an_operation_that_nobody_carries_out_stops_the_start(build: Build, contract: Contract) -> None:
    more = replace(next(iter(contract.operations.values())), id="inventTraces", path="/api/v1/invented")
    with pytest.raises(ContractError, match="inventTraces"):
        await build(contract=replace(contract, operations={**contract.operations, more.id: more}))
