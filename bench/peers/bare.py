"""The limit of the design: uvicorn, orjson, jsonschema-rs, SQLite with group commit, and nothing else. A peer.

It decodes a batch, validates it against the contract's own schema, inserts one row for each event in a transaction that
requests which arrive together share, and answers once that is on disk. No key, no limits, no journal, no aggregates.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import apsw
import jsonschema_rs
import orjson
import yaml

_INSERT = "INSERT OR IGNORE INTO event (id, type, trace, body) VALUES (?, ?, ?, ?)"


class Store:
    """Rows of events in a file, in WAL mode with full synchronisation."""

    def __init__(self, path: str) -> None:
        self._connection = apsw.Connection(path)
        self._connection.pragma("journal_mode", "wal")
        self._connection.pragma("synchronous", "full")
        self._connection.execute("CREATE TABLE event (id TEXT PRIMARY KEY, type TEXT, trace TEXT, body TEXT)")
        self._waiting: list[tuple[list[tuple[str, ...]], asyncio.Future[None]]] = []
        self._busy = False
        self._groups: SimpleQueue[tuple[asyncio.AbstractEventLoop, list[asyncio.Future[None]]]] = SimpleQueue()
        threading.Thread(target=self._commit, daemon=True).start()

    async def insert(self, rows: list[tuple[str, ...]]) -> None:
        """Returns once the rows are on disk."""
        loop = asyncio.get_running_loop()
        stored = loop.create_future()
        self._waiting.append((rows, stored))
        if not self._busy:
            self._busy = True
            loop.call_soon(self._run, loop)
        await stored

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        group, self._waiting = self._waiting, []
        self._connection.execute("BEGIN IMMEDIATE")
        for rows, _ in group:
            self._connection.executemany(_INSERT, rows)
        self._groups.put((loop, [stored for _, stored in group]))

    def _commit(self) -> None:
        while True:
            loop, group = self._groups.get()
            self._connection.execute("COMMIT")
            loop.call_soon_threadsafe(self._settle, loop, group)

    def _settle(self, loop: asyncio.AbstractEventLoop, group: list[asyncio.Future[None]]) -> None:
        for stored in group:
            if not stored.done():
                stored.set_result(None)
        if self._waiting:
            loop.call_soon(self._run, loop)
        else:
            self._busy = False


def _validator(document: Path, schema: str) -> Callable[[Any], bool]:
    components = yaml.load(document.read_text("utf-8"), Loader=yaml.CSafeLoader)["components"]
    root = {"$ref": f"#/components/schemas/{schema}", "components": components}
    return jsonschema_rs.Draft202012Validator(root).is_valid


_valid = _validator(Path(os.environ["BARE_CONTRACT"]), "IngestRequest")
_store = Store(os.environ["BARE_STATE"])
_JSON = [(b"content-type", b"application/json")]


async def app(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Health for a GET, ingestion for a POST, whatever the path is."""
    if scope["method"] == "GET":
        await _answer(send, 200, b'{"status":"ok"}')
        return
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    decoded = orjson.loads(body)
    if not _valid(decoded):
        await _answer(send, 400, b'{"error":{"code":"VALIDATION_ERROR","message":"not valid"}}')
        return
    events = decoded["batch"]
    await _store.insert(
        [
            (
                event["id"],
                event["type"],
                event["body"].get("traceId") or event["body"]["id"],
                orjson.dumps(event["body"]).decode(),
            )
            for event in events
        ]
    )
    await _answer(send, 201, b'{"accepted":%d}' % len(events))


async def _answer(send: Callable[[Any], Awaitable[None]], status: int, body: bytes) -> None:
    headers = [*_JSON, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
