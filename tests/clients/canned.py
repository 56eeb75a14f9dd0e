"""A server that gives the answers of a table in turn: what no server of the contract, and so no mock, would say."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@contextmanager
def canned(answers: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Its URL, and a journal that grows: for each request what the mock's journal has of it.

    An answer has `status`, `headers` and `body`; a request beyond the last one meets an answer 599.
    """
    waiting, journal = list(answers), list[dict[str, Any]]()
    beyond: Mapping[str, Any] = {"status": 599, "headers": {}, "body": "no answer is left"}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer()

        def do_POST(self) -> None:
            self.answer()

        def answer(self) -> None:
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
            """Nothing: the journal says it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", journal
        finally:
            server.shutdown()
            thread.join()
