"""Bursts: as many requests in a second as wanted, whatever the distance; nothing is lost, doubled or waited for."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conformance.engine.api_client.conftest import Make
from tests.conformance.lines import at_distance
from tests.conformance.servers import Asked, Response, Server, good, json_response, serving

PLAN = "free"
DISTANCE = 0.2
TIMES = 3  # of the plan's rate: the burst of the clauses


@pytest.mark.parametrize("seconds", [0.005, DISTANCE])
def test_as_many_are_under_way_as_rate_and_distance_need(make: Make, server: Server, seconds: float) -> None:
    with at_distance(server.url, seconds) as url:
        client = make(url, allow_burst=True, plan=PLAN)
        client.call("listTraces")
        count = 2 * client.rate
        found = client.burst("listTraces", count, query={"limit": 1})
    assert [exchange.status for exchange in found] == [200] * count
    assert all(exchange.seconds >= seconds for exchange in found)
    under_way = [sum(row.sent <= other.sent < row.answered for row in found) for other in found]
    assert max(under_way) > seconds * TIMES * client.rate / client.contract.rate_limit.window
    assert len(server.asked) == count + 1


def test_every_request_goes_out_at_its_moment(make: Make, server: Server) -> None:
    with at_distance(server.url, DISTANCE) as url:
        client = make(url, allow_burst=True)
        start = time.monotonic() + 0.1
        offsets = (0.0, 0.1, 0.1, 0.3)
        found = client.burst("listTraces", offsets=offsets, start=start)
    late = [exchange.sent - start - offset for exchange, offset in zip(found, offsets, strict=True)]
    assert min(late) >= 0
    assert max(late) < 0.1


def test_what_a_slow_server_leaves_no_time_for_is_not_sent(make: Make) -> None:
    def slow(asked: Asked) -> Response | None:
        time.sleep(0.05)
        return good(asked)

    with serving(slow) as server:
        client = make(server.url, allow_burst=True)
        found = client.burst("listTraces", 1_000, last=0.3)
        assert 0 < len(found) == len(server.asked) < 1_000
    assert {exchange.status for exchange in found} == {200}


def test_connections_that_end_early_lose_no_request(make: Make) -> None:
    with serving(lambda asked: json_response(200, {"status": "ok"}, Connection="close")) as server:
        found = make(server.url, allow_burst=True).burst("getHealth", 100)
    assert [exchange.status for exchange in found] == [200] * 100


def test_without_any_response_every_request_has_its_problem(make: Make) -> None:
    with serving(lambda asked: None) as server:
        found = make(server.url, allow_burst=True).burst("getHealth", 20)
    assert {exchange.problem for exchange in found} == {"the server closed the connection without a response"}
    assert len(found) == 20
    found = make(server.url, allow_burst=True).burst("getHealth", 20)
    assert {str(exchange.problem).partition(" (")[0] for exchange in found} == {"no connection: nothing listens there"}


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nok", "no response within 0.5 s"),
        (b"nonsense\r\n\r\n", "the response is not HTTP"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n" + bytes(2_000_000), "the response is larger"),
    ],
)
def test_bad_answers_end_in_time(make: Make, answer: bytes, problem: str) -> None:
    with saying(answer) as url:
        began = time.monotonic()
        found = make(url, allow_burst=True, timeout=0.5).burst("getHealth", 3)
    assert time.monotonic() - began < 5
    assert [str(exchange.problem)[: len(problem)] for exchange in found] == [problem] * 3


def test_hints_and_ends_of_connections_are_read_as_http_says(make: Make) -> None:
    hint = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    with saying(hint + b'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{"status": "ok"}', end=True) as url:
        found = make(url, allow_burst=True).burst("getHealth", 3)
    assert [(exchange.status, exchange.at("status")) for exchange in found] == [(200, "ok")] * 3


def test_a_burst_goes_over_tls(make: Make, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(certificate=certificate) as server:
        refused = make(server.url, allow_burst=True).burst("getHealth", 3)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_name("certificate")))
        found = make(server.url, allow_burst=True).burst("getHealth", 3)
    assert [exchange.status for exchange in found] == [200] * 3
    assert all("the certificate is not valid" in str(exchange.problem) for exchange in refused)


def test_a_burst_creates_nothing(make: Make, server: Server) -> None:
    with pytest.raises(ValueError, match="may create"):
        make(server.url, allow_burst=True).burst("ingestTraces", 1)
    assert not server.asked


@contextmanager
def saying(answer: bytes, *, end: bool = False) -> Iterator[str]:
    """A server that gives these bytes to the first request of every connection, and then ends it, or stays silent."""
    listener = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=speak, args=(connection,), daemon=True).start()

    def speak(connection: socket.socket) -> None:
        open_ones.append(connection)
        try:
            if connection.recv(65_536):
                connection.sendall(answer)
                if end:
                    connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for connection in open_ones:
            connection.close()
