"""The command that repeats a request, run in sh and bash: the same request arrives, and nothing of it runs."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from twosignal_conformance.apis.rest.options import USER, User
from twosignal_conformance.engine.api_client import (
    Access,
    Amount,
    ApiClient,
    Exchange,
    Key,
    Profile,
    Settings,
    evidence_of,
)
from twosignal_conformance.engine.texts import is_plain
from twosignal_contract import load_contract

from tests.conformance.engine.api_client.conftest import Make
from tests.conformance.servers import Asked, Server
from tests.toy.installation import DOCUMENT

KEY = """ts_it's&a$HOME(`touch ran`);$(touch ran)|!"\\%s#{}"""
"""A key of signs that mean something to a shell, to curl and in an address."""

PASSWORD = "p'&$(touch ran);`touch ran`"  # noqa: S105 - of nobody

OWN = frozenset({"accept-encoding", "user-agent", "accept", "connection", "host", "content-length"})

ODD = {
    "quotes": """it's "quoted" \\ and \\n""",
    "a substitution": "$(touch ran) `touch ran` ${HOME} $HOME $((1+1))",
    "more commands": "a; touch ran & touch ran | touch ran > ran\\",
    "a variable of ours": "$TWOSIGNAL_API_KEY and ${TWOSIGNAL_API_KEY}",
    "patterns": "* ? [a-z] {a,b} ~ !! !touch",
    "an order to a CI": "##vso[task.setvariable variable=x]y ##[add-mask]z ::stop-commands::t",
    "formats": "%s %d 100% \\045 %%",
}
"""Texts that mean something to a shell."""

BODIES = ODD | {
    "lines": "one\ntwo\r\n\tthree\n\n",
    "a line that begins as an order": "\n::stop-commands::x\n##vso[task.complete]",
    "control characters": "\x00\x01\x1b[31m\x7f",
    "directions of writing": "\u202eexe.gnp\u2066 \u2028 \ufeff",
    "a name of a file": "@/etc/hostname",
    "an option": "-n\n",
    "no ASCII": "漢字 é 🙂",
}
"""Bodies that are no single argument, or that curl would read as something else, beside those."""


@pytest.fixture(params=["sh", "bash"])
def shell(request: pytest.FixtureRequest) -> str:
    """The shell that a person pastes the line into."""
    return str(request.param)


def repeated(client: ApiClient, exchange: Exchange, shell: str, folder: Path, server: Server) -> tuple[Asked, Asked]:
    """The request as it came first, and as the line makes it."""
    line = evidence_of(exchange, client.secrets).curl
    assert is_plain(line)
    assert not re.search(r"##\w*\[", line)
    for secret in (KEY, PASSWORD):
        assert secret not in line
    own = {"TWOSIGNAL_API_KEY": KEY, "TWOSIGNAL_PASSWORD": PASSWORD, "PATH": os.environ["PATH"]}
    done = subprocess.run([shell, "-c", line], cwd=folder, env=own, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, (line, done.stderr)
    assert list(folder.iterdir()) == []
    first, again = server.asked
    return first, again


def told(asked: Asked) -> tuple[Any, ...]:
    """What has to be the same."""
    headers = {name: value for name, value in asked.headers.items() if name not in OWN}
    return asked.method, asked.path, asked.query, asked.body, headers


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_a_header_a_query_and_a_body_arrive_as_they_are(
    make: Make, server: Server, shell: str, tmp_path: Path, text: str
) -> None:
    client = make(server.url, keys={Key.MAIN: KEY}, options={USER.flag: User("a@b.c", PASSWORD)})
    body = {"label": text, "password": PASSWORD, "more": text}
    exchange = client.call("createScore", json=body, query={"name": text}, headers={"X-Odd": text, "X-Empty": ""})
    first, again = repeated(client, exchange, shell, tmp_path, server)
    assert told(first) == told(again)
    assert again.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("text", BODIES.values(), ids=BODIES)
def test_any_body_arrives_as_it_is(make: Make, server: Server, shell: str, tmp_path: Path, text: str) -> None:
    client = make(server.url, keys={Key.MAIN: KEY})
    exchange = client.call("createScore", content=text.encode(), headers={"Content-Type": None})
    first, again = repeated(client, exchange, shell, tmp_path, server)
    assert told(first) == told(again)


def test_a_body_of_every_byte_arrives_as_it_is(make: Make, server: Server, shell: str, tmp_path: Path) -> None:
    client = make(server.url, keys={Key.MAIN: KEY})
    exchange = client.call("createScore", content=bytes(range(256)))
    first, again = repeated(client, exchange, shell, tmp_path, server)
    assert told(first) == told(again)


@pytest.mark.parametrize("path", ["/api/v1/../x/./y", "/api/v1/{a,b}[1-3]", "/api/v1/a%2Fb?x=%26&y", "/api/v1/'(;)"])
def test_any_address_arrives_as_it_is(make: Make, server: Server, shell: str, tmp_path: Path, path: str) -> None:
    client = make(server.url, keys={Key.MAIN: KEY})
    exchange = client.request("GET", path)
    first, again = repeated(client, exchange, shell, tmp_path, server)
    assert told(first) == told(again)
    assert again.query == path.partition("?")[2]


def test_a_key_in_the_query_arrives_as_it_is(server: Server, shell: str, tmp_path: Path) -> None:
    access = Access(
        health="exportLamps",
        listing="exportLamps",
        key_refused="bad-card",
        no_operation="unknown-endpoint",
        budgets=dict.fromkeys(Profile, Amount(10, 10, 1_000)),
    )
    client = ApiClient(Settings(server.url, {Key.MAIN: KEY}, "run", 1), load_contract(DOCUMENT), access)
    exchange = client.attempt("exportLamps", query={"colour": "red & white"})
    client.close()
    first, again = repeated(client, exchange, shell, tmp_path, server)
    assert parse_qsl(first.query) == parse_qsl(again.query) == [("colour", "red & white"), ("card", KEY)]


LONG = 100_000
SHORT = 5_000
"""Characters that a person still reads over."""


@pytest.mark.parametrize(
    "options",
    [
        {"headers": {"X-Long": "x" * LONG}},
        {"headers": {f"X-{number}": "x" * 90 for number in range(LONG // 100)}},
        {"query": {"name": "y" * LONG}},
    ],
    ids=["a header", "many headers", "a query"],
)
def test_no_part_of_a_request_or_a_response_makes_evidence_long(
    make: Make, server: Server, options: dict[str, Any]
) -> None:
    client = make(server.url)
    exchange = client.attempt("listTraces", **options)
    shown = evidence_of(exchange, client.secrets)
    assert max(map(len, (shown.request, shown.response, shown.curl))) < SHORT
    assert "the same run id, seed and --now make it again" in shown.curl
    assert "-H 'X-Long" not in shown.curl
