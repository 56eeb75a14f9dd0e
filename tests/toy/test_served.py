"""The engine alone: a contract with its own security, places of parameters, statuses, media types and error bodies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from twosignal_mock import MockServer, create_application
from twosignal_mock._composition import MockApplication
from twosignal_mock._settings import make_settings
from twosignal_mock.engine.api import Deviations, KeyScheme

from tests.toy.installation import CARD, DOCUMENT
from tests.toy.lamps.api import LAMPS, schemes

pytestmark = pytest.mark.xdist_group("toy")

UNKNOWN = 4
"""The first lamp that the house does not have."""


@pytest.fixture(autouse=True)
def known(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is on the path of this process and of those that it starts."""
    monkeypatch.syspath_prepend(installed)
    monkeypatch.setenv("PYTHONPATH", str(installed))


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    application = create_application(contract=DOCUMENT, api="lamps", api_key=CARD, validate_answers=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1") as client:
        yield client
    await application.close()


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


async def test_a_handler_adds_headers_and_none_that_it_did_not_mean(client: httpx.AsyncClient) -> None:
    table = await client.get(f"/lamps?card={CARD}")
    assert table.headers["content-disposition"] == r'attachment; filename="lamps \xe9\r\n.csv"'


async def test_an_error_has_the_body_of_its_template_with_the_types_of_its_values(client: httpx.AsyncClient) -> None:
    unknown = await put(client, UNKNOWN)
    assert (unknown.status_code, unknown.json()) == (404, {"problem": "No such lamp", "lamp": UNKNOWN})
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
    assert "x-mock-hint" not in answer.headers, "a credential in the query is a parameter that is known"
    unknown = await client.post("/__mock/v1/faults", json={"kind": "status", "cause": "rate-limit"}, headers=control)
    assert unknown.status_code == 400
    # A gateway before the API may give any status; it knows nothing of the contract.
    gateway = await client.post("/__mock/v1/faults", json={"kind": "status", "status": 504}, headers=control)
    assert gateway.status_code == 201
    assert (await client.get(f"/lamps?card={CARD}")).headers["content-type"].startswith("text/html")


async def test_a_sample_may_write_what_no_operation_writes() -> None:
    application = create_application(contract=DOCUMENT, api="lamps", api_key=CARD, sample=2)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1") as client:
        assert (await client.get(f"/lamps?card={CARD}")).text == "id,brightness\r\n1,50\r\n2,50\r\n"
    await application.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", f"/lamps?card={CARD}", {}, 200),
        ("GET", f"/lamps?card={CARD}", {"X-Visit": "yes", "Cookie": f"guest={CARD}"}, 200),
        ("GET", "/lamps?card=another", {"X-Visit": "yes", "Cookie": f"guest={CARD}"}, 403),
        ("GET", "/lamps", {"X-Visit": "yes", "Cookie": f"guest={CARD}"}, 200),
        ("PUT", f"/lamps/1?card={CARD}", {"X-Visit": "yes"}, 401),
    ],
)
async def test_a_key_may_decide_alone_and_a_dialect_may_refuse_its_place(
    method: str, path: str, headers: dict[str, str], status: int
) -> None:
    """The card decides wherever it is sent, and switching a lamp does not take it at all."""
    key = KeyScheme(missing="no-card", unknown="bad-card", revoked="bad-card")
    deciding = replace(
        LAMPS,
        schemes=lambda contract: {**schemes(contract), "card": replace(key, decides=True)},
        deviations=lambda _contract, _dialects: Deviations(refused_schemes={"switchLamp": frozenset({"card"})}),
    )
    settings = make_settings(contract=DOCUMENT, api="lamps", api_key=CARD)
    application = MockApplication(settings, {"lamps": deciding})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1") as client:
        sent = await client.request(method, path, headers={"X-Brightness": "70"} | headers)
        assert sent.status_code == status
    await application.close()


async def test_several_apis_are_served_on_one_address() -> None:
    application = create_application(contract=DOCUMENT, api_key=CARD)
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


async def brightness(client: httpx.AsyncClient) -> str:
    return (await client.get(f"/lamps?card={CARD}")).text.split()[1].split(",")[1]


EVENING = "2099-12-31T23:59:59Z"


@pytest.mark.parametrize("clock", [EVENING, f"from:{EVENING}"])
async def test_a_worker_has_its_turn_when_the_clock_of_the_sandbox_says_so(clock: str) -> None:
    application = create_application(contract=DOCUMENT, api="lamps", api_key=CARD, clock=clock)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1") as client:
        await put(client, **{"X-Brightness": "100"})
        assert await brightness(client) == "100"
        if clock == EVENING:
            assert (await client.get("/__mock/v1/work?wait=5")).json() == {"idle": True}
            assert await brightness(client) == "100"
            await client.post("/__mock/v1/clock/advance", json={"seconds": 1})
        else:
            assert (await client.get("/__mock/v1/work")).json() == {"idle": False}
        assert (await client.get("/__mock/v1/work?wait=5")).json() == {"idle": True}
        assert await brightness(client) == "50"
    await application.close()


async def test_a_worker_that_fails_is_reported_and_has_its_turn_again(capfd: pytest.CaptureFixture[str]) -> None:
    application = create_application(contract=DOCUMENT, api="lamps", api_key=CARD, clock="2100-01-01T00:00:00Z")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://127.0.0.1") as client:
        await put(client, **{"X-Brightness": "13"})
        assert (await client.get("/__mock/v1/work?wait=0")).json() == {"idle": False}
        await asyncio.sleep(0.2)
        assert "the worker dimmer failed" in capfd.readouterr().err
        assert (await put(client, **{"X-Brightness": "100"})).status_code == 200
        assert (await client.get("/__mock/v1/work?wait=5")).json() == {"idle": True}
        assert await brightness(client) == "50"
    await application.close()


def test_what_the_api_keeps_outlives_the_process(tmp_path: Path) -> None:
    for status in (201, 200):
        with MockServer(contract=DOCUMENT, api="lamps", api_key=CARD, state=tmp_path / "house.db") as server:
            headers = {"X-Brightness": "70"}
            response = httpx.put(f"{server.url}/lamps/1?card={CARD}", headers=headers, trust_env=False)
            assert response.status_code == status
            state = server.control.export_state()
            lamp = {"id": 1, "brightness": 70, "colour": "white"}
            assert state["apis"]["lamps"]["records"] == {"lamps": [lamp]}
            server.control.reset()
            server.control.import_state(state)
            assert server.control.export_state() == state
