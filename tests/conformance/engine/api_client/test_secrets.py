"""What the door never shows."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from twosignal_conformance._apis import DEFAULT, api_of
from twosignal_conformance.apis.rest.options import USER, User
from twosignal_conformance.engine.api_client import (
    Exchange,
    Secrets,
    evidence_of,
)
from twosignal_conformance.engine.api_client._evidence import SHOWN_CHARACTERS

from tests.conformance.engine.api_client.conftest import Make
from tests.conformance.servers import KEY, Asked, Response, Server, json_response, serving

SECRET = "ts_very secret/+key"  # noqa: S105 - of nobody

ACCESS = api_of(DEFAULT).access


@pytest.mark.parametrize(
    "text",
    [
        SECRET,
        f'{{"key": "{SECRET}"}}',
        "ts_very%20secret%2F%2Bkey",
        "ts_very+secret%2F%2Bkey",
        "Basic dHNfdmVyeSBzZWNyZXQvK2tleQ==",
        "Basic dHNfdmVyeSBzZWNyZXQvK2tleTo=",
        f"x-key-{SECRET.lower()}",
        f"X_KEY_{SECRET.upper()}",
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        r"ts_very secret\/+key",
        f"the text was cut: {SECRET[:-1]}",
        f"the text was cut: '{SECRET[:12]}...'",
    ],
    ids=[
        *("plain", "json", "url", "form", "base64", "basic", "lower", "upper", "hex", "upper hex", "json slash"),
        *("cut", "cut and told"),
    ],
)
def test_a_secret_is_hidden_however_it_is_written(text: str) -> None:
    secrets = Secrets(ACCESS.secret_names)
    secrets.learn(SECRET)
    hidden = secrets.hide(text)
    assert "[redacted]" in hidden
    for part in ("very", "secret", SECRET.encode().hex()):
        assert part not in hidden.lower()
    assert "dHNfdmVyeSBzZWNyZXQv" not in hidden


@pytest.mark.parametrize(
    "write",
    [str, json.dumps, lambda text: json.dumps(json.dumps(text)), lambda text: repr(json.dumps(text))],
    ids=["plain", "json", "json in json", "json in Python"],
)
def test_a_secret_with_quotes_is_hidden_however_often_it_is_escaped(write: Callable[[str], str]) -> None:
    secrets = Secrets(ACCESS.secret_names)
    secrets.learn('pass"word\\more')
    hidden = secrets.hide(write('pass"word\\more'))
    assert "[redacted]" in hidden
    assert "pass" not in hidden
    assert "more" not in hidden


def test_an_excerpt_is_hidden_before_it_is_cut() -> None:
    secrets = Secrets(ACCESS.secret_names)
    secrets.learn(SECRET)
    for before in range(30):
        shown = secrets.line("-" * before + SECRET, 20)
        assert SECRET[:4] not in shown
        assert shown.endswith(("...", "[redacted]"))


@pytest.mark.parametrize("before", range(SHOWN_CHARACTERS - 28, SHOWN_CHARACTERS + 2, 5))
def test_the_cut_of_a_body_leaves_no_part_of_a_key(make: Make, before: int) -> None:
    with serving(lambda _: Response(200, b"-" * before + KEY.encode() + b"-" * 99)) as server:
        client = make(server.url)
        shown = evidence_of(client.call("getHealth"), client.secrets)
    assert KEY[:4] not in shown.response


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"refresh_token": "v1.abc"}', '{"refresh_token": "[redacted]"}'),
        ('{"password":"a\\"b"}', '{"password":"[redacted]"}'),
        ("set-cookie: id=1; Secure\nx: y", "set-cookie: [redacted]\nx: y"),
        ("?api_key=1&x=2", "?api_key=[redacted]&x=2"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[redacted]"),
        ('{"maxTokens": 3, "nextCursor": "abc"}', '{"maxTokens": 3, "nextCursor": "abc"}'),
        ("\x1b[31m \ud800", "\\u001b[31m \\ud800"),
    ],
)
def test_what_looks_like_a_secret_is_hidden_too(text: str, shown: str) -> None:
    assert Secrets(ACCESS.secret_names).hide(text) == shown


def test_evidence_has_a_command_that_needs_the_key_from_the_shell(make: Make) -> None:
    def echo(asked: Asked) -> Response:
        return json_response(200, {"you": asked.headers["authorization"], "access_token": "tok-en"})

    with serving(echo) as server:
        client = make(server.url, options={USER.flag: User("dev@example.com", "pass-word")})
        exchange: Exchange = client.call("createScore", json={"label": "it's $HOME", "password": "pass-word"})
        shown = evidence_of(exchange, client.secrets)
    assert '-H "Authorization: Bearer $TWOSIGNAL_API_KEY"' in shown.curl
    assert "s $HOME" in shown.curl  # test_curl runs it
    assert '"$TWOSIGNAL_PASSWORD"' in shown.curl
    for text in (shown.request, shown.response, shown.curl):
        for secret in (KEY, "pass-word", "tok-en"):
            assert secret not in text


def test_a_large_body_is_shown_in_short(make: Make, server: Server) -> None:
    client = make(server.url)
    shown = evidence_of(client.call("createScore", content=b"x" * 1_000_000), client.secrets)
    assert len(shown.request) < 3000
    assert "1,000,000 bytes" in shown.request
    assert "--data-binary @body  # body: 1,000,000 bytes" in shown.curl
