"""Calls an ASGI application without a socket, from code that is not async: a few thousand calls take a second."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlencode

import orjson
from twosignal_mock import create_application

CONTROL = "/__mock/v1"

_HERE = ("127.0.0.1", 4242)
"""Whose calls the control API takes without a token."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: Any
    """The JSON; None when there is none."""


class Direct:
    """One mock in this process, with the options of `create_application`. A context that lets it go at the end."""

    def __init__(self, **options: object) -> None:
        self._application = create_application(**options)
        self._loop = asyncio.new_event_loop()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Answer:
        """One request with a JSON body."""
        raw = b"" if body is None else orjson.dumps(body)
        headers = [(b"host", b"127.0.0.1"), (b"content-length", b"%d" % len(raw))]
        if body is not None:
            headers.append((b"content-type", b"application/json"))
        if key is not None:
            headers.append((b"authorization", f"Bearer {key}".encode()))
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "root_path": "",
            "query_string": urlencode(query or {}).encode(),
            "headers": headers,
            "client": _HERE,
            "server": ("127.0.0.1", 80),
        }
        return self._loop.run_until_complete(self._exchange(scope, raw))

    def control(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """One request to the control API; fails unless it succeeds."""
        answer = self.call(method, CONTROL + path, body, query=query)
        assert answer.status < 300, answer
        return answer.body

    def close(self) -> None:
        """Let everything go."""
        self._loop.run_until_complete(self._application.close())
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    async def _exchange(self, scope: dict[str, Any], raw: bytes) -> Answer:
        sent: list[dict[str, Any]] = []
        waiting = [{"type": "http.request", "body": raw, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return waiting.pop() if waiting else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._application(scope, receive, send)
        headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(sent[0]["status"], headers, orjson.loads(body) if body else None)
