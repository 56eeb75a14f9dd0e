"""Journals of the mock, written by hand: what a client might have done, and what the rules say of it."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._case import Case, Saying
from twosignal_conformance.clients._chains import chains
from twosignal_conformance.clients._scenario import Scenario, World
from twosignal_conformance.clients.rules import RULES
from twosignal_contract import load_contract

Json = Any

LAW = load_contract()
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
TOOK = 0.01
"""Seconds that every answer takes."""


def entry(at: float, operation: str | None, status: int | None, **more: Json) -> Json:
    """A journal entry of a request `at` seconds after noon.

    `body`, `query`, `headers`, `answer`, `answer_headers` as they are said; `fields` changes the entry itself.
    """
    row = None if operation is None else LAW.operation(operation)
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
        "answer": _message(more.get("answer_headers", {}), more.get("answer"), 0),
        "cause": None,
        "fault": None,
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
    fields = {"id": f"span-{name}", "traceId": "trace-a", "name": name, "type": LAW.enum("SpanType")[0], **body}
    return {"id": f"event-{name}", "type": "span-create", "timestamp": NOON.isoformat(), "body": fields}


def emits(*names: str, **more: Json) -> Scenario:
    """A scenario that emits a trace of each name."""
    do = [{"action": "emit", "traces": [{"name": name} for name in names]}]
    return Scenario("made-up", "It shows something.", "emit", more.pop("world", World()), do, (), **more)


def does(kind: str, *actions: Json, **more: Json) -> Scenario:
    """A scenario with some actions."""
    clauses = tuple(more.pop("clauses", ()))
    return Scenario("made-up", "It shows something.", kind, World(), actions, clauses, **more)


def sayings(
    entries: Collection[Json],
    clause: str,
    scenario: Scenario | None = None,
    *,
    names: Collection[str] = (),
    window: float | None = None,
    **more: Json,
) -> list[Saying]:
    """What all rules together say of one clause."""
    attempts = [Attempt.read(row, "http://127.0.0.1:1") for row in entries]
    case = Case(LAW, chains(attempts, LAW, names, window), scenario, **more)
    return [saying for rule in RULES for saying in rule.look(case) if saying.clause == clause]


def verdict(entries: Collection[Json], clause: str, scenario: Scenario | None = None, **more: Json) -> bool | None:
    """Whether a clause held; None when nothing is said of it."""
    said = [saying.holds for saying in sayings(entries, clause, scenario, **more) if not saying.finding]
    return all(said) if said else None


def _message(headers: Mapping[str, str], body: Json, size: int) -> Json:
    kind = "none" if body is None else "text" if isinstance(body, str) else "json"
    return {"headers": [list(row) for row in headers.items()], "body": body, "body_bytes": size, "body_is": kind}
