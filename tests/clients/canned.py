"""A server that sends the responses of a table in turn: those that no server of the contract, and so no mock, sends."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


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
