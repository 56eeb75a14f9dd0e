"""The table cases.json, spelled out: what a server says, what a runner gets, and what must come of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Json = Any

SECRET = "hush-hush"  # noqa: S105 - the word that is in every secret of the table
KEY = f"ts_{SECRET}"
"""Of the cases that do not name one."""

_SECTIONS: dict[str, list[dict[str, Json]]] = {
    name: rows
    for name, rows in json.loads(Path(__file__).with_name("cases.json").read_text(encoding="utf-8")).items()
    if name != "comment"
}
_HEALTHY = '{"status": "ok"}'
_EVENT = {"id": "e", "type": "trace-create", "timestamp": "2026-03-14T10:00:00Z", "body": {"id": "t", "name": "n"}}
_VERDICT = '{"data": {"pass": true, "results": []}}'
_SCORE = {"id": "s", "traceId": "t", "evaluatorName": "e", "value": 1}
_TEMPLATE = {"data": {"id": "i", "name": "n", "version": {"id": "v", "version": 1, "content": "c", "variables": []}}}
_TRACE: dict[str, Json] = {
    "id": "a",
    "name": "n",
    "status": "OK",
    "startTime": "2026-03-14T10:00:00Z",
    "endTime": None,
    "durationMs": None,
    "totalCost": "0",
    "totalTokens": 0,
    "tags": [],
    "metadata": {},
    "spanCount": 0,
    "scoreCount": 0,
}


@dataclass(frozen=True)
class Case:
    """One case. Without a kind of error its last action ends well; all before it do."""

    name: str
    responses: list[Json]
    """What the server says in turn, the last one for ever."""
    do: list[Json]
    client: dict[str, Json] = field(default_factory=dict)
    kind: str | None = None
    code: str | None = None
    result: Json = None
    """What the result holds; None for anything."""
    waits: list[float] | None = None
    requests: int | None = None
    """How many are sent."""
    authorizations: list[str | None] | None = None
    path: str | None = None
    """Of each request, behind the server's."""
    body: Json = None
    """The exact text that a request holds."""


def cases() -> Iterator[Case]:
    """Every case of the table."""
    for section, rows in _SECTIONS.items():
        for row in rows:
            made = _MAKERS[section](row)
            yield Case(**{"name": f"{section}: {row.get('name', row.get('url'))}", **made})


def _wait(row: Mapping[str, Json]) -> dict[str, Json]:
    limited = {"status": 429, "headers": row["headers"]}
    then = [] if row.get("forever") else [{"body": _HEALTHY}]
    client = {"longestWait": row["longestWait"]} if "longestWait" in row else {}
    return {
        "responses": [limited, *then],
        "do": [{"action": "health"}],
        "client": client,
        "kind": row.get("kind"),
        "waits": row["waits"],
        "requests": len(row["waits"]) + 1,
    }


def _walk(row: Mapping[str, Json]) -> dict[str, Json]:
    take = {"take": row["take"]} if "take" in row else {}
    return {
        "responses": [_page([_TRACE | {"id": trace}] if trace else [], cursor) for trace, cursor in row["pages"]],
        "do": [{"action": "list", "query": {}, **take}],
        "kind": row.get("kind"),
        "result": {"ids": row["ids"]} if "ids" in row else None,
        "requests": row.get("requests", len(row["pages"])),
    }


def _key(row: Mapping[str, Json]) -> dict[str, Json]:
    reached = "response" in row or "sent" in row
    return {
        "responses": [row.get("response", _page([], None))],
        "do": [{"action": "list", "query": {}}] if row.get("sent", "") is not None else [{"action": "health"}],
        "client": {"apiKey": row["key"]},
        "kind": row.get("kind"),
        "requests": None if reached else 0,
        "authorizations": [row["sent"] and f"Bearer {row['sent']}"] if "sent" in row else None,
    }


