"""Servers that are something else, or ill: the run ends in bounded time with a line that a person understands.

For each row the bound in seconds is for an idle machine; the test allows a few times of it. The folder runner has those
that are told apart by their first response: down, HTML, 500, hanging, redirecting, a bad certificate.
"""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conformance.projects import PLAN, Ended, suite
from tests.conformance.servers import HEALTH, KEY, TRACES, Asked, Response, error, good, json_response, serving

PATIENCE = 4
"""Times its bound that a run may take here, where others work on the same machine."""

OPTIONS = (
    "--api-key", KEY, "--other-api-key", "ts_the_other", "--revoked-api-key", "ts_the_revoked",
    "--user", "dev@example.com:development", "--plan", PLAN, "--json", "r.json", "--html", "r.html",
    "--sarif", "r.sarif", "--junit", "r.xml", "--badge", "r.badge",
)  # fmt: skip


def judged(folder: Path, url: str, bound: float, *more: str) -> Ended:
    """A run of the whole suite; it fails the test when it takes too long or ends in a way that is no verdict."""
    began = time.monotonic()
    ended = suite(folder, "server", url, *OPTIONS, *more, timeout=PATIENCE * bound + 20)
    assert time.monotonic() - began < PATIENCE * bound
    assert "Traceback" not in ended.out + ended.err
    assert "INTERNALERROR" not in ended.out + ended.err
    assert ended.err == ""
    assert ended.report["summary"]["error"] == 0, [row for row in ended.report["clauses"] if row["verdict"] == "error"]
    return ended


# --- servers that answer everything, wrongly ---

SHAPES: dict[str, object] = {
    "a list": [],
    "a text": "ok",
    "null": None,
    "a number": 7,
    "an empty object": {},
    "an envelope of lists": {"data": [], "error": []},
    "fields of other types": {
        "status": "ok", "data": {"traces": {"id": 1}, "nextCursor": 5}, "error": None, "accepted": "2", "id": 7,
        "accessToken": 1, "refreshToken": None, "model": [], "results": {}, "verdict": 0,
    },
    "rows of other types": {
        "status": "ok", "data": {"traces": [1, None, "x", [], {"id": None, "totalCost": {}}], "nextCursor": []},
        "accepted": 1.5,
    },
    "deep": json.loads("[" * 200 + "]" * 200),
}  # fmt: skip


STATUSES = (200, 201)
"""Of success; the shapes take turns, for each run costs seconds."""


@pytest.mark.parametrize(
    ("shape", "status"), [(shape, STATUSES[number % len(STATUSES)]) for number, shape in enumerate(SHAPES)]
)
def test_json_of_a_wrong_shape_is_judged(tmp_path: Path, shape: str, status: int) -> None:
    with serving(lambda asked: json_response(status, SHAPES[shape])) as server:
        ended = judged(tmp_path, server.url, 20, "--profile", "quick", "--settle", "0")
    assert ended.code == 1
    assert re.search(r"^\d+ must and \d+ should clauses violated$", ended.last), ended.last


def sick(asked: Asked) -> Response:
    """Health and the key are as they should be, everything else is an error of the server."""
    return good(asked) if asked.path == HEALTH else error(500, "INTERNAL_ERROR")


def test_errors_for_everything_but_health_are_judged(tmp_path: Path) -> None:
    with serving(sick) as server:
        ended = judged(tmp_path, server.url, 20)
    assert ended.code == 1
    assert re.search(r"^\d+ must and \d+ should clauses violated$", ended.last), ended.last
    verdicts = {row["id"]: row["verdict"] for row in ended.report["clauses"]}
    assert (verdicts["errors.internal.absent"], verdicts["health.body"]) == ("fail", "pass")


