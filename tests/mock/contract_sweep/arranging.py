"""The world that the examples of the document speak of: the traces, spans and templates that they name."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
from twosignal_contract import Contract
from twosignal_mock import MockServer, Sandbox

WHEN = "2026-03-14T10:00:00Z"


def arrange(contract: Contract, client: httpx.Client) -> None:
    """Make what the examples name, with the client of a fresh sandbox."""
    scores = example_bodies(contract, "createScore").values()
    traces = {each["traceId"] for each in scores} | {_cursor_trace(contract)}
    events = [_event("trace-create", trace, {"id": trace, "name": "named by an example"}) for trace in sorted(traces)]
    events += [
        _event("span-create", each["spanId"], {"traceId": each["traceId"], "name": "span", "type": "LLM"})
        for each in scores
        if each["spanId"]
    ]
    assert client.post("/api/v1/traces", json={"batch": events}).is_success
    wanted = parameter_examples(contract, "getPromptTemplates")
    for _ in range(wanted["version"]):
        answer = client.post("/api/v1/prompt-templates", json={"name": wanted["name"], "content": "Hello"})
        assert answer.is_success


def cursors(client: httpx.Client) -> list[str]:
    """Every cursor that a walk in steps of one meets."""
    met: list[str] = []
    while True:
        query = {"limit": "1"} | ({"cursor": met[-1]} if met else {})
        following = client.get("/api/v1/traces", params=query).json()["data"]["nextCursor"]
        if following is None:
            return met
        met.append(following)


def sign_in(client: httpx.Client, who: Sandbox | MockServer) -> dict[str, Any]:
    """A fresh session of the user."""
    answer = client.post("/api/v1/auth/login", json={"email": who.email, "password": who.password})
    assert answer.status_code == httpx.codes.OK
    return dict(answer.json()["data"])


def operation_object(contract: Contract, operation_id: str) -> dict[str, Any]:
    """The operation as OpenAPI describes it."""
    outline = contract.operation(operation_id)
    return dict(outline.value)


def example_bodies(contract: Contract, operation_id: str) -> dict[str, Any]:
    """The example bodies of an operation by name; none when it takes no body."""
    body = operation_object(contract, operation_id).get("requestBody", {"content": {}})
    kinds = body["content"].values()
    return {name: example["value"] for kind in kinds for name, example in kind.get("examples", {}).items()}


def parameter_examples(contract: Contract, operation_id: str) -> dict[str, Any]:
    """The example of each parameter of an operation."""
    parameters = operation_object(contract, operation_id).get("parameters", ())
    return {each["name"]: each["example"] for each in parameters}


def _cursor_trace(contract: Contract) -> str:
    """The trace that the example of a cursor names."""
    cursor: str = parameter_examples(contract, "listTraces")["cursor"]
    return str(json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))["id"])


def _event(kind: str, event: str, body: dict[str, Any]) -> dict[str, Any]:
    return {"id": event, "type": kind, "timestamp": WHEN, "body": body}
