"""Lines to a server: a long one, on which what passes takes its time each way, and one that announces responses."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from urllib.parse import urlsplit

HINT = b"HTTP/1.1 103 Early Hints\r\nlink: </docs>; rel=help\r\n\r\n"


@contextmanager
def at_distance(url: str, seconds: float) -> Iterator[str]:
    """The address of the same server at a distance of so many seconds, there and back."""
    with _lined(url, seconds / 2, b"") as address:
        yield address


@contextmanager
def with_hints(url: str) -> Iterator[str]:
    """The address of the same server, before each response of which comes a hint (RFC 8297)."""
    with _lined(url, 0.0, HINT) as address:
        yield address


@contextmanager
def _lined(url: str, seconds: float, hint: bytes) -> Iterator[str]:
    line = _Line(urlsplit(url).hostname or "", urlsplit(url).port or 80, seconds, hint)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: _End(line), "127.0.0.1", 0, backlog=1024))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{urlsplit(url).path}"
    finally:
        asyncio.run_coroutine_threadsafe(line.end(server), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _Line:
    def __init__(self, host: str, port: int, seconds: float, hint: bytes) -> None:
        self.host, self.port, self.seconds, self.hint = host, port, seconds, hint
        self.ends: list[_End] = []

    async def end(self, server: asyncio.Server) -> None:
        """Cut every connection."""
        server.close()
        for end in self.ends:
            end.transport.abort()
        await asyncio.gather(*(end.connecting for end in self.ends if end.connecting), return_exceptions=True)
        await asyncio.sleep(0.01)


class _End(asyncio.Protocol):
    """One end of a connection; the near one opens the far one."""

    def __init__(self, line: _Line, peer: _End | None = None) -> None:
        self.connecting: asyncio.Task[None] | None = None
        self._line, self._peer = line, peer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._line.ends.append(self)
        if self._peer is None:
            self.transport.pause_reading()
            self.connecting = asyncio.ensure_future(self._connect())

    def data_received(self, data: bytes) -> None:
        if self._peer is not None:
            hint = self._line.hint if self.connecting is None and data.startswith(b"HTTP/") else b""
            asyncio.get_running_loop().call_later(self._line.seconds, self._peer.write, hint + data)

    def connection_lost(self, _error: Exception | None) -> None:
        if self._peer is not None:
            asyncio.get_running_loop().call_later(self._line.seconds, self._peer.transport.close)

    def write(self, data: bytes) -> None:
        """What comes from the other end."""
        if not self.transport.is_closing():
            self.transport.write(data)

    async def _connect(self) -> None:
        try:
            _, self._peer = await asyncio.get_running_loop().create_connection(
                lambda: _End(self._line, self), self._line.host, self._line.port
            )
        except OSError:
            self.transport.abort()
        else:
            if not self.transport.is_closing():
                self.transport.resume_reading()
