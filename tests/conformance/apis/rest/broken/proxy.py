"""The proxy before the mock: one listener for many runs, each under a path and with a behaviour of its own."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

import httpcore
import uvicorn
import uvloop

from tests.conformance.apis.rest.broken.messages import Asked, Behaviour, People, Response, Upstream, json_response

_HOP = frozenset({b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"host", b"expect"})
"""Headers that belong to one connection and are made anew for the next."""

Message = dict[str, Any]
Scope = Mapping[str, Any]


@dataclass(frozen=True)
class _Run:
    behaviour: Behaviour
    upstream: Upstream
    chunked: bool
    close: bool


class Proxy:
    """Runs in a thread of its own from `with` to its end. `serve` gives the address of a server that behaves so."""

    def __init__(self) -> None:
        self._runs: dict[str, _Run] = {}
        self._numbers = itertools.count(1)
        # Named as TCP: asyncio switches off Nagle's algorithm only for what says so, which costs 40 ms a request.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(1024)
        self._pool = httpcore.AsyncConnectionPool(max_connections=None, keepalive_expiry=2.0, retries=1)
        config = uvicorn.Config(
            self._application, lifespan="off", log_level="error", access_log=False, server_header=False,
            date_header=False, http="httptools", interface="asgi3", proxy_headers=False, timeout_graceful_shutdown=1,
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._server.should_exit = True
        self._thread.join()

    @contextmanager
    def serve(
        self, behaviour: Behaviour, origin: str, people: People, *, chunked: bool = False, close: bool = False
    ) -> Iterator[str]:
        """The address of a server that behaves so, before the good one at `origin`.

        `chunked` answers go out without Content-Length; with `close` each response ends its connection.
        """
        number = f"run-{next(self._numbers)}"
        address = httpcore.URL(origin)

        async def send(asked: Asked) -> Response:
            return await self._forward(address, asked)

        self._runs[number] = _Run(behaviour, Upstream(send, people), chunked, close)
        try:
            yield f"http://127.0.0.1:{self._socket.getsockname()[1]}/{number}"
        finally:
            del self._runs[number]

    def _run(self) -> None:
        uvloop.run(self._serve())

    async def _serve(self) -> None:
        await self._server.serve(sockets=[self._socket])
        await self._pool.aclose()

    async def _application(self, scope: Scope, receive: Any, send: Any) -> None:
        number, _, rest = scope["raw_path"].decode("latin-1").lstrip("/").partition("/")
        run = self._runs.get(number)
        if run is None:
            await _send(
                send, json_response(404, {"error": {"code": "GONE", "message": "this run is over"}}), False, False
            )
            return
        query = scope["query_string"].decode("latin-1")
        asked = Asked(
            headers=tuple((name.lower(), value) for name, value in scope["headers"]),
            body=await _body(receive),
            method=scope["method"],
            target=f"/{rest}" + (f"?{query}" if query else ""),
        )
        try:
            given = await run.behaviour(asked, run.upstream)
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError):
            # A behaviour reads what it breaks, and a fuzzer sends what cannot be read so: the good server answers that,
            # or a broken server would break more than its clause.
            given = await run.upstream.send(asked)
        await _send(send, given, run.chunked, run.close, head=asked.method == "HEAD")

    async def _forward(self, address: httpcore.URL, asked: Asked) -> Response:
        url = httpcore.URL(
            scheme=address.scheme, host=address.host, port=address.port, target=asked.target.encode("latin-1")
        )
        host = address.host + f":{address.port}".encode()
        headers = [(b"host", host), *(row for row in asked.headers if row[0] not in _HOP)]
        if asked.body or asked.method in ("POST", "PUT", "PATCH"):
            headers.append((b"content-length", str(len(asked.body)).encode()))
        response = await self._pool.request(asked.method, url, headers=headers, content=asked.body)
        kept = tuple((name.lower(), value) for name, value in response.headers if name.lower() not in _HOP)
        return Response(kept, response.content, response.status)


async def _body(receive: Any) -> bytes:
    parts = []
    while True:
        message: Message = await receive()
        parts.append(message.get("body", b""))
        if message["type"] == "http.disconnect" or not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Any, given: Response, chunked: bool, close: bool, *, head: bool = False) -> None:
    headers = list(given.headers)
    if not chunked:
        headers.append((b"content-length", str(len(given.body)).encode()))
    if close:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": given.status, "headers": headers})
    if head:
        await send({"type": "http.response.body", "body": b""})
        return
    half = len(given.body) // 2 if chunked else len(given.body)
    await send({"type": "http.response.body", "body": given.body[:half], "more_body": True})
    await send({"type": "http.response.body", "body": given.body[half:]})
