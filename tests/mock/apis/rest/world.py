"""A project in a store of its own, and its operations without a server: what the tests of resources act on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Mapping
from typing import Any

import orjson
from twosignal_contract import Contract, load_contract
from twosignal_mock.apis.rest import handlers, traces
from twosignal_mock.apis.rest.store import TABLES
from twosignal_mock.engine.api import Call, Dependencies, Project
from twosignal_mock.engine.store import MemoryStore, Transaction, User

CONTRACT = load_contract()
NOW = 1_773_482_402_600
"""2026-03-14T10:00:02.600Z in milliseconds."""


class Nobody:
    """A directory without users."""

    def find_user(self, email: str) -> User | None:
        del email
        return None

    def find_user_by_id(self, user_id: str) -> User | None:
        del user_id
        return None

    def users_of(self, project_id: str) -> tuple[User, ...]:
        del project_id
        return ()

    def sign_in(self, email: str, password: str) -> User | None:
        del email, password
        return None


class World:
    """Operations of health, traces, OTLP and scores on a store in memory, with a clock that stands still."""

    def __init__(self, *, lag: int = 0, contract: Contract = CONTRACT, **dialects: str) -> None:
        chosen = {name: dialect.canonical for name, dialect in contract.dialects.items()} | dialects
        setting = Dependencies(dialects=chosen, token_secret=b"secret", users=Nobody(), lag=lag)
        self.operations = {handler.id: handler for handler in handlers(contract, setting)}
        self.store = MemoryStore([TABLES])
        self.now = NOW
        self.contract = contract
        self.project = Project(1, "project-1", "project", "pro")
        self._ids = itertools.count(1)

    def call(self, operation_id: str, body: Any = None, *, project: int = 1, **parameters: Any) -> Any:
        """The body of the answer, as JSON; raises ApiError."""
        call = Call(operation_id, Project(project, "p", "p", "pro"), self.now, self._new_id, parameters, body)
        operation = self.operations[operation_id]
        if operation.writes:
            answer = asyncio.run(self.store.write(project, lambda transaction: operation.handle(call, transaction)))
        else:
            answer = asyncio.run(self.store.read(project, lambda reader: operation.handle(call, reader)))
        return orjson.loads(orjson.dumps(answer))

    def ingest(self, *events: Mapping[str, Any], project: int = 1) -> Any:
        """POST /traces."""
        return self.call("ingestTraces", {"batch": list(events)}, project=project)

    def page(self, *, project: int = 1, limit: int = 100, **parameters: Any) -> Any:
        """The `data` of GET /traces."""
        return self.call("listTraces", project=project, limit=limit, **parameters)["data"]

    def listed(self, **parameters: Any) -> list[dict[str, Any]]:
        """The traces of GET /traces."""
        found: list[dict[str, Any]] = self.page(**parameters)["traces"]
        return found

    def ids(self, **parameters: Any) -> list[str]:
        """The ids of GET /traces."""
        return [trace["id"] for trace in self.listed(**parameters)]

    def detail(self, trace_id: str) -> Any:
        """A trace with all that is known of it."""

        def work(transaction: Transaction) -> Any:
            return traces.trace_detail(self.contract, transaction, trace_id)

        return asyncio.run(self.store.read(1, work))

    def _new_id(self) -> str:
        return f"id-{next(self._ids)}"


_events = itertools.count(1)


def trace(trace_id: str = "t", name: str = "agent", at: str = "2026-03-14T10:00:00Z", **fields: Any) -> dict[str, Any]:
    """A trace-create event with an id of its own, unless `event` gives one."""
    event_id = fields.pop("event", None) or f"trace-event-{next(_events)}"
    body = {"id": trace_id, "name": name, **fields}
    return {"id": event_id, "type": "trace-create", "timestamp": at, "body": body}


def span(span_id: str | None = "s", of: str = "t", at: str = "2026-03-14T10:00:00Z", **fields: Any) -> dict[str, Any]:
    """A span-create event with an id of its own, unless `event` gives one."""
    event_id = fields.pop("event", None) or f"span-event-{next(_events)}"
    body = {"traceId": of, "name": "step", "type": "CUSTOM", **fields}
    if span_id is not None:
        body["id"] = span_id
    return {"id": event_id, "type": "span-create", "timestamp": at, "body": body}
