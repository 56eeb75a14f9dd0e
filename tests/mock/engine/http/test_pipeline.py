"""The pipeline: who is let in, in which order a request is judged, and what every answer carries."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.store import UNKEYED

from tests.mock.engine.http.conftest import Build, World, batch

NO_KEY = {"Authorization": ""}


async def test_health_needs_no_key(world: World) -> None:
    answer = await world.client.get("/api/v1/health", headers=NO_KEY)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/v1/traces"])
async def test_head_is_get_without_a_body(world: World, path: str) -> None:
    got, headed = await world.client.get(path), await world.client.head(path)
    assert (headed.status_code, headed.content) == (got.status_code, b"")
    assert headed.headers["Content-Length"] == got.headers["Content-Length"]


@pytest.mark.parametrize(
    ("authorization", "message"),
    [
        (None, "Missing API key"),
        ("", "Missing API key"),
        ("Bearer", "Missing API key"),
        ("Bearer ", "Missing API key"),
        ("Basic dHM6eA==", "Missing API key"),
        ("ts_local_development", "Missing API key"),
        ("Bearer ts_never_issued", "Invalid API key"),
        ("Bearer \xff\xfe", "Invalid API key"),
        ("Bearer " + "x" * 20_000, "Invalid API key"),
    ],
)
async def test_who_has_no_key_is_refused(world: World, authorization: str | None, message: str) -> None:
    request = httpx.Request("GET", "http://mock/api/v1/traces")
    if authorization is not None:
        request.headers = httpx.Headers([(b"authorization", authorization.encode("latin-1"))])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.application)) as client:
        answer = await client.send(request)
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith(message)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "RateLimit-Limit" not in answer.headers
    assert world.unkeyed.journal.entries()[-1].attempt.status == 401


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_may_be_in_any_case(world: World, scheme: str) -> None:
    key = world.mock.settings.api_key
    answer = await world.client.get("/api/v1/traces", headers={"Authorization": f"{scheme} {key}"})
    assert answer.status_code == 200


async def test_a_revoked_key_is_refused(world: World) -> None:
    key = world.mock.settings.api_key
    await world.mock.registry.revoke_key(world.sandbox.project.id, key)
    answer = await world.client.get("/api/v1/traces")
    assert (answer.status_code, answer.json()["error"]["message"]) == (401, "This API key has been revoked")


async def test_checks_run_in_the_order_of_the_contract(build: Build, contract: Contract) -> None:
    """auth.key.before-body: each request breaks all later rules as well, and is refused for the first."""
    world = await build(clock="2026-01-31T12:00:00Z", validate_answers=False)
    outline = contract.operation("createScore")
    assert outline.payload_limit is not None
    large = b"\xff" * (outline.payload_limit.refused_above + 1)
    odd = {"Content-Type": "text/plain"}
    json_type = {"Content-Type": "application/json"}
    client, path = world.client, outline.path

    assert (await client.post("/api/v1/nothing", headers=NO_KEY | odd, content=large)).status_code == 404
    assert (await client.put(path, headers=NO_KEY | odd, content=large)).status_code == 405
    assert (await client.post(path, headers=NO_KEY | odd, content=large)).status_code == 401
    assert (await client.post(path, headers=odd, content=large)).status_code == 413
    assert (await client.post(path, headers=odd, content=b"\xff")).status_code == 415
    assert (await client.post(path, headers=json_type, content=b'{"value": 7')).status_code == 400
    schema = await client.post(path, headers=json_type, content=b'{"traceId": "x", "evaluatorName": "x", "value": 7}')
    assert (schema.status_code, schema.json()["error"]["message"][:6]) == (400, "value:")
    meaning = await client.post(path, json={"traceId": "x", "evaluatorName": "x", "value": 1})
    assert meaning.status_code == 404
    while (await client.get("/api/v1/traces")).status_code == 200:
        pass
    assert (await client.post(path, headers=odd, content=large)).status_code == 429


async def test_exactly_the_plans_number_pass_while_the_clock_stands(build: Build, contract: Contract) -> None:
    world = await build(clock="2026-01-31T12:00:00Z", plan="free")
    statuses = [
        (await world.client.get("/api/v1/traces?limit=1")).status_code for _ in range(contract.plans["free"] + 3)
    ]
    assert statuses == [200] * contract.plans["free"] + [429] * 3


async def test_a_429_says_how_long_to_wait_and_how_to_move_a_frozen_clock(build: Build, contract: Contract) -> None:
    world = await build(clock="2026-01-31T12:00:00Z")
    limit = contract.plans[world.mock.plan]
    while (answer := await world.client.get("/api/v1/traces")).status_code == 200:
        assert answer.headers["RateLimit-Limit"] == str(limit)
    names = contract.rate_limit.headers
    assert answer.headers[names.retry_after] == str(contract.rate_limit.window)
    assert answer.headers[names.limit] == str(limit)
    assert answer.headers[names.remaining] == "0"
    assert answer.headers[names.reset] == str(contract.rate_limit.window)
    assert answer.json()["error"] == {
        "code": contract.errors["rate-limit"].code,
        "message": "Rate limit exceeded. Retry after 1 second.",
    }
    assert "/__mock/v1/clock/advance" in answer.headers["X-Mock-Hint"]
    moved = await world.client.post("/__mock/v1/clock/advance", json={"seconds": contract.rate_limit.window})
    assert moved.status_code in (200, 403)  # the control API refuses whoever has no loopback address
    world.sandbox.clock.advance(contract.rate_limit.window * 1_000_000)
    assert (await world.client.get("/api/v1/traces")).status_code == 200


async def test_a_refused_request_has_no_effect_but_its_events_are_accounted(build: Build) -> None:
    world = await build(clock="2026-01-31T12:00:00Z")
    while (await world.client.get("/api/v1/traces")).status_code == 200:
        pass
    assert (await world.client.post("/api/v1/traces", json=batch(1))).status_code == 429
    entry = world.sandbox.ledger.get("event-1")
    assert entry is not None
    assert (entry.outcome, entry.cause) == ("refused", "rate-limit")
    world.sandbox.clock.advance(2_000_000)
    assert (await world.client.get("/api/v1/traces")).json()["data"]["traces"] == []


async def test_the_date_is_that_of_the_sandboxes_clock(build: Build) -> None:
    world = await build(clock="2026-01-31T12:00:00Z")
    answer = await world.client.get("/api/v1/traces")
    assert answer.headers["Date"] == "Sat, 31 Jan 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("method", "path", "json", "clauses"),
    [
        ("GET", "/api/v1/traces?limit=0", None, ["client.paging.limit", "client.request.valid"]),
        ("GET", "/api/v1/nothing", None, ["client.request.known-endpoint"]),
        ("POST", "/api/v1/traces", {}, ["client.request.valid"]),
        ("POST", "/api/v1/traces", batch(*range(1001)), ["client.batch.max-events"]),
        ("POST", "/api/v1/scores", {"traceId": "x", "evaluatorName": "x", "value": 1}, []),
    ],
)
async def test_a_refusal_names_the_clauses_behind_it_and_the_journal_those_that_were_broken(
    world: World, method: str, path: str, json: object, clauses: list[str]
) -> None:
    answer = await world.client.request(method, path, json=json)
    told = answer.headers["X-Mock-Clause"].split(", ")
    assert told[: len(clauses)] == clauses
    assert all(clause in world.mock.settings.contracts[0].clauses for clause in told)
    assert list(world.last().attempt.clauses) == clauses


async def test_the_other_spelling_is_understood_and_noted(world: World) -> None:
    event = batch(0)["batch"][0]
    event |= {"type": "span-create", "body": {"trace_id": "t", "name": "n", "type": "LLM"}}
    answer = await world.client.post("/api/v1/traces", json={"batch": [event]})
    assert answer.status_code == 201
    assert world.last().attempt.clauses == ("client.request.camel-case",)


HERE = {"Host": "localhost"}
ANY_KEYS = ["ts_copied_from_a_page", "sk-other", "k", "ts_" + "x" * 20_000, "two words", "a\tb", "'&$(;", "clé", "ключ"]
"""Whatever a header field can hold (RFC 9110 section 5.5)."""


@pytest.mark.parametrize("key", ANY_KEYS, ids=lambda key: ascii(key[:30]))
async def test_any_key_opens_a_sandbox(build: Build, key: str) -> None:
    world = await build(any_key=True)
    mine = {b"Authorization": b"Bearer " + key.encode()}
    assert (await world.client.post("/api/v1/traces", json=batch(7), headers=mine)).status_code == 201
    assert len((await world.client.get("/api/v1/traces", headers=mine)).json()["data"]["traces"]) == 1
    assert (await world.client.get("/api/v1/traces")).json()["data"]["traces"] == []
    for nothing in (b"Bearer", b"Bearer ", b"Basic " + key.encode()):
        assert (await world.client.get("/api/v1/traces", headers={b"Authorization": nothing})).status_code == 401


async def test_each_sandbox_that_a_key_opens_has_its_sample_data_from_the_first_response_on(build: Build) -> None:
    world = await build(any_key=True, sample=7)

    async def listed(key: str) -> list[str]:
        answer = await world.client.get("/api/v1/traces?limit=100", headers={"Authorization": f"Bearer {key}"})
        return [trace["name"] for trace in answer.json()["data"]["traces"]]

    many = await asyncio.gather(*(listed(key) for key in ("one", "two") * 5))
    assert [len(names) for names in many] == [7] * len(many)
    assert many[0] == many[2] != many[1]
    shown = (await world.client.get("/__mock/v1/sandboxes", headers=HERE)).json()["sandboxes"]
    assert sorted(key for sandbox in shown for key in sandbox["keys"]) == ["...ment", "...one", "...two"]


async def test_a_key_that_was_revoked_opens_nothing(build: Build) -> None:
    world = await build(any_key=True)
    mine = {"Authorization": "Bearer mine"}
    assert (await world.client.get("/api/v1/traces", headers=mine)).status_code == 200
    assert (await world.client.delete("/__mock/v1/keys/mine", headers=HERE)).status_code == 204
    assert (await world.client.get("/api/v1/traces", headers=mine)).status_code == 401


async def test_a_login_belongs_to_the_sandbox_of_its_user(world: World) -> None:
    settings = world.mock.settings
    body = {"email": settings.email, "password": settings.password}
    assert (await world.client.post("/api/v1/auth/login", json=body, headers=NO_KEY)).status_code == 200
    assert world.last().attempt.operation_id == "login"
    body = {"email": "nobody@example.com", "password": "x"}
    assert (await world.client.post("/api/v1/auth/login", json=body, headers=NO_KEY)).status_code == 401
    assert world.unkeyed.journal.entries()[-1].attempt.operation_id == "login"
    assert world.unkeyed.project.id == UNKEYED


async def test_a_logout_without_a_token_is_refused(world: World) -> None:
    answer = await world.client.post("/api/v1/auth/logout", headers=NO_KEY)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_the_journal_has_an_answer_end_before_it_is_sent(world: World) -> None:
    pause = 1.0

    async def slowly(scope: Any, receive: Any, send: Any) -> None:
        async def late(message: Any) -> None:
            await send(message)
            await asyncio.sleep(pause)

        await world.application(scope, receive, late)

    transport, key = httpx.ASGITransport(slowly), world.mock.settings.api_key
    async with httpx.AsyncClient(transport=transport, headers={"Authorization": f"Bearer {key}"}) as client:
        assert (await client.get("http://mock/api/v1/traces")).status_code == 200
    # A client may act on an answer before the server gets to note it: what it waits must not look shorter than it is.
    seconds = world.last().attempt.seconds
    assert seconds is not None
    assert seconds < pause
