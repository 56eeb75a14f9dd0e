"""A control API over a real store, and a client that checks every answer against the API's own document."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from twosignal_contract import Contract, load_contract
from twosignal_mock.apis.rest import REST
from twosignal_mock.apis.rest.store import TABLES
from twosignal_mock.engine.api import Dependencies, ServedApi
from twosignal_mock.engine.control import ControlParts, Document, Metrics, Sampler, create_control
from twosignal_mock.engine.sandbox import Redaction, Sandboxes, Workers, parse_clock
from twosignal_mock.engine.store import Archive, MemoryStore, ProjectRegistry

from tests.mock.engine.control.world import NOON, Call, Judge, World

LOOPBACK = ("127.0.0.1", 4242)
HERE = "http://127.0.0.1:3000"


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The OpenAPI document of the control API, with what the REST API adds to it."""
    assert REST.control is not None
    return Document([REST.control.document]).value


@pytest.fixture
async def world(contract: Contract) -> AsyncIterator[World]:
    plan = min(contract.plans, key=lambda name: contract.plans[name])
    store = MemoryStore([TABLES])
    registry = await ProjectRegistry.open(store, plan=plan, key_prefix=contract.dialects["api-key-prefix"].canonical)
    start = await registry.create_project(plan=plan, name="start")
    sandboxes = Sandboxes([contract], clock=parse_clock(NOON))
    dialects = {name: dialect.canonical for name, dialect in contract.dialects.items()}
    handlers = {each.id: each for each in REST.handlers(contract, Dependencies(dialects, b"secret", registry))}
    apis = (ServedApi(REST, contract, dialects, handlers),)
    parts = ControlParts(
        apis=apis,
        sandboxes=sandboxes,
        registry=registry,
        archive=Archive(store, registry),
        store=store,
        metrics=Metrics(sandboxes),
        sampler=Sampler(apis, store, sandboxes, 0),
        redaction=Redaction(registry.is_key),
        workers=Workers((), registry, sandboxes, store),
        start=start.project.id,
        plan=plan,
    )
    yield World(parts, start)
    await registry.close()
    await store.close()


@pytest.fixture
def caller(world: World, judge: Judge) -> Callable[..., Call]:
    """Makes a way to call: with a control token, from another address."""

    def make(*, token: str | None = None, client: tuple[str, int] = LOOPBACK, base: str = HERE) -> Call:
        application = create_control(replace(world.parts, token=token))

        async def call(method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
            transport = httpx.ASGITransport(application, client=client)
            async with httpx.AsyncClient(transport=transport, base_url=base) as connection:
                more |= {} if body is None else {"json": body}
                answer = await connection.request(method, f"/__mock{path}", **more)
            judge.check(method, answer)
            return answer

        return call

    return make


@pytest.fixture
def call(caller: Callable[..., Call]) -> Call:
    """Calls as somebody on the same machine."""
    return caller()


@pytest.fixture(scope="session")
def judge(document: dict[str, Any]) -> Judge:
    return Judge(document)
