"""What RFC 9110 and RFC 9112 leave to a server, in bytes that arrive in one piece, in two, or one by one."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.mock.engine.http.server import Server, read_all, running

BOUND = 4096
HOST = b"Host: mock\r\n"
BODY = b'{"input": "x"}'
LAST = b"Connection: close\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"5;a=b\r\n" + BODY[:5] + b"\r\n%x\r\n" % len(BODY[5:]) + BODY[5:] + b"\r\n0\r\n"
LENGTH = b"Content-Length: %d\r\n" % len(BODY)

Cut = Callable[[bytes], list[bytes]]


def in_pieces(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


CUTS: dict[str, Cut] = {
    "whole": lambda data: [data],
    "head and rest": lambda data: [part for part in data.partition(b"\r\n\r\n") if part],
    "in single bytes": lambda data: in_pieces(data, 1 + len(data) // 1000),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("grammar"), {"head": BOUND}) as found:
        yield found


def get(*fields: bytes, line: bytes = b"GET /api/v1/health HTTP/1.1") -> bytes:
    return line + b"\r\n" + b"".join(fields) + b"\r\n"


def post(*fields: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    head = (
        b"POST /api/v1/route-model HTTP/"
        + version
        + b"\r\nAuthorization: Bearer KEY\r\nContent-Type: application/json\r\n"
    )
    return head + b"".join(fields) + b"\r\n" + body


def send(server: Server, request: bytes, cut: Cut) -> bytes:
    """Everything that comes back; the bytes go out one piece at a time."""
    with server.connect() as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(ConnectionError):
            for part in cut(request.replace(b"KEY", server.key.encode())):
                peer.sendall(part)
                time.sleep(0.0003)  # so that pieces are read as pieces
        return read_all(peer)


class Case(NamedTuple):
    request: bytes
    status: int
    message: bytes = b""


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
SOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\n"
LAST_HEALTH = get(HOST, LAST)

CASES: dict[str, Case] = {
    # an offer of another protocol is ignored, and the connection goes on
    "h2c, length": Case(post(HOST, OFFER, LENGTH, body=BODY) + LAST_HEALTH, 200),
    "h2c, chunks": Case(post(HOST, OFFER, CHUNKED, body=CHUNKS + b"\r\n") + LAST_HEALTH, 200),
    "h2c, no body": Case(get(HOST, OFFER) + LAST_HEALTH, 200),
    "h2c thrice in one connection": Case(post(HOST, OFFER, LENGTH, body=BODY) * 3 + LAST_HEALTH, 200),
    "websocket, length": Case(post(HOST, SOCKET, LENGTH, body=BODY) + LAST_HEALTH, 200),
    "websocket, no body": Case(get(HOST, SOCKET) + LAST_HEALTH, 200),
    # trailer fields are no header fields
    "a trailer says who calls": Case(
        post(HOST, LAST, CHUNKED, body=CHUNKS + b"Authorization: Bearer KEY\r\n\r\n").replace(
            b"Bearer KEY", b"Bearer no", 1
        ),
        401,
    ),
    "a trailer prefers": Case(post(HOST, LAST, CHUNKED, body=CHUNKS + b"Prefer: code=503\r\n\r\n"), 200),
    "a trailer encodes": Case(post(HOST, LAST, CHUNKED, body=CHUNKS + b"Content-Encoding: gzip\r\n\r\n"), 200),
    "a trailer is no Host": Case(post(LAST, CHUNKED, body=CHUNKS + HOST + b"\r\n"), 400, b"Host"),
    "a second Host in a trailer": Case(post(HOST, LAST, CHUNKED, body=CHUNKS + HOST + b"\r\n"), 200),
    "a long trailer": Case(post(HOST, LAST, CHUNKED, body=CHUNKS + b"A: b\r\n" * 700 + b"\r\n"), 431),
    "a trailer that is too long with its head": Case(
        post(HOST, LAST, b"A: " + b"b" * 2500 + b"\r\n", CHUNKED, body=CHUNKS + b"C: " + b"d" * 2500 + b"\r\n\r\n"), 431
    ),
    # Host
    "no Host": Case(get(), 400, b"it has 0 Host fields; expected one"),
    "no Host in HTTP/1.0": Case(get(line=b"GET /api/v1/health HTTP/1.0"), 200),
    "two Hosts": Case(get(HOST, HOST), 400, b"it has 2 Host fields; expected one"),
    "an empty Host": Case(get(b"Host:\r\n", LAST), 200),
    "an address": Case(get(b"Host: [::1]:80\r\n", LAST), 200),
    **{
        f"Host: {host.decode()}": Case(get(b"Host: " + host + b"\r\n"), 400, b"its Host is no host")
        for host in (b"a b", b"a/b", b"user@mock", b"mock:port", b"[::1", b"a,b", b"<mock>")
    },
    # Transfer-Encoding
    "gzip, chunked": Case(post(HOST, b"Transfer-Encoding: gzip, chunked\r\n", body=CHUNKS), 501, b"gzip, chunked"),
    "gzip": Case(post(HOST, b"Transfer-Encoding: gzip\r\n", body=b"x"), 501, b"Transfer-Encoding: gzip"),
    "chunked in capitals": Case(post(HOST, LAST, b"Transfer-Encoding: Chunked\r\n", body=CHUNKS + b"\r\n"), 200),
    "chunked twice": Case(post(HOST, b"Transfer-Encoding: chunked, chunked\r\n", body=CHUNKS), 400),
    "chunked in HTTP/1.0": Case(post(HOST, CHUNKED, body=CHUNKS + b"\r\n", version=b"1.0"), 400, b"HTTP/1.0"),
    "chunked and a length": Case(post(HOST, CHUNKED, LENGTH, body=BODY), 400, b"contradict"),
    "two lengths": Case(post(HOST, LENGTH, b"Content-Length: 3\r\n", body=BODY), 400, b"contradict"),
    "broken chunks": Case(post(HOST, CHUNKED, body=b"nonsense\r\n"), 400, b"its body is not in the form"),
    "a chunk longer than it says": Case(post(HOST, CHUNKED, body=b"1\r\nxyz\r\n"), 400, b"its body is not in the form"),
    # Expect
    "Expect in HTTP/1.0": Case(post(b"Expect: 100-continue\r\n", LENGTH, body=BODY, version=b"1.0"), 200),
    # methods and targets
    **{
        line.decode(): Case(get(HOST, line=line), status, message)
        for line, status, message in (
            (b"BREW /api/v1/health HTTP/1.1", 501, b"the method "),
            (b"get /api/v1/health HTTP/1.1", 501, b"the method "),
            (b"GETS /api/v1/health HTTP/1.1", 501, b"the method "),
            (b"CONNECT mock:80 HTTP/1.1", 400, b"CONNECT asks for a tunnel"),
            (b"OPTIONS * HTTP/1.1", 400, b"its target, *, names no path"),
            (b"PRI * HTTP/2.0", 400, b"The request is not valid HTTP: its "),
            (b"GET /a HTTP/3.0", 400, b"The request is not valid HTTP: its "),
            (b"GET mock HTTP/1.1", 400, b"The request is not valid HTTP: its "),
            (b"GET /a b HTTP/1.1", 400, b"The request is not valid HTTP: its "),
        )
    },
    "the root as a URL": Case(get(HOST, LAST, line=b"GET http://mock HTTP/1.1"), 404, b"No such endpoint: /"),
    "a URL": Case(get(HOST, LAST, line=b"GET http://mock/api/v1/health HTTP/1.1"), 200),
    "a folded field": Case(get(HOST, b"A: b\r\n c\r\n"), 400, b"its target or header fields are malformed"),
    "a TLS greeting": Case(
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, b"its first line is not that of an HTTP/1.1"
    ),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_request_means_the_same_however_its_bytes_are_cut(server: Server, case: Case, cut: Cut) -> None:
    begun = time.monotonic()
    answer = send(server, case.request, cut)
    status_line, _, rest = answer.partition(b"\r\n")
    assert status_line.startswith(b"HTTP/1.1 %d " % case.status) or (status_line == b"HTTP/1.1 100 Continue"), answer
    assert case.message in rest, answer
    responses = answer.count(b"HTTP/1.1 %d " % case.status)
    assert responses == 1 + case.request.count(b"\r\n\r\nGET ") + case.request.count(b"}POST ") + case.request.count(
        b"}GET "
    )
    assert time.monotonic() - begun < 8, "it was answered at once, not when time ran out"
    assert b"\r\ndate: " in answer


@pytest.mark.parametrize(
    "start", [CHUNKS + b"A: ", CHUNKS + b"A", b"5;a="], ids=["a trailer", "its name", "an extension"]
)
def test_what_stands_between_chunks_and_never_ends_is_refused(server: Server, start: bytes) -> None:
    answer = send(server, post(HOST, CHUNKED, body=start + b"x" * 3 * BOUND), lambda data: in_pieces(data, 500))
    assert answer.startswith(b"HTTP/1.1 431 ")


def test_a_server_that_checks_its_own_responses_tells_what_the_connection_refuses_just_the_same(tmp_path: Path) -> None:
    with running(tmp_path, {"head": BOUND, "body_seconds": 0.5}, validate_answers=True) as server:
        for part, status in {b"A: b\r\n" * BOUND: 431, b"": 408}.items():
            answer = send(server, post(HOST, CHUNKED, body=CHUNKS + part), lambda data: in_pieces(data, 500))
            assert answer.startswith(b"HTTP/1.1 %d " % status), answer


PADDING = b"A: " + b"x" * (BOUND // 4) + b"\r\n"


@pytest.mark.parametrize(
    "before", [get(HOST, PADDING), post(HOST, PADDING, LENGTH, body=BODY)], ids=["without bodies", "with bodies"]
)
@pytest.mark.parametrize("framing", [(LENGTH, BODY), (CHUNKED, CHUNKS + b"\r\n")], ids=["a length", "chunks"])
def test_a_body_read_behind_its_head_is_not_charged_with_the_requests_before_it_on_its_connection(
    server: Server, before: bytes, framing: tuple[bytes, bytes]
) -> None:
    head, body = framing
    with server.connect() as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(2 * BOUND // len(before)):
            peer.sendall(before.replace(b"KEY", server.key.encode()))
            peer.recv(BOUND)
        last = post(HOST, LAST, head).replace(b"KEY", server.key.encode())
        for part in (last, *in_pieces(body, 5)):
            peer.sendall(part)
            time.sleep(0.001)
        answer = read_all(peer)
    assert answer.startswith(b"HTTP/1.1 200 "), answer


class Records:
    """What a server keeps of requests."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self._folder = folder

    def journal(self) -> list[tuple[str, str, int]]:
        key = {"Authorization": f"Bearer {self._server.key}"}
        entries = httpx.get(f"{self._server.url}/__mock/v1/journal", headers=key).json()["entries"]
        return [(entry["method"], entry["path"], entry["status"]) for entry in entries]

    def metrics(self) -> str:
        return httpx.get(f"{self._server.url}/__mock/metrics").text

    def log(self) -> str:
        time.sleep(0.3)
        return (self._folder / "log").read_text()


