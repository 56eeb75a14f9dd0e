"""Hostile input: memory stays bounded, answers are in the envelope or the connection is closed, others are served."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from tests.mock.engine.http.server import Server, read_answer, running

MEBIBYTE = 1024 * 1024
BOUND = 64 * MEBIBYTE
"""What all of this may add to the resident size of a server: ten bodies of the largest size in different states."""

BLOCK = bytes(1_000_000)
HUGE = 100


def head(server: Server, *lines: bytes) -> bytes:
    key = b"Authorization: Bearer " + server.key.encode()
    start = (b"POST /api/v1/traces HTTP/1.1", b"Host: mock", key, b"Content-Type: application/json")
    return b"\r\n".join([*start, *lines]) + b"\r\n\r\n"


def send(server: Server, *parts: bytes) -> bytes:
    with server.connect(20) as peer:
        with suppress(ConnectionError):
            for part in parts:
                peer.sendall(part)
        with suppress(ConnectionError):
            return read_answer(peer)
    return b""


def body(server: Server, content: bytes, *lines: bytes) -> bytes:
    return send(server, head(server, b"Content-Length: %d" % len(content), *lines), content)


ATTACKS: dict[str, tuple[Callable[[Server], bytes], tuple[int, ...]]] = {
    "100 MB declared": (
        lambda server: send(server, head(server, b"Content-Length: %d" % (HUGE * len(BLOCK))), *[BLOCK] * HUGE),
        (413,),
    ),
    "100 MB in chunks": (
        lambda server: send(
            server,
            head(server, b"Transfer-Encoding: chunked"),
            *[b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK)] * HUGE,
            b"0\r\n\r\n",
        ),
        (413,),
    ),
    "a gzip bomb of 500 MB": (
        lambda server: body(server, gzip.compress(bytes(500_000_000)), b"Content-Encoding: gzip"),
        (413,),
    ),
    "10,000 nested arrays": (lambda server: body(server, b"[" * 10_000 + b"]" * 10_000), (400,)),
    "1,000,000 open braces": (lambda server: body(server, b'{"a":' * 1_000_000), (400,)),
    "bad UTF-8": (lambda server: body(server, b'{"batch": "\xff\xfe"}'), (400,)),
    "NUL": (lambda server: body(server, b'{"batch": "\\u0000"}'), (400,)),
    "a lone surrogate": (lambda server: body(server, b'{"batch": "\\ud800"}'), (400,)),
    "1e400": (lambda server: body(server, b'{"batch": 1e400}'), (400,)),
    "a number of a million digits": (lambda server: body(server, b'{"batch": 1' + b"0" * 1_000_000 + b"}"), (400,)),
    "a flood of headers": (
        lambda server: send(server, b"GET /api/v1/health HTTP/1.1\r\n", *[b"A: " + b"b" * 1000 + b"\r\n"] * 50_000),
        (431, 0),
    ),
    "one header without end": (
        lambda server: send(server, b"GET /api/v1/health HTTP/1.1\r\nA: ", *[bytes(b"b" * 100_000)] * 500),
        (431, 0),
    ),
    "not HTTP": (lambda server: send(server, b"\x16\x03\x01" + bytes(range(256)) * 100), (400,)),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_hostile_input_is_answered_in_bounded_memory(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The resident size grows by no more than BOUND (64 MiB) over all of it; a quiet client is served all along."""
    with running(tmp_path, limits="off", validate_answers=True) as server:
        httpx.get(f"{server.url}/api/v1/health").raise_for_status()
        before = server.memory()
        rows = []
        with Bystander(server) as bystander:
            for name, (attack, expected) in ATTACKS.items():
                begun = time.monotonic()
                answer = attack(server)
                status = int(answer.split(b" ", 2)[1]) if answer else 0
                grown = server.memory() - before
                rows.append(f"{name:30} {status:4} {time.monotonic() - begun:6.2f} s  +{grown / MEBIBYTE:5.1f} MiB")
                assert status in expected, (name, answer[:300])
                assert not answer or b'{"error":{"code":' in answer, name
                assert grown < BOUND, rows
        rows.append(f"a bystander was served {bystander.served} times meanwhile")
        assert bystander.served > len(ATTACKS)
        assert bystander.refused == []
        rows.append(idle_connections(server, before))
    with capsys.disabled():
        print("", *rows, sep="\n")


def idle_connections(server: Server, before: int) -> str:
    with ExitStack() as stack:
        peers = [stack.enter_context(server.connect()) for _ in range(500)]
        for number, peer in enumerate(peers):
            if number % 2:
                peer.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost:")
        assert httpx.get(f"{server.url}/api/v1/health").status_code == 200
        grown = server.memory() - before
        assert grown < BOUND
        for peer in peers:
            peer.shutdown(socket.SHUT_RDWR)
    return f"{'500 idle connections':30}  200           +{grown / MEBIBYTE:5.1f} MiB"


class Bystander:
    """A client that does nothing wrong, all the time."""

    def __init__(self, server: Server) -> None:
        self._url = f"{server.url}/api/v1/health"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self.served = 0
        self.refused: list[int] = []

    def __enter__(self) -> Bystander:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx.Client() as client:
            while not self._stop.wait(0.01):
                answer = client.get(self._url)
                if answer.status_code != 200:
                    self.refused.append(answer.status_code)
                self.served += 1
