"""An endpoint of the suite's own, which webhooks of the server under test are posted to."""

from __future__ import annotations

import ipaddress
import json
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx

from twosignal_conformance.apis.dashboard.options import WEBHOOK, Address
from twosignal_conformance.engine.api_client import ApiClient, CheckSkipped

_LARGEST = 1_000_000
"""Bytes of a request that are read: what a webhook posts of the suite's own traces is far below."""

_PORTS = range(20_000, 60_000)
_TRIES = 20


@dataclass(frozen=True, slots=True)
class Posted:
    """A request that came."""

    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: Any
    """The JSON of it; None when it was none."""


Respond = Callable[[Posted, int], tuple[int, object]]
"""Status and JSON for a request; the number says how often its path was asked before."""


@dataclass
class Endpoint:
    """One that is listening."""

    url: str
    posted: list[Posted] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def at(self, path: str) -> Sequence[Posted]:
        """What came for a path."""
        with self.lock:
            return [row for row in self.posted if row.path == path]


@contextmanager
def listening(client: ApiClient, respond: Respond) -> Iterator[Endpoint]:
    """An endpoint while the block runs; CheckSkipped where the server could not reach it."""
    endpoint = Endpoint("")
    server = _bound(client, _handler(endpoint, respond))
    host, port = server.server_address[0], server.server_address[1]
    name = f"[{host!s}]" if ":" in str(host) else str(host)
    endpoint.url = f"http://{name}:{port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        """A server that hangs up is no news."""


def _bound(client: ApiClient, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    if client.settings.dry or client.has(WEBHOOK.flag):
        given = client.given(WEBHOOK.flag) if client.has(WEBHOOK.flag) else Address("127.0.0.1", 0)
        if not isinstance(given, Address):
            raise TypeError(f"{WEBHOOK.flag} is no address: {given!r}")
        try:
            return _Server((given.host, given.port), handler)
        except OSError as error:
            raise CheckSkipped(f"{given.host}:{given.port} cannot be listened at ({error.strerror})") from None
    if not _is_loopback(client.settings.url):
        raise CheckSkipped("the server may not reach this machine", f"give {WEBHOOK.flag}")
    # Derived from the run, so that its repetition sends the same; not for secrets.
    chance = random.Random(f"{client.settings.seed}/{client.settings.run_id}/webhook")  # noqa: S311
    for _ in range(_TRIES):
        try:
            return _Server(("127.0.0.1", chance.choice(_PORTS)), handler)
        except OSError:
            continue
    raise CheckSkipped("no port is free for webhooks", f"give {WEBHOOK.flag}")


def _is_loopback(url: str) -> bool:
    host = httpx.URL(url).host
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _handler(endpoint: Endpoint, respond: Respond) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def log_message(self, format: str, *_: object) -> None:  # noqa: A002 - its name in the base class
            """The terminal is for the run."""

        def do_POST(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(min(size, _LARGEST))
            headers = {name.lower(): value for name, value in self.headers.items()}
            posted = Posted(urlsplit(self.path).path, headers, _json(body))
            with endpoint.lock:
                before = sum(row.path == posted.path for row in endpoint.posted)
                endpoint.posted.append(posted)
            status, value = respond(posted, before)
            content = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
