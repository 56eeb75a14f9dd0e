"""A control API over a real store, and a client that checks every answer against the API's own document."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from twosignal_contract import Contract, load_contract
from twosignal_mock.apis.rest.store import TABLES
from twosignal_mock.apis.rest.traces import trace_detail
from twosignal_mock.engine.api import Project
from twosignal_mock.engine.control import ControlSetting, Metrics, create_control
from twosignal_mock.engine.sandbox import Sandboxes, parse_clock
from twosignal_mock.engine.store import Archive, MemoryStore, ProjectRegistry, Transaction

from tests.mock.engine.control.world import NOON, Call, Judge, World

LOOPBACK = ("127.0.0.1", 4242)
HERE = "http://127.0.0.1:3000"


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="session")
def document(repository: Path) -> dict[str, Any]:
    """The OpenAPI document of the control API."""
    text = (repository / "mock/twosignal_mock/engine/control/openapi.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return read


@pytest.fixture
async def world(contract: Contract) -> AsyncIterator[World]:
    plan = min(contract.plans, key=lambda name: contract.plans[name])
    store = MemoryStore([TABLES])
    catalogue = await ProjectRegistry.open(store, plan=plan, key_prefix=contract.dialects["api-key-prefix"].canonical)
    start = await catalogue.create_project(plan=plan, name="start")
    sandboxes = Sandboxes(contract, clock=parse_clock(NOON))
    filled: list[tuple[Project, int]] = []

    async def fill(project: Project, count: int) -> None:
        filled.append((project, count))

    def show_trace(trace: str, transaction: Transaction) -> Mapping[str, Any] | None:
        return trace_detail(contract, transaction, trace)

    setting = ControlSetting(
        contract=contract,
        sandboxes=sandboxes,
        catalogue=catalogue,
        archive=Archive(store, catalogue),
        store=store,
        metrics=Metrics(sandboxes),
        start=start.project.id,
        plan=plan,
        show_trace=show_trace,
        fill=fill,
    )
    yield World(setting, start, filled)
    await catalogue.close()
    await store.close()


@pytest.fixture
def caller(world: World, judge: Judge) -> Callable[..., Call]:
    """Makes a way to call: with a control token, from another address."""

    def make(*, token: str | None = None, client: tuple[str, int] = LOOPBACK, base: str = HERE) -> Call:
        application = create_control(replace(world.setting, token=token))

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
