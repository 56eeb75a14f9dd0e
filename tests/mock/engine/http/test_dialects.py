"""Dialects: each documented value has one owner, and those of the wire change exactly what they name."""

from __future__ import annotations

import re

import pytest
from twosignal_contract import Contract
from twosignal_mock.apis.rest import _dialects

from tests.mock.engine.http.conftest import AT, Build, batch

SPAN = {
    "traceId": "5b8efff798038103d269b633813fc60c",
    "spanId": "eee19b7ec3c1b174",
    "name": "x",
    "startTimeUnixNano": "1773482400000000000",
}
OTLP = {"resourceSpans": [{"scopeSpans": [{"spans": [SPAN]}]}]}


def test_every_documented_value_has_exactly_one_owner(contract: Contract) -> None:
    tables: dict[str, set[str]] = {
        "span-spelling": set(_dialects.SPELLINGS),
        "error-envelope": set(_dialects.ENVELOPES),
        "timestamps-out": set(_dialects.TIMESTAMPS),
        "rate-limit-reset": set(_dialects.RESETS),
        "rate-limit-headers": set(_dialects.REFUSED_HEADERS),
    }
    tables |= {name: set(table) for name, (_, table) in _dialects.BODIES.items()}
    by_contract = {*_dialects.STATUSES, *_dialects.CAUSE_CODES, *_dialects.CAUSE_STATUSES}
    owners = [*tables, *by_contract, *_dialects.MEANINGS, _dialects.KEY_PREFIX]
    assert sorted(owners) == sorted(contract.dialects)
    for name, values in tables.items():
        assert values == set(contract.dialects[name].values), name
    for name in (*_dialects.STATUSES, *_dialects.CAUSE_STATUSES):
        assert all(value.status is not None for value in contract.dialects[name].values.values()), name


async def test_error_envelope(build: Build) -> None:
    world = await build(dialect="error-envelope=data-null")
    body = (await world.client.get("/api/v1/nothing")).json()
    assert (list(body), body["data"]) == (["data", "error"], None)


async def test_rate_limit_code_headers_and_reset(build: Build, contract: Contract) -> None:
    frozen = "2026-01-31T12:00:00Z"
    second = 1769860800
    window = contract.rate_limit.window
    for reset, value in (("epoch-seconds", second + window), ("epoch-milliseconds", (second + window) * 1000)):
        world = await build(clock=frozen, dialect=f"rate-limit-reset={reset},rate-limit-code=RATE_LIMITED")
        while (answer := await world.client.get("/api/v1/traces")).status_code == 200:
            pass
        assert answer.headers["RateLimit-Reset"] == str(value)
        assert answer.json()["error"]["code"] == "RATE_LIMITED"
    world = await build(clock=frozen, dialect="rate-limit-headers=retry-after")
    while (answer := await world.client.get("/api/v1/traces")).status_code == 200:
        assert "RateLimit-Reset" in answer.headers
    assert "Retry-After" in answer.headers
    assert "RateLimit-Reset" not in answer.headers


async def test_batch_overflow_status(build: Build, contract: Contract) -> None:
    outline = contract.operation("ingestTraces")
    assert outline.payload_limit is not None
    assert outline.payload_limit.events is not None
    many = batch(*range(outline.payload_limit.events + 1))
    world = await build(dialect="batch-overflow-status=400")
    answer = await world.client.post("/api/v1/traces", json=many)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, contract.errors["invalid-value"].code)


@pytest.mark.parametrize(
    ("value", "form"), [("seconds", r"\d\dT\d\d:\d\d:\d\dZ$"), ("offset", r"\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00$")]
)
async def test_timestamps_out(build: Build, value: str, form: str) -> None:
    world = await build(dialect={"timestamps-out": value})
    await world.client.post("/api/v1/traces", json=batch(0))
    trace = (await world.client.get("/api/v1/traces")).json()["data"]["traces"][0]
    assert re.search(form, trace["startTime"])
    assert re.search(form, trace["createdAt"])
    assert trace["metadata"] == {"at": AT}, "what only looks like a timestamp stays"
    assert trace["endTime"] is None
    pushed = await world.client.post("/api/v1/prompt-templates", json={"name": "x", "content": "y"})
    assert re.search(form, pushed.json()["data"]["version"]["createdAt"])


@pytest.mark.parametrize(("value", "status"), [("200", 200), ("201", 201)])
async def test_otlp_status(build: Build, value: str, status: int) -> None:
    world = await build(dialect=f"otlp-status={value}")
    assert (await world.client.post("/api/v1/otel/traces", json=OTLP)).status_code == status


@pytest.mark.parametrize(("value", "status"), [("200", 200), ("201", 201)])
async def test_template_status(build: Build, value: str, status: int) -> None:
    world = await build(dialect=f"template-status={value}")
    answer = await world.client.post("/api/v1/prompt-templates", json={"name": "x", "content": "y"})
    assert answer.status_code == status


async def test_route_model_envelope(build: Build) -> None:
    bare, wrapped = await build(), await build(dialect="route-model-envelope=data")
    body = (await bare.client.post("/api/v1/route-model", json={"input": "x"})).json()
    assert (await wrapped.client.post("/api/v1/route-model", json={"input": "x"})).json() == {"data": body}


@pytest.mark.parametrize(
    ("value", "camel", "snake"), [("both", 201, 201), ("camel-case", 201, 400), ("snake-case", 400, 201)]
)
async def test_span_spelling(build: Build, value: str, camel: int, snake: int) -> None:
    world = await build(dialect=f"span-spelling={value}")
    for name, status in (("traceId", camel), ("trace_id", snake)):
        event = {"id": name, "type": "span-create", "timestamp": AT, "body": {name: "t", "name": "n", "type": "LLM"}}
        assert (await world.client.post("/api/v1/traces", json={"batch": [event]})).status_code == status
