"""The head of a request as the parser tells it: gathered, bounded in bytes, and made into an ASGI scope."""

from __future__ import annotations

import urllib.parse
from typing import Any, Protocol, cast

import httptools

from twosignal_mock.engine.http._asgi import Header, Scope

_ASGI = {"version": "3.0", "spec_version": "2.3"}


class Peers(Protocol):
    """Who hears of everything but the head."""

    def on_message_begin(self) -> None:
        """A request begins."""
        ...

    def on_headers_complete(self) -> None:
        """The headers are whole."""
        ...

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        ...

    def on_message_complete(self) -> None:
        """The request is whole."""
        ...


class BadHeadError(ValueError):
    """A head that cannot be served; raised in the parser, which stops and fails with an error of its own."""


class HeadReader:
    """Reads the heads of one connection: the parser calls it, and it passes on what comes after a head."""

    def __init__(self, most: int, peers: Peers) -> None:
        """`most`: bytes of a head."""
        self.on_headers_complete = peers.on_headers_complete
        self.on_body = peers.on_body
        self.on_message_complete = peers.on_message_complete
        self._begin = peers.on_message_begin
        self._most = most
        self.messages = 0
        """How many requests began."""
        self.cause: tuple[str, dict[str, object]] | None = None
        """Why a head is refused, where the parser does not know: a cause of the contract's errors and its values."""
        self.expects_continue = False
        self._url = b""
        self._headers: list[Header] = []
        self._fed = 0
        """Bytes that were read since the head began; those of the read that it began in all counted."""

    def feed(self, parser: Any, data: bytes, *, within: bool) -> None:
        """Let the parser have what was read, in a head that began earlier or not; raises the parser's errors."""
        self._fed = len(data) + (self._fed if within else 0)
        parser.feed_data(data)

    # --- the parser's calls ------------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        """A request begins."""
        self._url = b""
        self._headers = []
        self.expects_continue = False
        self.messages += 1
        self._begin()

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expects_continue = True
        self._headers.append((name, value))

    # --- ours --------------------------------------------------------------------------------------------------------
    def read(self, method: str, version: str, addresses: tuple[Any, Any, Any]) -> Scope:
        """The scope of a request whose head is whole; raises BadHeadError. `addresses`: scheme, client, server."""
        # No head is longer than what was read for it: only beyond that is it worth measuring.
        if self._fed > self._most and self._measure() > self._most:
            self.cause = ("headers-too-large", {"limit": self._most})
            raise BadHeadError
        target = httptools.parse_url(self._url)
        raw_path = cast("bytes | None", target.path)
        if raw_path is None:
            self.cause = ("malformed-request", {"problem": "its target has no path"})
            raise BadHeadError
        path = raw_path.decode("ascii")
        scheme, client, server = addresses
        return {
            "type": "http",
            "asgi": _ASGI,
            "http_version": version,
            "method": method,
            "path": urllib.parse.unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": target.query or b"",
            "root_path": "",
            "headers": self._headers,
            "scheme": scheme,
            "client": client,
            "server": server,
        }

    def is_too_long(self, *, begun: int, idle: bool) -> bool:
        """Whether a head that is not whole yet is too long already.

        `begun` requests began with the last read; `idle`: the connection waited for a request before it. Only what was
        read counts: the parser tells of a header when it is whole, and one may never end. When a head began behind
        other requests in one read, nobody knows where; it counts from the next read on.
        """
        if begun > 1 or (begun == 1 and not idle):
            self._fed = self._measure()
        return self._fed > self._most

    def _measure(self) -> int:
        """Bytes of the request's target and headers, as far as the parser has read them."""
        return len(self._url) + sum(len(name) + len(value) + 4 for name, value in self._headers)