def _session(row: Mapping[str, Json]) -> dict[str, Json]:
    tokens = {"access_token": row.get("access", "a"), "refresh_token": row.get("refresh", "r")}
    data = {**tokens, "expires_at": row.get("expires", 2**32), "user": {"id": "u", "email": "a@example.com"}}
    then = [row["response"]] if "response" in row else []
    return {
        "responses": [{"body": json.dumps({"data": data})}, *then],
        "do": [{"action": action} for action in ("login", "logout") if action == "login" or then or "expires" in row],
        "kind": row.get("kind"),
        "requests": row.get("requests"),
    }


def _bound(row: Mapping[str, Json]) -> dict[str, Json]:
    action: Json
    match row:
        case {"query": query}:
            response, action = _page([], None), {"action": "list", "query": query}
        case {"value": value}:
            action = {"action": "score", "traceId": "t", "evaluatorName": "e", "value": value}
            response = {"status": 201, "body": json.dumps(_SCORE)}
        case _:
            response = {"body": json.dumps(_TEMPLATE)}
            action = {"action": "templates", "name": "n", "version": row["version"]}
    return {
        "responses": [response],
        "do": [action],
        "kind": row.get("kind"),
        "requests": 0 if "kind" in row else 1,
    }


def _address(row: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "responses": [{"body": _HEALTHY}],
        "do": [{"action": "health"}],
        "client": {"baseUrl": row["url"]},
        "kind": None if "path" in row else "validation",
        "requests": 1 if "path" in row else 0,
        "path": f"{row['path']}/api/v1/health" if "path" in row else None,
    }


def _setting(row: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "responses": [{"body": _HEALTHY}],
        "do": [{"action": "health"}],
        "client": row["client"],
        "kind": row.get("kind"),
        "requests": 0 if "kind" in row else 1,
    }


def _number(row: Mapping[str, Json]) -> dict[str, Json]:
    match row:
        case {"count": count}:
            return {
                "responses": [{"status": 201, "body": f'{{"accepted": {count}}}'}],
                "do": [{"action": "ingest", "events": [_EVENT]}],
                "kind": None if "accepted" in row else "response",
                "result": {"accepted": row["accepted"]} if "accepted" in row else None,
                "requests": 1,
            }
        case {"output": output}:
            sent = [{"action": "validate", "output": json.loads(output), "evaluators": []}]
            return {"responses": [{"body": _VERDICT}], "do": sent, "body": f'"output":{output}', "requests": 1}
        case {"value": value}:
            sent = [{"action": "validate", "output": value, "evaluators": []}]
            return {"responses": [{"body": _VERDICT}], "do": sent, "kind": "validation", "requests": 0}
        case {"query": query}:
            return {
                "responses": [{"body": _HEALTHY}],
                "do": [{"action": "list", "query": query}],
                "kind": "validation",
                "requests": 0,
            }
    return {
        "responses": [_page([_TRACE | row["trace"]], None)],
        "do": [{"action": "list", "query": {}, "walk": False, "whole": True}],
        "result": {"traces": [row.get("shown", row["trace"])]},
        "requests": 1,
    }


def _page(traces: list[Json], cursor: Json) -> Json:
    return {"body": json.dumps({"data": {"traces": traces, "nextCursor": cursor}})}


def _error(row: Mapping[str, Json]) -> dict[str, Json]:
    return {
        "responses": [row["response"]],
        "do": [{"action": "list", "query": row["query"]} if "query" in row else {"action": "health"}],
        "client": {"timeout": row["timeout"]} if "timeout" in row else {},
        "kind": row["kind"],
        "code": row.get("code"),
        "requests": row.get("requests"),
    }


_MAKERS: Mapping[str, Callable[[Mapping[str, Json]], dict[str, Json]]] = {
    "waits": _wait,
    "walks": _walk,
    "keys": _key,
    "sessions": _session,
    "bounds": _bound,
    "addresses": _address,
    "settings": _setting,
    "numbers": _number,
    "errors": _error,
}
