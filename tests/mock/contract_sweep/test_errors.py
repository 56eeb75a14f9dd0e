"""Every error status that the document gives an operation can be provoked, and is answered as the document says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from twosignal_contract import Contract, ErrorTemplate, Operation, load_contract
from twosignal_mock import MockServer, Sandbox

from tests.mock.contract_sweep.arranging import WHEN, arrange, example_bodies, operation_object, sign_in
from tests.mock.contract_sweep.opinions import Opinions

CONTRACT = load_contract()
JSON = "application/json"


@dataclass(frozen=True)
class Asked:
    """One request; what its operation has for an example, unless something here says otherwise."""

    operation: Operation
    key: str | None
    content: Any = None
    """A body: bytes as they are, anything else as JSON."""
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)

    def send(self, client: httpx.Client) -> httpx.Response:
        headers = dict(self.headers)
        if self.key is not None:
            headers["Authorization"] = f"Bearer {self.key}"
        raw = isinstance(self.content, bytes)
        if raw:
            headers.setdefault("Content-Type", JSON)
        return client.request(
            self.operation.method,
            self.operation.path,
            params=dict(self.query),
            headers=headers,
            content=self.content if raw else None,
            json=None if raw else self.content,
        )


@dataclass(frozen=True)
class World:
    """What a provocation may use."""

    mock: MockServer
    sandbox: Sandbox
    client: httpx.Client


Twist = Callable[[Asked, World], Asked]


def _without_key(asked: Asked, _: World) -> Asked:
    return replace(asked, key=None)


def _unknown_key(asked: Asked, world: World) -> Asked:
    return replace(asked, key=world.sandbox.api_key + "x")


def _revoked_key(asked: Asked, world: World) -> Asked:
    key = world.sandbox.add_key()
    world.sandbox.revoke_key(key)
    return replace(asked, key=key)


def _body(**changed: Any) -> Twist:
    return lambda asked, _: replace(asked, content={**asked.content, **changed})


def _query(**query: str) -> Twist:
    return lambda asked, _: replace(asked, query=query)


def _bytes(raw: bytes) -> Twist:
    return lambda asked, _: replace(asked, content=raw)


def _headers(**headers: str) -> Twist:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda asked, _: replace(asked, headers=named)


def _too_large(asked: Asked, _: World) -> Asked:
    limit = asked.operation.payload_limit
    assert limit is not None
    return replace(asked, content=b"{" + b" " * limit.refused_above)


def _too_many(asked: Asked, _: World) -> Asked:
    limit = asked.operation.payload_limit
    assert limit is not None
    assert limit.events is not None
    events = [
        {"id": str(number), "type": "trace-create", "timestamp": WHEN, "body": {"id": str(number), "name": "n"}}
        for number in range(limit.events + 1)
    ]
    return replace(asked, content={limit.events_at: events})


def _used_token(asked: Asked, world: World) -> Asked:
    content = {"refresh_token": sign_in(world.client, world.sandbox)["refresh_token"]}
    world.client.post(asked.operation.path, json=content)
    return replace(asked, content=content)


def _api_key_for_token(asked: Asked, world: World) -> Asked:
    return replace(asked, key=world.sandbox.api_key)


KEYED: Mapping[str, Mapping[str, Twist]] = {
    "missing-key": {"no key": _without_key},
    "invalid-key": {"unknown key": _unknown_key},
    "revoked-key": {"revoked key": _revoked_key},
}
"""Cause to the ways of provoking it, for every operation with an API key."""

BODIED: Mapping[str, Mapping[str, Twist]] = {
    "body-too-large": {"one byte too many": _too_large},
    "unsupported-media-type": {"text": _headers(content_type="text/plain")},
    "unsupported-encoding": {"brotli": _headers(content_encoding="br")},
    "malformed-json": {"half an object": _bytes(b'{"half": '), "nothing": _bytes(b"")},
    "malformed-encoding": {"no gzip": _headers(content_encoding="gzip")},
    "invalid-value": {"a list": _bytes(b"[]")},
}
"""The same for every operation with a body."""

EMPTY: Mapping[str, Mapping[str, Twist]] = {"invalid-value": {"nothing in it": _bytes(b"{}")}}
"""The same for every operation whose body needs a field; an export request without spans is none (otlp.empty)."""

OWN: Mapping[str, Mapping[str, Mapping[str, Twist]]] = {
    "ingestTraces": {
        "too-many-events": {"one event too many": _too_many},
        "invalid-value": {"no events": _body(batch=[]), "no batch": _body(batch="none")},
        "ambiguous-spelling": {
            "two traces": _body(
                batch=[
                    {
                        "id": "e",
                        "type": "span-create",
                        "timestamp": WHEN,
                        "body": {"traceId": "a", "trace_id": "b", "name": "n", "type": "LLM"},
                    }
                ]
            )
        },
    },
    "listTraces": {
        "headers-too-large": {"many tags": _query(tags=",".join(["x" * 200] * 200))},
        "invalid-value": {
            "limit 0": _query(limit="0"),
            "limit above": _query(limit="1000000"),
            "limit word": _query(limit="many"),
            "status": _query(status="BROKEN"),
            "no date": _query(startDate="yesterday"),
            "no zone": _query(endDate="2026-03-14T10:00:00"),
            "cursor": _query(cursor="nonsense"),
        },
    },
    "ingestOtlpTraces": {"invalid-value": {"no list": _body(resourceSpans={})}},
    "createScore": {
        "unknown-resource": {"trace": _body(traceId="nobody", spanId=None), "span": _body(spanId="nobody")},
        "invalid-value": {"above": _body(value=1.5), "text": _body(value="1"), "control": _body(traceId="a\tb")},
    },
    "routeModel": {"unknown-resource": {"config": _body(configName="nobody")}},
    "getPromptTemplates": {
        "headers-too-large": {"a long name": _query(name="x" * 40_000)},
        "unknown-resource": {"name": _query(name="nobody")},
        "invalid-value": {"version alone": _query(version="1"), "version 0": _query(name="a", version="0")},
    },
    "pushPromptTemplate": {"invalid-value": {"no name": _body(name="")}},
    "validateOutput": {
        "invalid-value": {
            "no evaluators": _body(evaluators=[]),
            "unknown type": _body(evaluators=[{"type": "ASTROLOGY", "config": {}}]),
            "pattern": _body(evaluators=[{"type": "REGEX_MATCH", "config": {"pattern": "("}}]),
        }
    },
    "login": {
        "invalid-credentials": {"password": _body(password="wrong"), "e-mail": _body(email="nobody@example.com")},  # noqa: S106
    },
    "refreshSession": {
        "invalid-refresh-token": {"never issued": _body(refresh_token="no"), "used": _used_token},  # noqa: S106
    },
    "logout": {
        "invalid-access-token": {
            "no token": _without_key,
            "never issued": _unknown_key,
            "an API key": _api_key_for_token,
        }
    },
}
"""The same for single operations."""

ORDERED: Mapping[str, Mapping[str, Twist]] = {"internal": {"asked for": _headers(prefer="code=500")}}
"""For every operation: trouble of the server's own must be ordered. What a broken disk does is tested elsewhere."""

