"""Mocks in process, without a socket: an application with its sandboxes at hand, and a client that speaks to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from twosignal_contract import Contract, load_contract
from twosignal_mock._composition import Mock, MockApplication
from twosignal_mock._settings import make_settings
from twosignal_mock.apis.rest import REST
from twosignal_mock.engine.api import Api
from twosignal_mock.engine.sandbox import Entry, Sandbox
from twosignal_mock.engine.store import UNKEYED

AT = "2026-01-31T12:00:00.000Z"


@dataclass
class World:
    """One mock, and what a test does with it."""

    application: MockApplication
    mock: Mock
    client: httpx.AsyncClient
    """Sends the known key."""

    @property
    def sandbox(self) -> Sandbox:
        known = self.mock.registry.find_key(self.mock.settings.api_key)
        assert known is not None
        return self.mock.sandboxes.of(known.project)

    @property
    def unkeyed(self) -> Sandbox:
        project = self.mock.registry.project(UNKEYED)
        assert project is not None
        return self.mock.sandboxes.of(project)

    def last(self) -> Entry:
        """The last request in the journal."""
        return self.sandbox.journal.entries()[-1]


Build = Callable[..., Awaitable[World]]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture
async def build(contract: Contract) -> AsyncIterator[Build]:
    """Makes worlds; answers are checked against the contract in all of them."""
    async with AsyncExitStack() as stack:

        async def make(rest: Api = REST, **options: object) -> World:
            settings = make_settings(**({"contract": contract, "api": rest.name, "validate_answers": True} | options))
            application = MockApplication(settings, {rest.name: rest})
            mock = await application.open()
            stack.push_async_callback(application.close)
            client = await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(application),
                    base_url="http://mock",
                    headers={"Authorization": f"Bearer {mock.settings.api_key}"},
                )
            )
            return World(application, mock, client)

        yield make


@pytest.fixture
async def world(build: Build) -> World:
    return await build()


def trace_event(number: int | str = 0) -> dict[str, Any]:
    return {
        "id": f"event-{number}",
        "type": "trace-create",
        "timestamp": AT,
        "body": {"id": f"trace-{number}", "name": "n", "startTime": AT, "metadata": {"at": AT}},
    }


def batch(*numbers: int | str) -> dict[str, Any]:
    return {"batch": [trace_event(number) for number in numbers or (0,)]}
