"""Connections: bounded in bytes, seconds and number, cut when ordered, and otherwise as HTTP/1.1 wants them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from tests.mock.engine.http.server import Server, read_all, read_answer, running

HEAD = b"Host: mock\r\n"
HEALTH = b"GET /api/v1/health HTTP/1.1\r\n" + HEAD + b"\r\n"
LAST = b"GET /api/v1/health HTTP/1.1\r\nConnection: close\r\n" + HEAD + b"\r\n"
TIGHT = {"head": 4096}
HASTY = {"head_seconds": 0.6, "body_seconds": 0.6, "idle_seconds": 0.8}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Tight in bytes; patient, so that a loaded machine changes no answer."""
    with running(tmp_path_factory.mktemp("tight"), dict(TIGHT)) as found:
        yield found


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Tight in seconds."""
    with running(tmp_path_factory.mktemp("hasty"), dict(HASTY)) as found:
        yield found


def post(server: Server, length: int | None, *more: bytes) -> bytes:
    size = b"Transfer-Encoding: chunked" if length is None else b"Content-Length: %d" % length
    key = b"Authorization: Bearer " + server.key.encode()
    lines = [b"POST /api/v1/route-model HTTP/1.1", b"Host: mock", key, b"Content-Type: application/json", size, *more]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def in_envelope(answer: bytes) -> bool:
    return answer.partition(b"\r\n\r\n")[2].startswith(b'{"error":{"code":')


def test_keep_alive_and_pipelined_requests_are_answered_in_order(server: Server) -> None:
    unknown = b"GET /api/v1/nothing HTTP/1.1\r\n" + HEAD + b"\r\n"
    body = b'{"input": "x"}'
    answers = server.exchange(HEALTH + unknown + post(server, len(body)) + body + HEALTH * 50 + LAST)
    parts = answers.split(b"HTTP/1.1 ")[1:]
    assert [part[:3] for part in parts] == [b"200", b"404", b"200", *[b"200"] * 51]
    assert b"connection: close" in parts[-1]


def test_a_request_in_single_bytes_is_understood(server: Server) -> None:
    with server.connect() as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in HEALTH:
            peer.sendall(bytes([byte]))
        assert status(read_answer(peer)) == 200


def test_a_client_that_closed_its_half_still_gets_its_answers(server: Server) -> None:
    with server.connect() as peer:
        peer.sendall(HEALTH * 3)
        peer.shutdown(socket.SHUT_WR)
        assert read_all(peer).count(b'{"status":"ok"}') == 3


def test_a_client_that_closes_its_half_behind_a_body_still_gets_its_answer(server: Server) -> None:
    body = b'{"input": "x"}'
    for _ in range(20):
        with server.connect() as peer:
            peer.sendall(post(server, len(body)) + body)
            peer.shutdown(socket.SHUT_WR)
            assert status(read_all(peer)) == 200


def test_head_has_no_body_on_the_wire(server: Server) -> None:
    answer = server.exchange(LAST.replace(b"GET", b"HEAD"))
    assert answer.endswith(b"\r\n\r\n")
    assert b"content-length: 15" in answer


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"nonsense\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"GET / HTTP/1.1\r\nBad Header: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"CONNECT mock:80 HTTP/1.1\r\n" + HEAD + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_not_http_is_refused_in_the_envelope(server: Server, request_bytes: bytes) -> None:
    answer = server.exchange(request_bytes)
    assert (status(answer), in_envelope(answer)) == (400, True)
    assert b"connection: close" in answer


def test_another_protocol_that_is_offered_is_not_taken(server: Server) -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
    with server.connect() as peer:
        for _ in range(2):
            peer.sendall(b"GET /api/v1/health HTTP/1.1\r\n" + HEAD + offer + b"\r\n")
            assert status(read_answer(peer)) == 200, "and the connection is good for more"


@pytest.mark.parametrize(
    "parts",
    [
        [b"GET /" + b"x" * 5000 + b" HTTP/1.1\r\n" + HEAD + b"\r\n"],
        [b"GET / HTTP/1.1\r\n" + HEAD, b"A: b\r\n" * 2000, b"\r\n"],
        [b"GET / HTTP/1.1\r\n" + HEAD + b"A: ", *[b"x" * 1000] * 20],
    ],
    ids=["a long line", "many headers", "a header that never ends"],
)
def test_headers_are_bounded(server: Server, parts: list[bytes]) -> None:
    with server.connect() as peer:
        with suppress(ConnectionError):
            for part in parts:
                peer.sendall(part)
        answer = read_answer(peer)
    assert (status(answer), in_envelope(answer)) == (431, True)


def test_slow_headers_are_refused_in_time(hasty: Server) -> None:
    with hasty.connect() as peer:
        peer.sendall(b"GET /api/v1/health HTTP/1.1\r\n")
        answer = read_all(peer)
    assert (status(answer), in_envelope(answer)) == (408, True)


def test_a_slow_body_is_refused_in_time(hasty: Server) -> None:
    with hasty.connect() as peer:
        peer.sendall(post(hasty, 100) + b'{"input"')
        answer = read_all(peer)
    assert (status(answer), in_envelope(answer)) == (408, True)


def test_an_idle_connection_is_closed(hasty: Server) -> None:
    with hasty.connect() as peer:
        peer.sendall(HEALTH)
        assert status(read_answer(peer)) == 200
        assert read_all(peer) == b""


@pytest.mark.parametrize("chunked", [False, True])
def test_a_client_that_speaks_to_the_end_before_it_listens_can_read_its_413(server: Server, chunked: bool) -> None:
    size = 20_000_000
    block = bytes(100_000)
    with server.connect() as peer:
        peer.sendall(post(server, None if chunked else size))
        for _ in range(size // len(block)):
            peer.sendall(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
        if chunked:
            peer.sendall(b"0\r\n\r\n")
        assert status(read_answer(peer)) == 413
        peer.sendall(HEALTH)
        assert status(read_answer(peer)) == 200, "the connection is good for more"


def test_who_waits_for_leave_to_send_is_refused_before_the_body(server: Server) -> None:
    with server.connect() as peer:
        peer.sendall(post(server, 20_000_000, b"Expect: 100-continue"))
        answer = read_all(peer)
    assert status(answer) == 413
    assert b"connection: close" in answer


def test_who_waits_for_leave_to_send_gets_it(server: Server) -> None:
    body = b'{"input": "x"}'
    with server.connect() as peer:
        peer.sendall(post(server, len(body), b"Expect: 100-continue", b"Connection: close"))
        assert peer.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        peer.sendall(body)
        assert status(read_all(peer)) == 200


def test_a_body_with_connection_close_can_be_refused_and_read(server: Server) -> None:
    with server.connect() as peer:
        peer.sendall(post(server, 2_000_000, b"Connection: close"))
        for _ in range(20):
            peer.sendall(bytes(100_000))
        assert status(read_all(peer)) == 413


def test_a_reset_is_a_reset_and_a_truncated_answer_ends_early(server: Server) -> None:
    control = f"{server.url}/__mock/v1/faults"
    key = {"Authorization": f"Bearer {server.key}"}
    ask = b"GET /api/v1/traces HTTP/1.1\r\n" + HEAD + b"Authorization: Bearer " + server.key.encode() + b"\r\n\r\n"
    httpx.post(control, json={"kind": "reset", "times": 1}, headers=key).raise_for_status()
    with server.connect() as peer:
        peer.sendall(ask)
        with pytest.raises(ConnectionResetError):
            read_all(peer)
    httpx.post(control, json={"kind": "truncate", "keep": 3, "times": 1}, headers=key).raise_for_status()
    assert server.exchange(ask).endswith(b'\r\n\r\n{"d')
    assert status(server.exchange(ask.replace(HEAD, HEAD + b"Connection: close\r\n"))) == 200


@pytest.mark.parametrize("code", [100, 103, 199])
def test_an_ordered_interim_response_is_all_that_comes(server: Server, code: int) -> None:
    head, _, rest = server.exchange(HEALTH.replace(HEAD, HEAD + b"Prefer: code=%d\r\n" % code)).partition(b"\r\n\r\n")
    assert (status(head), rest, b"content-length" in head) == (code, b"", False)


@pytest.mark.parametrize("code", [204, 205, 299, 304, 418, 504, 599])
def test_after_any_ordered_status_the_connection_goes_on(server: Server, code: int) -> None:
    answers = server.exchange(HEALTH.replace(HEAD, HEAD + b"Prefer: code=%d\r\n" % code) + LAST)
    assert (status(answers), answers.count(b"HTTP/1.1 200 ")) == (code, 1)


def test_one_connection_too_many_is_told_and_closed(tmp_path: Path) -> None:
    with running(tmp_path, {"connections": 3}) as server:
        peers = [server.connect() for _ in range(3)]
        for peer in peers:
            peer.sendall(HEALTH)
            assert status(read_answer(peer)) == 200
        answer = server.exchange(b"")
        assert (status(answer), in_envelope(answer)) == (503, True)
        peers.pop().close()
        peers[0].sendall(LAST)
        assert status(read_answer(peers[0])) == 200
        for peer in peers:
            peer.close()
