"""Operations of resources over a real store, asked as the gate would ask; answers are held against the contract."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, cast

import jsonschema_rs
import orjson
import pytest
from twosignal_contract import Contract, load_contract
from twosignal_mock.apis.rest import handlers
from twosignal_mock.apis.rest.store import TABLES
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler, Project
from twosignal_mock.engine.store import MemoryStore, ProjectRegistry

NOON = 1_773_489_600_000
"""Milliseconds since 1970: 2026-03-14T12:00:00Z."""
EMAIL, PASSWORD = "dev@example.com", "development"
SECRET = b"a secret of at least 32 bytes, for tests"


@dataclass
class Desk:
    """One project of a server, and a clock that only moves when it is told to."""

    contract: Contract
    store: MemoryStore
    registry: ProjectRegistry
    project: Project
    operations: Mapping[str, Handler]
    now: int = NOON
    _ids: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)

    @classmethod
    async def open(cls, contract: Contract | None = None, **dialects: str) -> Desk:
        """A fresh server with one project; `dialects` with `_` for `-`."""
        contract = contract or the_contract()
        store = MemoryStore([TABLES])
        registry = await ProjectRegistry.open(store, plan=min(contract.plans))
        made = await registry.create_project(plan=min(contract.plans), email=EMAIL, password=PASSWORD)
        chosen = {name: dialect.canonical for name, dialect in contract.dialects.items()}
        chosen |= {name.replace("_", "-"): value for name, value in dialects.items()}
        setting = Dependencies(dialects=chosen, token_secret=SECRET, users=registry)
        operations = {operation.id: operation for operation in handlers(contract, setting)}
        return cls(contract, store, registry, made.project, operations)

    async def other_project(self) -> Desk:
        """The same server as a second project sees it."""
        made = await self.registry.create_project(plan=min(self.contract.plans))
        return replace(self, project=made.project)

    async def ask(self, operation_id: str, body: Any = None, *, token: str | None = None, **parameters: Any) -> Any:
        """The body of the success answer. The request and the answer must keep to the contract."""
        operation = self.operations[operation_id]
        if body is not None:
            validator(self.contract, operation_id, "request").validate(body)
        call = Call(operation_id, self.project, self.now, self.new_id, parameters, body, token)
        if operation.awaited:
            answer = await cast(Awaitable[object], operation.handle(call, None))
        else:
            answer = await self.store.write(
                self.project.number, lambda transaction: operation.handle(call, transaction)
            )
        # Some answers hold pieces that are encoded already.
        decoded = orjson.loads(orjson.dumps(answer))
        validator(self.contract, operation_id, "answer").validate(decoded)
        return decoded

    async def refused(self, operation_id: str, body: Any = None, **rest: Any) -> tuple[str, str]:
        """The cause and the message of the refusal."""
        with pytest.raises(ApiError) as caught:
            await self.ask(operation_id, body, **rest)
        row = self.contract.errors[caught.value.cause]
        return caught.value.cause, row.message.format(**caught.value.values)

    def located(self, operation_id: str, body: Any = None) -> str | None:
        """The project that a request without an API key belongs to."""
        locate = self.operations[operation_id].locate
        assert locate is not None
        return locate(body)

    def new_id(self) -> str:
        """A UUID, another one on each call."""
        return str(uuid.UUID(int=self._ids(), version=4))


@lru_cache(maxsize=1)
def the_contract() -> Contract:
    """The contract of this repository."""
    return load_contract()


def schema_of(contract: Contract, operation_id: str, side: str) -> Any:
    """The schema of a request's body, or of the success answer."""
    outline = contract.operation(operation_id)
    operation = outline.value
    if side == "answer":
        operation = next(row for status, row in operation["responses"].items() if status.startswith("2"))
    else:
        operation = operation["requestBody"]
    return operation["content"]["application/json"]["schema"]


def validator(contract: Contract, operation_id: str, side: str) -> jsonschema_rs.Draft202012Validator:
    """Holds a body against its schema in the document."""
    key = (id(contract), operation_id, side)
    if key not in _VALIDATORS:
        schema = {**schema_of(contract, operation_id, side), "components": contract.document["components"]}
        _VALIDATORS[key] = (contract, jsonschema_rs.Draft202012Validator(schema))
    return _VALIDATORS[key][1]


_VALIDATORS: dict[tuple[int, str, str], tuple[Contract, jsonschema_rs.Draft202012Validator]] = {}
"""With the contract, so that no other one can get its id."""
