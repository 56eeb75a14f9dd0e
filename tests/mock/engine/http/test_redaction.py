"""No credential is seen in journal or access log, wherever it stood and however it was written."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

import pytest
from twosignal_mock.engine.sandbox import BODY_LIMIT

from tests.mock.engine.http.conftest import Build, World

HERE = {"Host": "localhost"}
KNOWN = "my-own'key&with(odd;signs$4711"
PLAIN = "a-key-of-mine-4711"
SECRETS = {
    "a known key": PLAIN,
    "the request's own key": "ts_local_development",
    "what looks like a key": "ts_0123456789abcdef0123456789abcdef",
    "what looks like one of the other form": "2s_live_0123456789abcdef01234567",
    "a web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
    "a key with odd signs": KNOWN,
}


def every(text: str) -> str:
    """Each character percent-encoded."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


ENCODED: dict[str, Callable[[str], str]] = {
    "plain": lambda text: quote(text, safe="-._~"),
    "all of it encoded": every,
    "encoded twice": lambda text: quote(every(text), safe=""),
}
Request = dict[str, Any]
PLACES: dict[str, Callable[[str, str], Request]] = {
    "a header": lambda key, _: {"headers": {"X-Whatever": key}},
    "a header with a scheme": lambda key, _: {"headers": {"X-Whatever": f"Bearer {key}"}},
    "a header named a secret": lambda key, _: {"headers": {"X-Api-Key": key, "X-Auth-Token": key}},
    "a parameter": lambda _, sent: {"url": f"/api/v1/traces?whatever={sent}&limit=1"},
    "a parameter without a name": lambda _, sent: {"url": f"/api/v1/traces?{sent}"},
    "Referer": lambda _, sent: {"headers": {"Referer": f"http://page.example/?x={sent}#y"}},
    "the path": lambda _, sent: {"url": f"/api/v1/traces/{sent}"},
    "a member": lambda key, _: {"content": json.dumps({"whatever": [{"x": key}]})},
    "an escaped member": lambda key, _: {"content": '{"x": "' + "".join(f"\\u{ord(sign):04x}" for sign in key) + '"}'},
    "a text body": lambda key, _: {"content": f"key {key} end"},
    "a form": lambda _, sent: {"content": f"a=1&whatever={sent}"},
    "a long body": lambda key, _: {"content": json.dumps({"whatever": key, "more": "x" * BODY_LIMIT})},
}


async def journal(world: World) -> str:
    """All of it, with every encoding taken off."""
    text = (await world.client.get("/__mock/v1/journal", headers=HERE)).text
    for _ in range(3):
        text = unquote(text)
    return text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("secret", SECRETS)
async def test_no_credential_is_shown_by_its_value(build: Build, secret: str, place: str) -> None:
    world = await build()
    for key in (KNOWN, PLAIN):
        await world.mock.registry.add_key(world.sandbox.project.id, key)
    value = SECRETS[secret]
    for encode in ENCODED.values():
        request: Request = {"method": "POST", "url": "/api/v1/traces"} | PLACES[place](value, encode(value))
        if value == KNOWN:
            request["headers"] = {"Authorization": f"Bearer {KNOWN}"} | request.get("headers", {})
        await world.client.request(**request)
    found = await journal(world)
    assert value not in found
    assert json.dumps(value)[1:-1] not in found
    assert "[redacted]" in found


NAMES = ["password", "accessToken", "refresh_token", "api_key", "apiKey", "X-Api-Key", "client_secret", "passwords"]


@pytest.mark.parametrize("name", NAMES)
async def test_no_credential_is_shown_by_the_name_beside_it(world: World, name: str) -> None:
    value = "hunter2 hunter2"
    escaped = "".join(f"\\u{ord(sign):04x}" for sign in name)
    for encode in ENCODED.values():
        pair = f"{encode(name)}={quote(value)}"
        await world.client.get(f"/api/v1/traces?a=1&{pair}")
        await world.client.post("/api/v1/traces", content=f"a=1&{pair}")
    for member in (f'"{name}"', f'"{escaped}"'):
        for content in (f'{{{member}: "{value}"}}', f'{{"x": [{{{member}: ["{value}"]}}]}}'):
            await world.client.post("/api/v1/traces", content=content)
        await world.client.post("/api/v1/traces", content=f'{{{member}: "{value}", "more": "{"x" * BODY_LIMIT}"}}')
    found = await journal(world)
    assert "hunter2" not in found
    assert "[redacted]" in found


ORDINARY = [
    "ts_my_agent_name_of_production",
    "start",
    "trace_0123456789abcdef",
    "basic",
    "the bearer of news",
    "agent-7",
]


@pytest.mark.parametrize("value", ORDINARY)
async def test_what_is_no_credential_is_shown(world: World, value: str) -> None:
    await world.client.post(f"/api/v1/traces?name={quote(value)}", json={"name": value, "maxTokens": 3, "tokens": [4]})
    (entry,) = (await world.client.get("/__mock/v1/journal", headers=HERE)).json()["entries"]
    assert entry["query"] == f"name={quote(value)}"
    assert entry["request"]["body"] == {"name": value, "maxTokens": 3, "tokens": [4]}