def refuse(asked: Asked) -> Response:
    """All but health, for ever."""
    if asked.path == HEALTH:
        return json_response(200, {"status": "ok"})
    return json_response(429, {"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "no"}}, retry_after="1")


@pytest.mark.parametrize("good_ones", [0, 5], ids=["from the beginning", "after a while"])
def test_429_for_ever_ends_soon_and_is_told(tmp_path: Path, good_ones: int) -> None:
    left = [good_ones]

    def respond(asked: Asked) -> Response | None:
        left[0] -= 1
        return good(asked) if left[0] >= 0 else refuse(asked)

    with serving(respond) as server:
        ended = judged(tmp_path, server.url, 40, "--profile", "quick")
    assert ended.code == 4
    assert "was refused with 429 6 times in a row" in ended.last


def test_a_server_that_stops_answering_all_but_health_is_told(tmp_path: Path) -> None:
    def silent(asked: Asked) -> Response | None:
        return json_response(200, {"status": "ok"}) if asked.path == HEALTH else None

    with serving(silent) as server:
        ended = judged(tmp_path, server.url, 30, "--profile", "quick")
    assert ended.code == 4
    assert "then the server closed the connection without a response" in ended.last


# --- servers that are no servers ---

Talk = Callable[[socket.socket], None]


@contextmanager
def talking(talk: Talk) -> Iterator[str]:
    """The address of what says something to whoever connects, whatever was asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def each(connection: socket.socket) -> None:
        with connection:
            connection.settimeout(30)
            try:
                connection.recv(65536)
                talk(connection)
            except OSError:
                return

    def accept() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=each, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def drip(connection: socket.socket) -> None:
    """A body that never ends, a byte at a time: each wait for a byte is short."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b" ")
        time.sleep(0.2)


def drip_head(connection: socket.socket) -> None:
    """The same within the headers."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"x-more: 1\r\n")
        time.sleep(0.2)


def flood(connection: socket.socket) -> None:
    """A gigabyte."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    part = b" " * 1_000_000
    for _ in range(1_000):
        connection.sendall(part)


def flood_head(connection: socket.socket) -> None:
    """A gigabyte of headers."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(1_000_000):
        connection.sendall(b"x-more: " + b"x" * 1_000 + b"\r\n")


def cut(connection: socket.socket) -> None:
    """Less than was promised."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{")


def greet(connection: socket.socket) -> None:
    """Another protocol."""
    connection.sendall(b"SSH-2.0-OpenSSH_9.6\r\n\r\n")


def packed(connection: socket.socket) -> None:
    """Says gzip, and is none."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n{}{}")


TALKS: dict[str, tuple[Talk, str, float]] = {
    "drips a body": (drip, "the response did not end in time", 10),
    "drips headers": (drip_head, "no response within 5 s", 10),
    "sends a gigabyte": (flood, "the response is larger than 64,000,000 bytes", 10),
    "sends a gigabyte of headers": (flood_head, "the response is not HTTP", 10),
    "promises more than it sends": (cut, "", 10),
    "speaks another protocol": (greet, "the response is not HTTP", 10),
    "says gzip and sends none": (packed, "Content-Encoding is broken", 10),
    "closes at once": (lambda connection: None, "closed the connection without a response", 10),
}


@pytest.mark.parametrize("name", list(TALKS))
def test_what_is_no_server_is_told_in_one_line(tmp_path: Path, name: str) -> None:
    talk, line, bound = TALKS[name]
    with talking(talk) as url:
        ended = judged(tmp_path, url, bound)
    assert ended.code == 4
    assert ended.last.startswith(f"not judged: {url} ")
    assert line in ended.last, ended.last


# --- Prism ---


@pytest.fixture
def prism(npm_bin: Path, repository: Path, tmp_path: Path) -> Iterator[str]:
    """The address of Prism on our document."""
    output = tmp_path / "prism.log"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [npm_bin / "prism", "mock", "--host", "127.0.0.1", "--port", "0", repository / "openapi.yaml"],
            stdout=file,
            stderr=file,
        )
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(r"listening on (http://\S+)", output.read_text())):
            assert process.poll() is None, output.read_text()
            assert time.monotonic() < deadline, output.read_text()
            time.sleep(0.05)
        yield found[1]
    finally:
        process.kill()
        process.wait()


@pytest.mark.timeout(400)
def test_prism_on_the_same_document_is_judged(prism: str, tmp_path: Path) -> None:
    """It keeps nothing and takes any key, so much is violated; what it answers as documented is seen as such."""
    ended = judged(tmp_path, prism, 40, "--settle", "0.1")
    assert ended.code == 1
    verdicts = {row["id"]: row["verdict"] for row in ended.report["clauses"]}
    rows = ("health.body", "auth.key.missing-status", "traces.list.limit.below", "routing.answer.model")
    assert {verdicts[clause] for clause in rows} == {"pass"}
    assert verdicts["auth.key.invalid"] == verdicts["traces.batch.visible"] == "fail"
    assert TRACES in (tmp_path / "r.html").read_text(encoding="utf-8")
