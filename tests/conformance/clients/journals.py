"""Journals of the mock, written by hand: what a client might have done, and what the rules make of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from twosignal_conformance.apis.rest.clients import CLIENTS
from twosignal_conformance.clients import Attempt, Case, Link, RuleResult, Scenario, Schemas, Setup, chains
from twosignal_contract import load_contract

Json = Any

CONTRACT = load_contract()
SCHEMAS = Schemas(CONTRACT)
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOOK = 0.01
"""Seconds that every response takes."""


def entry(at: float, operation: str | None, status: int | None, **more: Json) -> Json:
    """A journal entry of a request `at` seconds after noon.

    `body`, `query`, `headers`, `response` and `response_headers` are taken as given; `fields` changes the entry itself.
    """
    row = None if operation is None else CONTRACT.operation(operation)
    body = more.get("body")
    size = len(json.dumps(body)) if body is not None else 0
    headers = {"authorization": "Bearer [redacted]abcd"} | ({"content-type": "application/json"} if size else {})
    return {
        "sequence": round(at * 1000) + 1,
        "at": (NOON + timedelta(seconds=at)).isoformat(),
        "started": 1000.0 + at,
        "milliseconds": TOOK * 1000,
        "operation": operation,
        "method": "GET" if row is None else row.method,
        "path": "/nowhere" if row is None else row.path,
        "query": urlencode(more.get("query", {})),
        "request": _message(headers | more.get("headers", {}), body, size),
        "status": status,
        "response": _message(more.get("response_headers", {}), more.get("response"), 0),
        "cause": None,
        "fault": None,
        "key_in": [],
        "attempt_keys": [event["id"] for event in body["batch"]] if body and "batch" in body else [],
    } | more.get("fields", {})


def batch(*names: str, suffix: str = "", **more: Json) -> Json:
    """A batch with a trace of each name; its ids end in `suffix`."""
    return {"batch": [trace_event(name, suffix, **more) for name in names]}


def trace_event(name: str, suffix: str = "", **more: Json) -> Json:
    """The event of a trace."""
    body = {"id": f"trace-{name}{suffix}", "name": name, **more}
    return {"id": f"event-{name}{suffix}", "type": "trace-create", "timestamp": NOON.isoformat(), "body": body}


def span_event(name: str, **body: Json) -> Json:
    """The event of a span of the trace `a`."""
    fields = {"id": f"span-{name}", "traceId": "trace-a", "name": name, "type": CONTRACT.enum("SpanType")[0], **body}
    return {"id": f"event-{name}", "type": "span-create", "timestamp": NOON.isoformat(), "body": fields}


def emits(*names: str, **more: Json) -> Scenario:
    """A scenario that emits a trace of each name."""
    do = [{"action": "emit", "traces": [{"name": name} for name in names]}]
    return Scenario("made-up", "It shows something.", "emit", more.pop("setup", Setup()), do, (), **more)


def does(kind: str, *actions: Json, **more: Json) -> Scenario:
    """A scenario with some actions."""
    clauses = tuple(more.pop("clauses", ()))
    return Scenario("made-up", "It shows something.", kind, Setup(), actions, clauses, **more)


def results(
    entries: Collection[Json],
    clause: str,
    scenario: Scenario | None = None,
    *,
    names: Collection[str] = (),
    window: float | None = None,
    stands: bool = False,
    **more: Json,
) -> list[RuleResult]:
    """What all rules together make of one clause. `stands`: the mock's clock is frozen."""
    attempts = [Attempt.read(row, "http://127.0.0.1:1", CONTRACT, stands=stands) for row in entries]
    links = linked(attempts, names, window)
    case = Case(CONTRACT, SCHEMAS, links, scenario, **more)
    return [result for rule in CLIENTS.rules for result in rule.look(case) if result.clause == clause]


def linked(attempts: Iterable[Attempt], names: Collection[str] = (), window: float | None = None) -> list[Link]:
    """The attempts as chains."""
    return chains(attempts, CONTRACT, lambda attempt: CLIENTS.items(attempt, names), window)


def verdict(entries: Collection[Json], clause: str, scenario: Scenario | None = None, **more: Json) -> bool | None:
    """True when a clause held; None when no rule decides it."""
    held = [result.holds for result in results(entries, clause, scenario, **more) if not result.finding]
    return all(held) if held else None


def cut(row: Json) -> Json:
    """The same entry as the journal has it of a body beyond its bound: the beginning, as text."""
    request = row["request"]
    return {**row, "request": {**request, "body": json.dumps(request["body"])[:40], "body_is": "cut"}}


def _message(headers: Mapping[str, str], body: Json, size: int) -> Json:
    kind = "none" if body is None else "text" if isinstance(body, str) else "json"
    return {"headers": [list(row) for row in headers.items()], "body": body, "body_bytes": size, "body_is": kind}
