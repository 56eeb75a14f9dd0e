"""Clients that go away before their answer was written: the journal says no answer, the ledger that it was lost."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.mock.engine.http.conftest import batch, trace_event
from tests.mock.engine.http.server import Server, read_all, running

DELAY = 0.8
"""Seconds: longer than a client here waits, and than a test needs to look."""
PATIENCE = 10.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("gone")) as started:
        yield started


class Control:
    """The control API, for a fresh sandbox."""

    def __init__(self, server: Server) -> None:
        self.client = httpx.Client(base_url=f"{server.url}/__mock/v1", trust_env=False)
        self.key = self.client.post("/sandboxes", json={}).json()["api_key"]
        self.client.headers["Authorization"] = f"Bearer {self.key}"

    def add_fault(self, **order: Any) -> None:
        assert self.client.post("/faults", json=order).status_code == 201

    def entries(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client.get("/journal").json()["entries"]
        return found

    def account(self) -> dict[str, Any]:
        (found,) = self.client.get("/ledger").json()["entries"]
        return dict(found)

    def wait(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first entry of the journal, once it is so."""
        deadline = time.monotonic() + PATIENCE
        while not (entries := self.entries()) or not condition(entries[0]):
            assert time.monotonic() < deadline, entries
            time.sleep(0.01)
        return entries[0]

    def over(self) -> dict[str, Any]:
        """The first entry, once its request is over."""
        return self.wait(lambda entry: entry["milliseconds"] is not None)


@pytest.fixture
def control(server: Server) -> Iterator[Control]:
    made = Control(server)
    yield made
    made.client.close()


def request(control: Control, *headers: str, body: object = None) -> bytes:
    """An ingestion of one trace."""
    content = json.dumps(batch(1) if body is None else body).encode()
    lines = [
        "POST /api/v1/traces HTTP/1.1",
        "Host: mock",
        f"Authorization: Bearer {control.key}",
        "Content-Type: application/json",
        f"Content-Length: {len(content)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + content


def close(peer: socket.socket) -> None:
    peer.close()


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def stop_sending(peer: socket.socket) -> None:
    peer.shutdown(socket.SHUT_WR)


SLOW = {"kind": "delay", "delay": f"{DELAY}s", "times": 1}
DELAYED: list[tuple[dict[str, Any] | None, tuple[str, ...], int]] = [
    (SLOW, (), 1),
    (SLOW | {"phase": "after-commit"}, (), 1),
    ({"kind": "status", "status": 500, "delay": f"{DELAY}s", "times": 1}, (), 0),
    ({"kind": "garbage", "phase": "after-commit", "delay": f"{DELAY}s", "times": 1}, (), 1),
    (None, (f"Prefer: delay={round(DELAY * 1000)}",), 1),
    (None, (f"Prefer: delay={round(DELAY * 1000)}, code=503",), 0),
]


@pytest.mark.parametrize("leave", [close, reset])
@pytest.mark.parametrize(("fault", "headers", "kept"), DELAYED)
def test_a_client_that_left_during_a_delay_got_no_answer(
    server: Server,
    control: Control,
    fault: dict[str, Any] | None,
    headers: tuple[str, ...],
    kept: int,
    leave: Callable[[socket.socket], None],
) -> None:
    if fault is not None:
        control.add_fault(**fault)
    peer = server.connect()
    peer.sendall(request(control, *headers))
    under_way = control.wait(lambda _entry: True)
    assert (under_way["status"], under_way["milliseconds"], under_way["attempt_keys"]) == (None, None, ["event-1"])
    leave(peer)
    entry = control.over()
    assert (entry["sequence"], entry["status"], entry["response"]["headers"]) == (1, None, [])
    account = control.account()
    assert (account["outcome"], account["kept"], account["rule"]) == ("response-lost", kept, entry["fault"])
    # What was lost is sent again, and then stored.
    again = control.client.post(f"{server.url}/api/v1/traces", json=batch(1))
    assert (again.status_code, control.account()["outcome"], control.entries()[1]["attempt"]) == (201, "stored", 2)


def test_nobody_waits_for_a_client_that_is_gone(server: Server, control: Control) -> None:
    control.add_fault(kind="delay", delay="600s")
    peer = server.connect()
    peer.sendall(request(control))
    control.wait(lambda _entry: True)
    reset(peer)
    assert control.over()["status"] is None


@pytest.mark.parametrize(("fault", "headers", "_kept"), DELAYED)
def test_a_client_that_waits_gets_its_answer(
    server: Server, control: Control, fault: dict[str, Any] | None, headers: tuple[str, ...], _kept: int
) -> None:
    """Also one that closed its sending half, which looks like one that left."""
    if fault is not None:
        control.add_fault(**fault)
    with server.connect() as peer:
        peer.sendall(request(control, *headers))
        stop_sending(peer)
        status = int(read_all(peer).split()[1])
    assert control.over()["status"] == status


@pytest.mark.parametrize("leave", [close, reset])
def test_of_requests_that_came_together_none_was_answered(
    server: Server, control: Control, leave: Callable[[socket.socket], None]
) -> None:
    """The first is delayed; the second is begun if it is not known by then that the client left."""
    control.add_fault(**SLOW)
    peer = server.connect()
    peer.sendall(request(control) + request(control, body={"batch": [trace_event(2)]}))
    control.wait(lambda _entry: True)
    leave(peer)
    assert control.over()["status"] is None
    summary = control.client.get("/ledger").json()["summary"]
    assert {entry["status"] for entry in control.entries()} == {None}
    assert summary["response_lost"] == summary["ids"]


@pytest.mark.parametrize("leave", [close, reset])
def test_a_client_that_does_not_read_its_answer_got_none(
    server: Server, control: Control, leave: Callable[[socket.socket], None]
) -> None:
    event = trace_event(1)
    event["body"]["metadata"] = {"text": "x" * 200_000}
    for number in range(30):
        event = {**event, "id": f"event-{number}", "body": {**event["body"], "id": f"trace-{number}"}}
        assert control.client.post(f"{server.url}/api/v1/traces", json={"batch": [event]}).status_code == 201
    assert control.client.delete("/journal").status_code == 204
    with socket.socket() as peer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        peer.connect(("127.0.0.1", server.port))
        head = f"GET /api/v1/traces?limit=100 HTTP/1.1\r\nHost: mock\r\nAuthorization: Bearer {control.key}\r\n\r\n"
        peer.sendall(head.encode())
        peer.recv(100)
        leave(peer)
    assert control.over()["status"] is None
