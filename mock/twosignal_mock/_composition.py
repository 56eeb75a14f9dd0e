"""Composes one mock from its settings: store, catalogue, sandboxes, operations, control, and what serves them."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from twosignal_contract import Contract

from twosignal_mock._sample import Sampler
from twosignal_mock._settings import MockSettings, make_settings
from twosignal_mock.apis.rest import all_operations
from twosignal_mock.apis.rest.store import TABLES
from twosignal_mock.apis.rest.traces import trace_detail
from twosignal_mock.engine.api import Setting
from twosignal_mock.engine.control import ControlSetting, Metrics, create_control
from twosignal_mock.engine.http import AccessLog, Application, Parts, Receive, Scope, Send
from twosignal_mock.engine.sandbox import Sandboxes
from twosignal_mock.engine.store import Archive, FileStore, MemoryStore, ProjectRegistry, Store, Transaction

START_NAME = "start"
"""Name of the project that a mock begins with; its sandbox is seeded by it."""


@dataclass(frozen=True, slots=True)
class Mock:
    """One mock that runs."""

    settings: MockSettings
    application: Application
    store: Store
    catalogue: ProjectRegistry
    sandboxes: Sandboxes
    plan: str
    """Of the project that it begins with: an older state keeps the plan that it was made with."""
    log: AccessLog | None

    async def close(self) -> None:
        """Keep what is on its way, and let everything go."""
        await self.catalogue.close()
        await self.store.close()
        if self.log is not None:
            self.log.close()


async def open_mock(settings: MockSettings, log: AccessLog | None = None) -> Mock:
    """A mock that is ready to serve; raises StateError when the state file cannot be used."""
    contract = settings.contract
    store: Store = MemoryStore([TABLES]) if settings.state is None else FileStore(settings.state, [TABLES])
    prefix = settings.dialects.get("api-key-prefix", "")
    catalogue = await ProjectRegistry.open(store, plan=settings.plan, key_prefix=prefix)
    fresh = len(catalogue.projects()) == 1
    start = await _begin(catalogue, settings)
    # Ids of an older state must not be given again.
    salt = "" if fresh else secrets.token_hex(8)
    sandboxes = Sandboxes(
        contract,
        seed=settings.seed,
        clock=settings.clock,
        limits=settings.limits,
        journal_size=settings.journal_size,
        salt=salt,
    )
    # A stand-in for a secret: known to whoever knows the seed, so that tokens outlive a restart on the same state.
    secret = hashlib.sha256(f"twosignal-mock {settings.seed}".encode()).digest()
    setting = Setting(settings.dialects, secret, catalogue, settings.lag)
    metrics = Metrics(sandboxes)
    operations = all_operations(contract, setting)
    sampler = Sampler(operations, store, sandboxes, settings.seed)
    control = ControlSetting(
        contract=contract,
        sandboxes=sandboxes,
        catalogue=catalogue,
        archive=Archive(store, catalogue),
        store=store,
        metrics=metrics,
        start=start,
        plan=settings.plan,
        show_trace=partial(_show_trace, contract),
        fill=sampler.fill,
        token=settings.control_token,
    )
    application = Application(
        Parts(
            contract=contract,
            dialects=settings.dialects,
            store=store,
            catalogue=catalogue,
            sandboxes=sandboxes,
            operations=operations,
            control=create_control(control),
            observer=metrics,
            log=log,
            any_key_plan=settings.plan if settings.any_key else None,
            validate_answers=settings.validate_answers,
            cors=settings.cors,
        )
    )
    project = catalogue.project(start)
    plan = project.plan if project is not None else settings.plan
    if project is not None and settings.sample and fresh:
        await sampler.fill(project, settings.sample)
    return Mock(settings, application, store, catalogue, sandboxes, plan, log)


def _show_trace(contract: Contract, trace_id: str, transaction: Transaction) -> Mapping[str, Any] | None:
    return trace_detail(contract, transaction, trace_id)


async def _begin(catalogue: ProjectRegistry, settings: MockSettings) -> str:
    """The id of the project that the known key opens; made unless an older state has it."""
    known = catalogue.find_key(settings.api_key)
    if known is not None:
        return known.project.id
    user = catalogue.find_user(settings.email)
    if user is not None:
        await catalogue.add_key(user.project_id, settings.api_key)
        return user.project_id
    credentials = await catalogue.create_project(
        name=START_NAME,
        plan=settings.plan,
        api_key=settings.api_key,
        email=settings.email,
        password=settings.password,
    )
    return credentials.project.id


class MockApplication:
    """The whole mock as one ASGI application, for use without a socket; opened by its first request (or lifespan)."""

    def __init__(self, settings: MockSettings) -> None:
        self._settings = settings
        self._mock: Mock | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> Mock:
        """The mock behind it."""
        async with self._opening:
            if self._mock is None:
                self._mock = await open_mock(self._settings)
        return self._mock

    async def close(self) -> None:
        """Let its state go; a further request opens a new one."""
        if self._mock is not None:
            mock, self._mock = self._mock, None
            await mock.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request (or the lifespan)."""
        mock = self._mock or await self.open()
        await mock.application(scope, receive, send)
        if scope["type"] == "lifespan":
            await self.close()


def create_application(**options: object) -> MockApplication:
    """The mock as an ASGI application, with the options of `twosignal-mock serve` by name (`plan="pro"`).

    Usable at once, as by `httpx.ASGITransport(create_application())`. Raises SettingsError.
    """
    return MockApplication(make_settings(**options))
