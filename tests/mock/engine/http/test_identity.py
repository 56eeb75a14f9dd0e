"""Keys that were used and are good no more: what was kept of them is forgotten at once, on open connections too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from twosignal_contract import Contract

from tests.mock.engine.http.conftest import batch
from tests.mock.engine.http.server import Server, read_answer, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Hands out control to everybody, as a server on a loopback address does."""
    with running(tmp_path_factory.mktemp("identity")) as found:
        yield found


class Sandbox:
    """A sandbox of its own, a connection that has used its key, and a client of the control API."""

    def __init__(self, server: Server) -> None:
        self.control = httpx.Client(base_url=f"{server.url}/__mock/v1")
        made: dict[str, Any] = self.control.post("/sandboxes", json={}).raise_for_status().json()
        self.id, self.key = str(made["id"]), str(made["api_key"])
        self._peer = server.connect()
        self._open = httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {self.key}"})
        sent = self._open.post("/api/v1/traces", json=batch())
        assert sent.is_success
        assert self.list().count(b'"id":"trace-0"') == 1

    def list(self) -> bytes:
        """The answer to one more request on the same connection."""
        key = b"Authorization: Bearer " + self.key.encode()
        self._peer.sendall(b"GET /api/v1/traces HTTP/1.1\r\nHost: mock\r\n" + key + b"\r\n\r\n")
        return read_answer(self._peer)

    def send(self) -> httpx.Response:
        """The answer to one more write."""
        return self._open.post("/api/v1/traces", json=batch(1))

    def close(self) -> None:
        self.control.close()
        self._open.close()
        self._peer.close()


@pytest.fixture
def sandbox(server: Server) -> Iterator[Sandbox]:
    with closing(Sandbox(server)) as made:
        yield made


@pytest.mark.parametrize(("end", "cause"), [("revoked", "revoked-key"), ("dropped", "invalid-key")])
def test_a_key_that_was_used_is_refused_as_soon_as_it_ends(
    sandbox: Sandbox, contract: Contract, end: str, cause: str
) -> None:
    path = f"/keys/{sandbox.key}" if end == "revoked" else f"/sandboxes/{sandbox.id}"
    sandbox.control.delete(path).raise_for_status()
    failure = contract.errors[cause]
    for answer in (sandbox.list(), sandbox.list()):
        assert int(answer.split(b" ")[1]) == failure.status
        assert failure.message.encode() in answer
    assert sandbox.send().status_code == failure.status


def test_a_key_that_was_used_meets_an_empty_sandbox_after_a_reset(sandbox: Sandbox) -> None:
    sandbox.control.post("/reset", params={"api_key": sandbox.key}).raise_for_status()
    assert b'"traces":[]' in sandbox.list()
    assert sandbox.send().is_success
    assert sandbox.list().count(b'"id":"trace-1"') == 1


def test_the_end_of_one_key_leaves_the_others(sandbox: Sandbox) -> None:
    other = sandbox.control.post("/keys", params={"api_key": sandbox.key}, json={}).raise_for_status().json()
    sandbox.control.delete(f"/keys/{other['api_key']}").raise_for_status()
    assert b'"id":"trace-0"' in sandbox.list()
