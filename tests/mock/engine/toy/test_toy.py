"""The engine alone: a contract with its own security, places of parameters, statuses, media types and error bodies."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from twosignal_contract import load_contract
from twosignal_mock._composition import MockApplication
from twosignal_mock._settings import make_settings
from twosignal_mock.apis import APIS

from tests.mock.engine.toy.lamps import DOCUMENT, LAMPS, TOY

CARD = "a-card-of-mine"


@pytest.fixture
async def application() -> AsyncIterator[MockApplication]:
    settings = make_settings(contract=load_contract(DOCUMENT), api="lamps", api_key=CARD, validate_answers=True)
    application = MockApplication(settings, {TOY.name: TOY})
    yield application
    await application.close()


@pytest.fixture
async def client(application: MockApplication) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1") as client:
        yield client


async def put(client: httpx.AsyncClient, lamp: object = 1, **more: str) -> httpx.Response:
    headers = {"X-Brightness": "70"} | more
    return await client.put(f"/lamps/{lamp}?card={CARD}", headers=headers)


async def test_parameters_come_from_their_own_places(client: httpx.AsyncClient) -> None:
    wrong = "lamp-id=2&X-Brightness=1&colour=white"
    made = await client.put(f"/lamps/1?card={CARD}&{wrong}", headers={"X-Brightness": "70", "Cookie": "colour=red"})
    assert (made.status_code, made.json()) == (201, {"id": 1, "brightness": 70, "colour": "red"})
    missing = await client.put(f"/lamps/1?card={CARD}&X-Brightness=1")
    assert missing.json() == {"problem": "is missing; expected an integer", "where": "X-Brightness"}
    assert (await put(client, 0)).json()["where"] == "lamp-id"
    assert (await put(client, Cookie="colour=blue")).json()["where"] == "colour"


async def test_a_handler_chooses_its_status(client: httpx.AsyncClient) -> None:
    assert [(await put(client)).status_code for _ in range(2)] == [201, 200]


async def test_a_table_is_sent_as_csv(client: httpx.AsyncClient) -> None:
    await put(client)
    table = await client.get(f"/lamps?card={CARD}")
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text == "id,brightness\r\n1,70\r\n"


async def test_an_error_has_the_body_of_its_template_with_the_types_of_its_values(client: httpx.AsyncClient) -> None:
    unknown = await put(client, LAMPS + 1)
    assert (unknown.status_code, unknown.json()) == (404, {"problem": "No such lamp", "lamp": LAMPS + 1})
    assert (await client.get("/nothing")).json() == {"problem": "There is no /nothing"}
    assert (await client.delete(f"/lamps?card={CARD}")).json() == {"problem": "Use GET, HEAD"}


@pytest.mark.parametrize(
    ("query", "headers", "status"),
    [
        (f"?card={CARD}", {}, 200),
        ("", {"X-Visit": "yes", "Cookie": f"guest={CARD}"}, 200),
        ("?card=another", {"X-Visit": "yes", "Cookie": f"guest={CARD}"}, 200),
        ("", {}, 401),
        ("?card=another", {}, 403),
        ("", {"Cookie": f"guest={CARD}"}, 401),
        ("", {"X-Visit": "yes"}, 401),
        ("", {"X-Visit": "yes", "Cookie": "guest=another"}, 403),
        ("", {"Authorization": f"Bearer {CARD}"}, 401),
    ],
)
async def test_one_alternative_of_the_security_must_hold_as_a_whole(
    client: httpx.AsyncClient, query: str, headers: dict[str, str], status: int
) -> None:
    answer = await client.get(f"/lamps{query}", headers=headers)
    assert answer.status_code == status
    assert "www-authenticate" not in answer.headers


async def test_a_contract_without_plans_has_no_limit(client: httpx.AsyncClient) -> None:
    answers = [await client.get(f"/lamps?card={CARD}") for _ in range(150)]
    assert {answer.status_code for answer in answers} == {200}
    assert not any(name.startswith("ratelimit") for answer in answers for name in answer.headers)


async def test_faults_speak_the_language_of_the_contract(client: httpx.AsyncClient) -> None:
    rule = {"kind": "status", "cause": "no-lamp", "times": 1}
    control = {"Authorization": f"Bearer {CARD}"}
    assert (await client.post("/__mock/v1/faults", json=rule, headers=control)).status_code == 201
    answer = await client.get(f"/lamps?card={CARD}")
    assert answer.json() == {"problem": "No such lamp", "lamp": "(ordered by a fault)"}
    unknown = await client.post("/__mock/v1/faults", json={"kind": "status", "status": 429}, headers=control)
    assert unknown.status_code == 400


async def test_several_apis_are_served_on_one_address() -> None:
    contracts = [load_contract(), load_contract(DOCUMENT)]
    application = MockApplication(make_settings(contract=contracts, api_key=CARD), {**APIS, TOY.name: TOY})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1") as client:
        assert (await put(client)).status_code == 201
        traces = await client.get("/api/v1/traces", headers={"Authorization": f"Bearer {CARD}"})
        assert traces.status_code == 200
        assert "error" in (await client.get("/api/v1/nothing")).json()
        assert "problem" in (await client.get("/lamps/1/nothing")).json()
        journal = (await client.get("/__mock/v1/journal", headers={"Authorization": f"Bearer {CARD}"})).json()
        assert [entry["operation"] for entry in journal["entries"]] == ["switchLamp", "listTraces"]
        named = {"operations": ["listTraces"], "kind": "status", "status": 429}
        assert (await client.post("/__mock/v1/faults", json=named)).status_code == 201
        await client.post("/__mock/v1/faults", json={"kind": "status", "cause": "no-lamp"})
        assert (await put(client)).status_code == 404
        contract = (await client.get("/__mock/v1/contract?api=lamps")).json()
        assert contract["title"] == "Lamps"
    await application.close()
