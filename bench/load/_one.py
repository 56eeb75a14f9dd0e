"""One request at a time over one connection: how long an answer takes that waits for no other one.

A plain socket, for most of what takes a fifth of a millisecond should be the server's. wrk would do the same, for whole
seconds only; a hundred lists in three stores would take it six minutes.
"""

from __future__ import annotations

import re
import socket
import time
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from bench.load._outcome import LoadError, Outcome
from bench.load._request import Request

_TIMEOUT = 30.0
_CHUNK = 1 << 20
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_LEAST = 20
"""Requests, however long they take."""
_PERCENTILES = ("50", "90", "99", "99.9")


class OneAtATime:
    """A connection that stays open; raises LoadError when an answer is refused or cannot be read."""

    def __init__(self, url: str) -> None:
        self._url = url
        there = urlsplit(url)
        self._socket = socket.create_connection((there.hostname, there.port), _TIMEOUT)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def run(self, key: str, request: Request, *, seconds: float) -> Outcome:
        """Sends a request again and again for so long, each when the one before is answered."""
        sent = request.wire(self._url, key).encode()
        took: list[float] = []
        begun = time.perf_counter()
        while time.perf_counter() < begun + seconds or len(took) < _LEAST:
            before = time.perf_counter()
            self._socket.sendall(sent)
            self._answer()
            took.append(1000 * (time.perf_counter() - before))
        took.sort()
        latency = {name: took[min(len(took) - 1, int(len(took) * float(name) / 100))] for name in _PERCENTILES}
        return Outcome(len(took), time.perf_counter() - begun, 0, 0, latency)

    def _answer(self) -> None:
        """Reads one answer to its end."""
        came = self._received()
        while (end := came.find(b"\r\n\r\n")) < 0:
            came += self._received()
        length = _LENGTH.search(came, 0, end + 2)
        if not came.startswith(b"HTTP/1.1 2") or length is None:
            raise LoadError(f"an answer with a length and a status of success was expected, and came: {came[:200]!r}")
        missing = end + 4 + int(length[1]) - len(came)
        while missing > 0:
            missing -= len(self._received())

    def _received(self) -> bytes:
        """The next bytes; raises LoadError when there are none."""
        if not (came := self._socket.recv(_CHUNK)):
            raise LoadError("the server closed the connection in the middle of an answer")
        return came