KEYED = b"GET /api/v1/traces HTTP/1.1\r\nOrigin: null\r\nAuthorization: Bearer KEY\r\n"
REFUSED = {
    "431": (KEYED + HOST + b"A: " + b"x" * 2 * BOUND + b"\r\n\r\n", 431),
    "400": (KEYED + b"\r\n", 400),
    "501": (KEYED + HOST + b"Transfer-Encoding: gzip, chunked\r\n\r\n", 501),
    "408": (KEYED + HOST, 408),
}


@pytest.mark.parametrize(("request_bytes", "status"), REFUSED.values(), ids=REFUSED)
def test_what_a_connection_refuses_is_an_ordinary_response_and_in_all_records(
    tmp_path: Path, request_bytes: bytes, status: int
) -> None:
    with running(tmp_path, {"head": BOUND, "head_seconds": 0.5}) as server:
        head, _, _ = send(server, request_bytes, CUTS["whole"]).partition(b"\r\n\r\n")
        records = Records(server, tmp_path)
        for field in (
            b"date: ",
            b"access-control-allow-origin: *",
            b"access-control-expose-headers: ",
            b"content-length: ",
        ):
            assert b"\r\n" + field in head
        assert records.journal() == [("GET", "/api/v1/traces", status)]
        assert f'status="{status}"' in records.metrics()
        assert f"GET /api/v1/traces {status} " in records.log()


CLIENT = """
import java.net.URI;
import java.net.http.*;
public class Client {
  public static void main(String[] arguments) throws Exception {
    String body = "{\\"input\\": \\"x\\"}";
    HttpClient client = HttpClient.newHttpClient();
    for (int number = 0; number < 3; number++) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(arguments[0] + "/api/v1/route-model"))
        .header("Authorization", "Bearer " + arguments[1]).header("Content-Type", "application/json")
        .POST(number == 1
          ? HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(body.getBytes()))
          : HttpRequest.BodyPublishers.ofString(body)).build();
      System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode());
    }
  }
}
"""


def test_the_http_client_of_the_jdk_is_served_in_its_default_settings(server: Server, tmp_path: Path) -> None:
    """It offers h2c with every first request to a server; what it sends has a length, or is in chunks."""
    java = shutil.which("java")
    if java is None:
        if os.environ.get("CI") == "true":
            pytest.fail("java is not installed: the test needs JDK 17 or later")
        pytest.skip("java is not installed")
    (tmp_path / "Client.java").write_text(CLIENT)
    command = [java, str(tmp_path / "Client.java"), server.url, server.key]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.split() == ["200"] * 3, done.stderr
