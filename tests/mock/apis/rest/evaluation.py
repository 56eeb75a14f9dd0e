"""A mock in this process whose evaluators the tests choose, and servers of our own that judge."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson
from twosignal_mock import create_application
from twosignal_mock._composition import MockApplication

NOON = "2026-03-14T12:00:00Z"
NOON_MS = 1_773_489_600_000


@dataclass
class Mock:
    """A mock with a frozen clock, over HTTP without a socket."""

    application: MockApplication
    client: httpx.AsyncClient

    async def control(self, method: str, path: str, body: Any = None) -> Any:
        """The body of a call of the control API."""
        response = await self.client.request(method, f"/__mock/v1{path}", json=body)
        assert response.status_code < 300, response.text
        return response.json() if response.content else None

    async def add_evaluators(self, *rows: dict[str, Any]) -> None:
        """Evaluators with a type, and perhaps a name and more, as an import of a state brings them."""
        state = await self.control("GET", "/state")
        kept = state["apis"]["rest"]["records"]["evaluators"]
        for number, row in enumerate(rows, len(kept)):
            new = {"name": f"e{number}", "config": {}, "enabled": True, "created": NOON_MS, "updated": NOON_MS} | row
            kept.append({"id": str(uuid.UUID(int=number + 1, version=4)), **new})
        await self.control("PUT", "/state", state)

    async def send(self, *traces: str, output: Any = "Your refund is on its way.", **span: Any) -> None:
        """Traces of one span each that took 1,000 ms."""
        batch = []
        for trace in traces:
            body = {"id": trace, "name": "answer", "startTime": NOON}
            batch.append({"id": f"e-{trace}", "type": "trace-create", "timestamp": NOON, "body": body})
            batch.append(span_event(trace, output=output, **span))
        await self.send_events(batch)

    async def send_events(self, batch: list[dict[str, Any]]) -> None:
        """One request."""
        response = await self.client.post("/api/v1/traces", json={"batch": batch})
        assert response.status_code in (200, 201, 202), response.text

    async def pass_lag(self, seconds: float = 1) -> None:
        """Moves the clock, and waits until all that is due is done."""
        await self.control("POST", "/clock/advance", {"seconds": seconds})
        assert (await self.control("GET", "/work?wait=20"))["idle"] is True

    async def scores(self, trace: str) -> dict[str, dict[str, Any]]:
        """The scores of a trace by evaluator, as the control API shows them; REST counts as many."""
        shown = await self.control("GET", f"/traces/{trace}")
        listed = (await self.client.get("/api/v1/traces?limit=100")).json()["data"]["traces"]
        counted = {row["id"]: row["scoreCount"] for row in listed}
        assert counted.get(trace, 0) == shown["scoreCount"] == len(shown["scores"])
        return {score["evaluatorName"]: score for score in shown["scores"]}


def span_event(trace: str, **span: Any) -> dict[str, Any]:
    """A span that took 1,000 ms, unless it says something else."""
    body = {
        "traceId": trace,
        "name": "call",
        "type": "LLM",
        "startTime": NOON,
        "endTime": "2026-03-14T12:00:01Z",
        "status": "OK",
        "input": "Where is my refund?",
    } | span
    return {"id": str(uuid.uuid4()), "type": "span-create", "timestamp": NOON, "body": body}


@asynccontextmanager
async def opened(**options: Any) -> AsyncIterator[Mock]:
    """A mock with a frozen clock."""
    application = create_application(clock=NOON, limits="off", **options)
    mock = await application.open()
    headers = {"Authorization": f"Bearer {mock.settings.api_key}"}
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
        try:
            yield Mock(application, client)
        finally:
            await application.close()


Respond = Callable[[str, Mapping[str, str], bytes], Awaitable[bytes]]
"""(target, headers, body) of a request to the bytes of a whole HTTP response; empty: the connection is cut."""


@dataclass
class Endpoint:
    """A server that was asked."""

    url: str
    asked: list[tuple[str, Mapping[str, str], Any]]
    """Target, headers, body of each request."""


@asynccontextmanager
async def served(respond: Respond) -> AsyncIterator[Endpoint]:
    """A real server on a free port of this machine."""
    asked: list[tuple[str, Mapping[str, str], Any]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *rows = head.split("\r\n")
            headers = {name.lower(): value for name, _, value in (row.partition(": ") for row in rows if row)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            asked.append((first.split()[1], headers, orjson.loads(body)))
            writer.write(await respond(first.split()[1], headers, body))
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    try:
        yield Endpoint(f"http://127.0.0.1:{port}", asked)
    finally:
        server.close()


def answer(body: Any, status: str = "200 OK", **headers: str) -> bytes:
    """A whole HTTP response."""
    content = body if isinstance(body, bytes) else orjson.dumps(body)
    rows = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(content)}\r\n{rows}\r\n".encode() + content
