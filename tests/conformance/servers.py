"""Small servers for tests of the suite's frame: each answers as a function says, on a free port of the loopback."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

KEY = "ts_the_key_of_the_project"
HEALTH, TRACES = "/api/v1/health", "/api/v1/traces"


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes


@dataclass(frozen=True)
class Response:
    """What the server answers; `None` instead of one cuts the connection."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


Respond = Callable[[Asked], Response | None]


def json_response(status: int, value: object, **headers: str) -> Response:
    """A JSON answer; underscores in names of headers are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, json.dumps(value).encode(), {"content-type": "application/json", **named})


def error(status: int, code: str) -> Response:
    """An error in the documented envelope."""
    return json_response(status, {"error": {"code": code, "message": "so it is"}})


def good(asked: Asked) -> Response:
    """A server that keeps health and authentication, and answers any POST with a count of one."""
    if asked.path == HEALTH:
        return json_response(200, {"status": "ok"})
    if asked.headers.get("authorization", "").lower() != f"bearer {KEY}".lower():
        return error(401, "UNAUTHORIZED")
    if asked.method == "GET":
        return json_response(200, {"data": {"traces": [], "nextCursor": None}, "error": None})
    return json_response(201, {"accepted": 1})


@dataclass
class Server:
    """A running one, with what it was asked."""

    url: str
    asked: list[Asked]


@contextmanager
def serving(respond: Respond = good, certificate: Path | None = None) -> Iterator[Server]:
    """A server while the block runs; with a certificate it speaks TLS."""
    asked: list[Asked] = []
    lock = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        disable_nagle_algorithm = True  # or a response in two writes waits 40 ms for the client's ACK

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name in the base class
            """Keep the output of tests clean."""

        def _handle(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            path, _, query = self.path.partition("?")
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Asked(self.command, path, query, headers, self.rfile.read(size))
            with lock:
                asked.append(request)
            response = respond(request)
            if response is None:
                self.close_connection = True
                return
            self.send_response(response.status)
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(response.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.body)

        def __getattr__(self, name: str) -> object:
            # The base class asks for `do_GET` and the like.
            if name.startswith("do_"):
                return self._handle
            raise AttributeError(name)

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_: object) -> None:
            """A client that went away is no news."""

    server = Quiet(("127.0.0.1", 0), Handler)
    scheme = "http"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Server(f"{scheme}://127.0.0.1:{server.server_address[1]}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
