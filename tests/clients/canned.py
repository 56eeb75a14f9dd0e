"""A server that sends the responses of a table in turn: those that no server of the contract, and so no mock, sends."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self


@contextmanager
def canned(responses: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Its URL, and a journal that grows: for each request what the mock's journal has of it.

    A response has `status`, `headers` and `body`; a request after the last one gets a response of 599.
    """
    waiting, journal = list(responses), list[dict[str, Any]]()
    beyond: Mapping[str, Any] = {"status": 599, "headers": {}, "body": "no response is left"}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.respond()

        def do_POST(self) -> None:
            self.respond()

        def respond(self) -> None:
            started = time.time()
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            given = waiting.pop(0) if waiting else beyond
            journal.append(
                {
                    "sequence": len(journal) + 1,
                    "operation": None,
                    "query": self.path.partition("?")[2],
                    "status": given["status"],
                    "clauses": [],
                    "attempt_keys": [],
                    "started": started,
                    "milliseconds": 0.0,
                }
            )
            body = given["body"].encode()
            self.send_response(given["status"])
            for name, value in {**given["headers"], "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Logs nothing: the journal has it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", journal
        finally:
            server.shutdown()
            thread.join()


_FOR_EVER = 10**9


@dataclass
class Asked:
    """What came for one case of a `CaseServer`."""

    paths: list[str] = field(default_factory=list)
    """Behind the case's own; the query is left out."""
    authorizations: list[str | None] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)


class CaseServer:
    """Says to each case what it asks for, the last response for ever. The first part of a path is the case's number.

    A response has `status`, `headers` and `body`, in which {n} is the number of the request; `make`, a body that is
    made; `raw`, all bytes until the connection is closed; or `drip`: what follows comes byte by byte and never ends.
    """

    def __init__(self, responses: Sequence[Sequence[Mapping[str, Any]]]) -> None:
        self.asked = [Asked() for _ in responses]
        self.responses = responses
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_CaseHandler, self))
        self._server.daemon_threads = True
        self.port = self._server.server_port

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def url(self, number: int) -> str:
        """The server of a case."""
        return f"http://127.0.0.1:{self.port}/{number}"


class _CaseHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, cases: CaseServer, *connection: Any) -> None:
        self.cases = cases
        super().__init__(*connection)

    def handle(self) -> None:
        with suppress(ConnectionError):  # a client that has had enough
            super().handle()

    def do_GET(self) -> None:
        self.respond()

    def do_POST(self) -> None:
        self.respond()

    def respond(self) -> None:
        number, slash, path = self.path.partition("?")[0].removeprefix("/").partition("/")
        asked, responses = self.cases.asked[int(number)], self.cases.responses[int(number)]
        asked.paths.append(slash + path)
        asked.authorizations.append(self.headers["Authorization"])
        asked.bodies.append(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode())
        said = responses[min(len(asked.paths), len(responses)) - 1]
        if "raw" in said:
            self.wfile.write(said["raw"].encode())
            self.close_connection = True
            self.drip(said)
        else:
            self.say(said, _made(said).replace("{n}", str(len(asked.paths))).encode())

    def say(self, said: Mapping[str, Any], body: bytes) -> None:
        length = _FOR_EVER if "drip" in said else len(body)
        self.send_response_only(said.get("status", 200))
        for name, value in {"Content-Length": str(length), **said.get("headers", {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.drip(said)

    def drip(self, said: Mapping[str, Any]) -> None:
        try:
            while "drip" in said:
                self.wfile.write(b" ")
                time.sleep(0.05)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Logs nothing: what came is kept."""


def _made(said: Mapping[str, Any]) -> str:
    match said.get("make"):
        case {"deep": int(depth)}:
            return "[" * depth + "]" * depth
        case {"before": int(before), "after": str(text), "again": int(again)}:
            return "x" * before + text + "x" * again
    return str(said.get("body", ""))
