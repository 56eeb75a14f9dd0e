"""Faults and Prefer: what the client meets, what is stored, what the records say."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.sandbox import Outcome

from tests.mock.engine.http.conftest import Build, World, batch


async def listed(world: World) -> int:
    return len((await world.client.get("/api/v1/traces")).json()["data"]["traces"])


async def ingest(world: World) -> httpx.Response | None:
    """The answer; None when the connection was cut."""
    try:
        return await world.client.post("/api/v1/traces", json=batch(1))
    except ConnectionResetError:
        return None


@pytest.mark.parametrize(
    ("fault", "status", "stored", "outcome"),
    [
        ({"kind": "status", "status": 503}, 503, 0, Outcome.REFUSED),
        ({"kind": "reset"}, None, 0, Outcome.RESPONSE_LOST),
        ({"kind": "truncate"}, None, 0, Outcome.RESPONSE_LOST),
        ({"kind": "garbage"}, 201, 0, Outcome.RESPONSE_LOST),
        ({"kind": "delay", "delay": "1ms"}, 201, 1, Outcome.STORED),
        ({"kind": "status", "status": 500, "phase": "after-commit"}, 500, 1, Outcome.RESPONSE_LOST),
        ({"kind": "reset", "phase": "after-commit"}, None, 1, Outcome.RESPONSE_LOST),
        ({"kind": "truncate", "phase": "after-commit"}, None, 1, Outcome.RESPONSE_LOST),
        ({"kind": "garbage", "phase": "after-commit", "body": "<html>"}, 201, 1, Outcome.RESPONSE_LOST),
        ({"kind": "delay", "delay": "1ms", "phase": "after-commit"}, 201, 1, Outcome.STORED),
    ],
)
async def test_a_fault_strikes_in_its_phase(
    world: World, fault: dict[str, Any], status: int | None, stored: int, outcome: Outcome
) -> None:
    rule = world.sandbox.faults.add(fault | {"times": 1, "operations": ["ingestTraces"]})
    answer = await ingest(world)
    assert (None if answer is None else answer.status_code) == status
    if answer is not None:
        assert answer.headers["X-Mock-Fault"] == rule.id
    if fault["kind"] == "garbage":
        assert answer is not None
        with pytest.raises(json.JSONDecodeError):
            answer.json()
    attempt = world.last().attempt
    assert (attempt.fault, attempt.status, attempt.attempt_keys) == (rule.id, status, ("event-1",))
    entry = world.sandbox.ledger.get("event-1")
    assert entry is not None
    assert (entry.outcome, entry.kept) == (outcome, stored)
    assert await listed(world) == stored
    again = await ingest(world)
    assert again is not None
    assert again.status_code == 201
    assert await listed(world) == 1


async def test_an_ordered_429_tells_what_it_was_told_to_tell(world: World, contract: Contract) -> None:
    names = contract.rate_limit.headers
    world.sandbox.faults.add({"kind": "status", "status": 429, "retry_after": 7, "times": 1})
    world.sandbox.faults.add({"kind": "status", "status": 429, "times": 1})
    first, second = await world.client.get("/api/v1/traces"), await world.client.get("/api/v1/traces")
    assert (first.headers[names.retry_after], first.headers[names.reset]) == ("7", "7")
    assert names.retry_after not in second.headers
    assert second.headers[names.remaining] == "0"


async def test_an_ordered_status_may_come_as_the_page_of_a_proxy(world: World) -> None:
    page = "<html><body>Bad Gateway</body></html>"
    world.sandbox.faults.add({"kind": "status", "status": 502, "body": page, "times": 1})
    answer = await world.client.get("/api/v1/traces")
    assert (answer.status_code, answer.text) == (502, page)
    assert answer.headers["Content-Type"].startswith("text/html")


async def test_faults_belong_to_a_sandbox_and_spare_the_control_api(world: World) -> None:
    world.sandbox.faults.add({"kind": "status", "status": 500})
    assert (await world.client.get("/api/v1/traces")).status_code == 500
    other = await world.mock.registry.create_project(plan=world.mock.plan)
    headers = {"Authorization": f"Bearer {other.api_key}"}
    assert (await world.client.get("/api/v1/traces", headers=headers)).status_code == 200
    assert (await world.client.get("/__mock/v1/health")).status_code == 200


async def test_a_refused_login_can_be_met_by_a_fault_of_its_sandbox(world: World) -> None:
    world.sandbox.faults.add({"kind": "status", "status": 503, "operations": ["login"]})
    settings = world.mock.settings
    body = {"email": settings.email, "password": settings.password}
    assert (await world.client.post("/api/v1/auth/login", json=body, headers={"Authorization": ""})).status_code == 503


@pytest.mark.parametrize("code", [400, 401, 404, 413, 429, 500, 503])
async def test_prefer_code_gives_that_answer_and_stores_nothing(world: World, contract: Contract, code: int) -> None:
    answer = await world.client.post("/api/v1/traces", json=batch(1), headers={"Prefer": f"code={code}"})
    assert answer.status_code == code
    assert answer.headers["Preference-Applied"] == f"code={code}"
    codes = {kind.code for kind in contract.errors.values() if kind.status == code}
    assert answer.json()["error"]["code"] in codes
    if code in contract.retry.wait_statuses:
        assert int(answer.headers[contract.rate_limit.headers.retry_after]) >= 1
    assert await listed(world) == 0


@pytest.mark.parametrize("body", [None, "", "<html>", '{"odd": true}', "\x00\u20ac"], ids=repr)
async def test_a_fault_orders_any_status_with_any_body(world: World, body: str | None) -> None:
    """Also one that no contract has: 504 of a gateway is the commonest of all."""
    order: dict[str, Any] = {"kind": "status", "operations": ["ingestTraces"], "times": 1}
    order |= {} if body is None else {"body": body, "content_type": "application/problem+json"}
    documented = {error.status for error in world.mock.settings.contracts[0].errors.values()}
    for number, status in enumerate(range(100, 600)):
        rule = world.sandbox.faults.add(order | {"status": status})
        answer = await world.client.post("/api/v1/traces", json=batch(number))
        assert (answer.status_code, answer.headers["X-Mock-Fault"]) == (status, rule.id)
        if status < 200 or status in (204, 304):
            assert (answer.content, "Content-Length" in answer.headers) == (b"", False)
        elif body is not None:
            assert answer.text == body
            assert answer.headers.get("Content-Type") == ("application/problem+json" if body else None)
        else:
            assert ("error" in answer.json()) if status in documented else (str(status) in answer.text or status < 400)
        entry = world.sandbox.ledger.get(f"event-{number}")
        assert entry is not None
        assert (entry.outcome, entry.kept) == (Outcome.REFUSED if status >= 400 else Outcome.RESPONSE_LOST, 0)
        assert world.last().attempt.status == status


WISHES = [
    "code=201",
    "code=99",
    "code=600",
    "code=abc",
    "code=\u0662\u0660\u0661",
    "respond-async",
    "return=minimal",
    "delay=-1",
    "delay=61s",
    "delay=1m",
    "delay=1..2ms",
    'wait="1, 2; 3"',
    "handling=strict; x=y",
]


@pytest.mark.parametrize("wish", WISHES)
async def test_what_is_not_honoured_is_told(world: World, wish: str) -> None:
    answer = await world.client.post("/api/v1/traces", json=batch(1), headers={b"Prefer": wish.encode()})
    assert answer.status_code == 201
    assert "Preference-Applied" not in answer.headers
    hint = answer.headers["X-Mock-Hint"]
    assert hint.startswith("Prefer: not honoured: ")
    assert all(part in hint for part in re.findall("[a-z-]+", wish))
    assert hint.isascii()


async def test_what_is_honoured_and_what_is_not_are_told_apart(world: World) -> None:
    wish = "respond-async, code=504; code=503, delay=1"
    answer = await world.client.get("/api/v1/health", headers={"Prefer": wish})
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (504, "code=504, delay=1ms")
    assert "not honoured: respond-async, code=503;" in answer.headers["X-Mock-Hint"]


@pytest.mark.parametrize("path", ["/api/v1/traces", "/api/v1/no-such-path"])
async def test_a_wish_that_nobody_looked_at_is_told(world: World, path: str) -> None:
    answer = await world.client.get(path, headers={"Prefer": "code=503", "Authorization": "Bearer ts_unknown_key"})
    assert answer.status_code in (401, 404)
    assert answer.headers["X-Mock-Hint"].startswith("Prefer was not looked at")


async def test_latency_delays_every_response_and_what_is_ordered_beside_it(build: Build) -> None:
    world = await build(latency="20..30ms")
    faults = world.sandbox.faults
    plain = [faults.decide("listTraces", ordinal) for ordinal in range(1, 50)]
    assert all(fault is not None and 0.02 <= fault.delay <= 0.03 for fault in plain)
    assert len(set(plain)) > 40
    answer = await world.client.get("/api/v1/traces")
    assert (answer.status_code, answer.headers["X-Mock-Fault"]) == (200, "latency")
    assert answer.elapsed.total_seconds() >= 0.02
    for refused in ("/api/v1/traces?limit=0", "/api/v1/nowhere"):
        assert (await world.client.get(refused)).elapsed.total_seconds() >= 0.02
    unkeyed = await world.client.get("/api/v1/traces", headers={"Authorization": "Bearer ts_nobodys"})
    assert (unkeyed.status_code, unkeyed.elapsed.total_seconds() >= 0.02) == (401, True)
    late = await world.client.get("/api/v1/traces", headers={"Prefer": "delay=50ms"})
    assert (late.headers["Preference-Applied"], late.elapsed.total_seconds() >= 0.07) == ("delay=50ms", True)
    rule = faults.add({"kind": "status", "status": 500, "delay": "40ms", "times": 1})
    failed = await world.client.get("/api/v1/traces")
    assert (failed.headers["X-Mock-Fault"], failed.elapsed.total_seconds() >= 0.06) == (rule.id, True)


@pytest.mark.parametrize("wish", ["", " ", ",", " , ;"])
async def test_an_empty_wish_is_none(world: World, wish: str) -> None:
    answer = await world.client.get("/api/v1/health", headers={"Prefer": wish})
    assert (answer.status_code, "X-Mock-Hint" in answer.headers) == (200, False)


@pytest.mark.parametrize("wish", ["30ms", "0.03s", '"30ms"', "30"])
async def test_prefer_delay_gives_the_right_answer_later(world: World, wish: str) -> None:
    answer = await world.client.get("/api/v1/health", headers={"Prefer": f"wait=9, delay={wish}"})
    assert (answer.status_code, answer.headers["Preference-Applied"]) == (200, "delay=30ms")
    assert answer.elapsed.total_seconds() >= 0.03


async def test_truncated_answers_hold_as_much_as_was_ordered(build: Build) -> None:
    world = await build()
    world.sandbox.faults.add({"kind": "truncate", "phase": "after-commit", "keep": 3})
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    stopped: list[bool] = []
    key = world.mock.settings.api_key
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/traces",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {key}".encode())],
        "extensions": {"mock.cycle": SimpleNamespace(stop=lambda: stopped.append(True))},
    }
    await world.application(scope, receive, send)
    assert [message.get("body") for message in sent] == [None, b'{"d']
    assert int(dict(sent[0]["headers"])[b"content-length"]) > 3
    assert stopped == [True]


async def test_a_fault_after_the_commit_does_not_strike_what_was_refused(world: World) -> None:
    world.sandbox.faults.add({"kind": "reset", "phase": "after-commit"})
    event = batch(1)["batch"][0] | {"timestamp": "soon"}
    answer = await world.client.post("/api/v1/traces", json={"batch": [event]})
    assert (answer.status_code, "X-Mock-Fault" in answer.headers) == (400, False)
    entry = world.sandbox.ledger.get("event-1")
    assert entry is not None
    assert (entry.outcome, entry.status) == (Outcome.REFUSED, 400)
