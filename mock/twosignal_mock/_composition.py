"""Composes one mock of the engine and the APIs; the one module that knows both."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from twosignal_contract import ContractError

from twosignal_mock._settings import MockSettings, key_prefix, make_settings
from twosignal_mock.apis import APIS, installed_api
from twosignal_mock.engine.api import Api, Dependencies, KeyScheme, ServedApi
from twosignal_mock.engine.control import ControlParts, Metrics, Sampler, create_control
from twosignal_mock.engine.http import AccessLog, Application, ApplicationParts, Receive, Scope, Send
from twosignal_mock.engine.sandbox import Redaction, Sandboxes, Workers
from twosignal_mock.engine.store import Archive, FileStore, MemoryStore, Project, ProjectRegistry, Store, StoreError

START_NAME = "start"
"""Name of the project that a mock begins with; its sandbox is seeded by it."""


@dataclass(frozen=True, slots=True)
class Mock:
    """One mock that runs."""

    settings: MockSettings
    application: Application
    store: Store
    registry: ProjectRegistry
    sandboxes: Sandboxes
    plan: str
    """Of the project that it begins with: an older state keeps the plan that it was made with."""
    log: AccessLog | None
    workers: Workers

    async def close(self) -> None:
        """Closes the store and the log, once what is under way is stored."""
        await self.workers.close()
        uses = {digest: used for sandbox in self.sandboxes for digest, used in sandbox.uses().items()}
        if uses:
            with suppress(StoreError):  # what was answered is stored; when a key was used is told by the next use
                await self.registry.keep_uses(uses)
        await self.registry.close()
        await self.store.close()
        if self.log is not None:
            self.log.close()


async def open_mock(settings: MockSettings, log: AccessLog | None = None, *, apis: Mapping[str, Api] = APIS) -> Mock:
    """A mock that is ready to serve; raises StateError when the state file cannot be used, ContractError."""
    chosen = list(_choose(settings, apis))
    tables = [api.tables for api in chosen if api.tables is not None]
    store: Store = MemoryStore(tables) if settings.state is None else FileStore(settings.state, tables)
    registry = await ProjectRegistry.open(
        store,
        plan=settings.plan,
        key_prefix=key_prefix(chosen, settings.dialects),
        now=lambda: settings.clock.make().now() // 1000,
    )
    fresh = len(registry.projects()) == 1
    start = await _begin(registry, settings)
    sandboxes = Sandboxes(
        settings.contracts,
        seed=settings.seed,
        clock=settings.clock,
        limits=settings.limits,
        latency=settings.latency,
        journal_size=settings.journal_size,
        # Ids of an older state must not be given again.
        salt="" if fresh else secrets.token_hex(8),
        find_project=registry.project,
    )
    dependencies = _dependencies(settings, registry, sandboxes)
    served = _serve(settings, chosen, dependencies)
    workers = Workers([worker for each in served for worker in each.workers], registry, sandboxes, store)
    metrics = Metrics(sandboxes)
    redaction = Redaction(registry.is_key, _prefixes(served))
    if log is not None:
        log.redaction = redaction
    # Sample data is what the contract says, whatever the options: no lag and no dialect refuses any of it.
    canonical = {name: dialect.canonical for each in settings.contracts for name, dialect in each.dialects.items()}
    plain = replace(dependencies, dialects=canonical, lag=0)
    sampler = Sampler(_serve(settings, chosen, plain), store, sandboxes, settings.seed)
    control = ControlParts(
        apis=served,
        sandboxes=sandboxes,
        registry=registry,
        archive=Archive(store, registry),
        store=store,
        metrics=metrics,
        sampler=sampler,
        redaction=redaction,
        workers=workers,
        start=start,
        plan=settings.plan,
        token=settings.control_token,
    )
    application = Application(
        ApplicationParts(
            apis=served,
            store=store,
            registry=registry,
            sandboxes=sandboxes,
            control=create_control(control),
            observer=metrics,
            log=log,
            open_sandbox=_Opener(registry, sampler, settings) if settings.any_key else None,
            wake=workers.wake,
            validate_responses=settings.validate_answers,
            cors=settings.cors,
        )
    )
    project = registry.project(start)
    if project is not None and settings.sample and fresh:
        await sampler.fill(project, settings.sample)
    plan = settings.plan if project is None else project.plan
    workers.start()
    return Mock(settings, application, store, registry, sandboxes, plan, log, workers)


class _Opener:
    """Opens sandboxes for unknown keys, with sample data if wanted: nobody sees one half filled."""

    def __init__(self, registry: ProjectRegistry, sampler: Sampler, settings: MockSettings) -> None:
        self._registry = registry
        self._plan = settings.plan
        self._fill = partial(sampler.fill, count=settings.sample) if settings.sample else None
        self._one = asyncio.Lock()

    async def __call__(self, key: str) -> Project:
        """The project of a key."""
        async with self._one:
            if (known := self._registry.find_key(key)) is not None:
                return known.project  # another request with the same key came first
            # Named by the key, so that the same key meets the same seeded faults, ids and samples in every run.
            name = f"any-{hashlib.sha256(key.encode(errors='surrogatepass')).hexdigest()[:12]}"
            made = await self._registry.create_project(name=name, plan=self._plan, api_key=key, fill=self._fill)
        return made.project


def _prefixes(served: Iterable[ServedApi]) -> Iterator[str]:
    """What keys of the APIs begin with."""
    for each in served:
        for scheme in each.api.schemes(each.contract).values():
            if isinstance(scheme, KeyScheme):
                yield from scheme.prefixes


def _choose(settings: MockSettings, apis: Mapping[str, Api]) -> Iterator[Api]:
    """The API of each contract; raises ContractError for one that nobody serves."""
    for contract in settings.contracts:
        if (api := apis.get(contract.api.name) or installed_api(contract.api.name)) is None:
            found, known = f"the API {contract.api.name}, which nobody here serves", ", ".join(apis)
            raise ContractError([contract.problem("/x-api/name", found, f"one of {known}", "change the name")])
        yield api


def _dependencies(settings: MockSettings, registry: ProjectRegistry, sandboxes: Sandboxes) -> Dependencies:
    """What all handlers are built with."""

    def key_uses(project_id: str) -> Mapping[str, int]:
        sandbox = sandboxes.by_id(project_id)
        return {} if sandbox is None else sandbox.uses()

    # A stand-in for a secret: known to whoever knows the seed, so that tokens outlive a restart on the same state.
    secret = hashlib.sha256(f"twosignal-mock {settings.seed}".encode()).digest()
    return Dependencies(
        settings.dialects,
        secret,
        registry,
        registry.new_key,
        key_uses,
        settings.lag,
        settings.seed,
        settings.options,
    )


def _serve(settings: MockSettings, apis: list[Api], dependencies: Dependencies) -> tuple[ServedApi, ...]:
    """The APIs with their contracts."""
    return tuple(
        ServedApi(
            api,
            contract,
            {name: dependencies.dialects[name] for name in contract.dialects},
            {handler.id: handler for handler in api.handlers(contract, dependencies)},
            tuple(api.workers(contract, dependencies)),
        )
        for api, contract in zip(apis, settings.contracts, strict=True)
    )


async def _begin(registry: ProjectRegistry, settings: MockSettings) -> str:
    """The id of the project that the known key opens; made unless an older state has it."""
    known = registry.find_key(settings.api_key)
    if known is not None:
        return known.project.id
    user = registry.find_user(settings.email)
    if user is not None:
        await registry.add_key(user.project_id, settings.api_key)
        return user.project_id
    credentials = await registry.create_project(
        name=START_NAME,
        plan=settings.plan,
        api_key=settings.api_key,
        email=settings.email,
        password=settings.password,
    )
    return credentials.project.id


class MockApplication:
    """The whole mock as one ASGI application, for use without a socket; opened by its first request (or lifespan)."""

    def __init__(self, settings: MockSettings, apis: Mapping[str, Api] = APIS) -> None:
        self._settings = settings
        self._apis = apis
        self._mock: Mock | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> Mock:
        """The mock behind it."""
        async with self._opening:
            if self._mock is None:
                self._mock = await open_mock(self._settings, apis=self._apis)
        return self._mock

    async def close(self) -> None:
        """Close the mock with its state; a further request opens a new one."""
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
