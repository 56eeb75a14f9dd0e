"""Servers that cannot be judged are told from each other in one line, in bounded time."""

from __future__ import annotations

import re
import socket
import time
from pathlib import Path

import pytest

from tests.conformance.runner.conftest import HEALTH_ALONE, Judge
from tests.conformance.servers import HEALTH, Asked, Respond, Response, Server, error, good, serving


def html(_: Asked) -> Response:
    return Response(200, b"<!doctype html><title>Welcome</title>", {"content-type": "text/html"})


def elsewhere(_: Asked) -> Response:
    return Response(301, b"", {"location": "https://example.com/api"})


def hang(_: Asked) -> None:
    time.sleep(8)


UNUSABLE: list[tuple[str, Respond, str]] = [
    ("HTML", html, "answers, but not as the API: /api/v1/health gives 200 with text/html, not JSON"),
    ("500 to everything", lambda asked: error(500, "X"), "answers with errors only: 500 for /api/v1/health"),
    ("404 to everything", lambda asked: error(404, "X"), "has no such API"),
    ("redirects", elsewhere, "redirects to https://example.com/api; the key is not sent to another place"),
    ("hangs", hang, "cannot be reached: no response within 5 s"),
    ("cuts the connection", lambda asked: None, "cannot be reached: the server closed the connection"),
    ("refuses the key", lambda asked: good(asked) if asked.path == HEALTH else error(401, "X"), "refuses the API key"),
]


@pytest.mark.parametrize(("respond", "line"), [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
def test_an_unusable_server_is_told_in_one_line(judge: Judge, respond: Respond, line: str) -> None:
    with serving(respond) as server:
        ended = judge(server.url)
    assert ended.code == 4
    assert ended.out.splitlines()[-1].startswith(f"not judged: {server.url} ")
    assert line in ended.out
    assert "Traceback" not in ended.out + ended.err
    assert len(server.asked) <= 2
    assert ended.report["run"]["state"] == "unreachable"


def test_a_server_that_is_down_is_told(judge: Judge) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ended = judge(f"http://127.0.0.1:{port}")
    assert (ended.code, ended.err) == (4, "")
    message = f"http://127.0.0.1:{port} cannot be reached: no connection: nothing listens there (connection refused)"
    assert message in ended.out
    assert "untested " not in ended.out.replace(" untested, ", ""), "a list of hundreds of clauses"
    reasons = {row["reason"] for row in ended.report["clauses"] if not row["reason"].startswith("cannot be tested")}
    assert reasons == {f"the server was not judged: {message}"}


def test_an_unknown_host_is_told(judge: Judge) -> None:
    ended = judge("http://nowhere.invalid")
    assert ended.code == 4
    assert re.search(
        r"cannot be reached: no connection: the host name (is not known|could not be looked up|has no)", ended.out
    )


def test_a_bad_certificate_is_told(judge: Judge, certificate: Path) -> None:
    with serving(certificate=certificate) as server:
        ended = judge(server.url)
        trusted = judge(server.url, *HEALTH_ALONE, SSL_CERT_FILE=str(certificate.with_name("certificate")))
    assert (ended.code, trusted.code) == (4, 0)
    assert "the certificate is not valid: self-signed certificate; SSL_CERT_FILE names those to trust" in ended.out


def test_the_environment_of_the_network_is_checked(judge: Judge, server: Server) -> None:
    ended = judge(server.url, reports=False, SSL_CERT_FILE="/no/such/file")
    assert (ended.code, ended.err) == (
        2,
        "URL: SSL_CERT_FILE=/no/such/file cannot be read (No such file or directory)\n",
    )


def test_no_proxy_stands_between_a_machine_and_itself(judge: Judge, server: Server) -> None:
    assert judge(server.url, *HEALTH_ALONE, HTTP_PROXY="http://127.0.0.1:1", http_proxy="http://127.0.0.1:1").code == 0


def test_http_at_a_port_of_https_is_told(judge: Judge, server: Server) -> None:
    ended = judge(server.url.replace("http:", "https:"))
    assert ended.code == 4
    assert "TLS failed" in ended.out


def test_a_server_that_dies_during_the_run_ends_it_soon(judge: Judge) -> None:
    left = [2]

    def dying(asked: Asked) -> Response | None:
        left[0] -= 1
        return good(asked) if left[0] >= 0 else None

    with serving(dying) as server:
        ended = judge(server.url)
    assert ended.code == 4
    assert "stopped answering: the server closed the connection" in ended.out
    assert len(server.asked) < 20