ELSEWHERE = {"rate-limit"}
"""Causes with tests of their own: test_rate_window.py."""


def _causes(operation: Operation) -> Iterator[tuple[str, str, Twist]]:
    """Cause, name and twist of everything that can go wrong with an operation."""
    described = operation_object(CONTRACT, operation.id)
    tables = [ORDERED, OWN.get(operation.id, {})]
    if "security" not in described:
        tables.append(KEYED)
    if "requestBody" in described:
        tables.append(BODIED)
        if operation.id != "ingestOtlpTraces":
            tables.append(EMPTY)
    for table in tables:
        for cause, ways in table.items():
            yield from ((cause, name, twist) for name, twist in ways.items())


CASES = [
    pytest.param(operation, cause, twist, id=f"{operation.id} {cause}: {name}")
    for operation in CONTRACT.operations.values()
    for cause, name, twist in _causes(operation)
]


def test_the_table_provokes_every_documented_error() -> None:
    for operation in CONTRACT.operations.values():
        responses = operation_object(CONTRACT, operation.id)["responses"]
        documented = {int(status) for status in responses if status >= "400"}
        provoked = {CONTRACT.errors[cause].status for cause, _, _ in _causes(operation)}
        elsewhere = {CONTRACT.errors[cause].status for cause in ELSEWHERE} if operation.rate_limited else set()
        assert documented == provoked | elsewhere, operation.id


@pytest.mark.parametrize(("operation", "cause", "twist"), CASES)
def test_an_error_is_answered_as_documented(
    contract: Contract,
    mock: MockServer,
    sandbox: Sandbox,
    opinions: Opinions,
    operation: Operation,
    cause: str,
    twist: Twist,
) -> None:
    with httpx.Client(base_url=mock.url) as client:
        client.headers["Authorization"] = f"Bearer {sandbox.api_key}"
        arrange(contract, client)
        bodies = list(example_bodies(contract, operation.id).values())
        plain = Asked(operation, sandbox.api_key, content=bodies[-1] if bodies else None)
        del client.headers["Authorization"]
        answer = twist(plain, World(mock, sandbox, client)).send(client)
    kind: ErrorTemplate = contract.errors[cause]
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (kind.status, kind.code), answer.text
    assert _same_words(error["message"], kind.message), f"{error['message']!r} is not {kind.message!r}"
    opinions.check(answer)


def _same_words(message: str, template: str) -> bool:
    """Whether a message was made from a template: its fixed text stands in it, in order."""
    at = 0
    for fixed in template.replace("}", "{").split("{")[::2]:
        at = message.find(fixed, at)
        if at < 0:
            return False
        at += len(fixed)
    return True
