"""The head of a request as the parser tells it: gathered, bounded in bytes, and made into an ASGI scope."""

from __future__ import annotations

import urllib.parse
from typing import Any, cast

import httptools

from twosignal_mock.engine.http._deadlines import Phase
from twosignal_mock.engine.http._exchange import Scope
from twosignal_mock.engine.http._line import Line

_ASGI = {"version": "3.0", "spec_version": "2.3"}


class BadHeadError(ValueError):
    """A head that is refused; raised in the parser, which stops and fails with an error of its own."""


class HeadReader(Line):
    """The part of a connection that reads heads."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.messages = 0
        """How many requests began."""
        self.cause: tuple[str, dict[str, object]] | None = None
        """Why a head was refused, where the parser does not know: a cause of the contract's errors and its values."""
        self._fed = 0
        """Bytes that were read since the head began; those of the read that it began in all counted."""

    def feed(self, data: bytes) -> None:
        """Let the parser have what was read; raises its errors."""
        self._fed = len(data) + (self._fed if self.phase is Phase.HEAD else 0)
        self.parser.feed_data(data)

    # --- the parser's calls ------------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        """A request begins."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self.messages += 1
        self.phase = Phase.HEAD

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        name = name.lower()
        if name == b"expect" and value.lower() == b"100-continue":
            self.expect_100_continue = True
        self.headers.append((name, value))

    # --- ours --------------------------------------------------------------------------------------------------------
    def read_head(self, version: str) -> Scope:
        """The scope of the request whose headers are whole; raises BadHeadError."""
        # No head is longer than what was read for it: only beyond that is it worth measuring.
        if self._fed > self.bounds.head and self._measure() > self.bounds.head:
            self.cause = ("headers-too-large", {"limit": self.bounds.head})
            raise BadHeadError
        target = httptools.parse_url(self.url)
        raw_path = cast("bytes | None", target.path)
        if raw_path is None:
            self.cause = ("malformed-request", {"problem": "its target has no path"})
            raise BadHeadError
        path = raw_path.decode("ascii")
        return {
            "type": "http",
            "asgi": _ASGI,
            "http_version": version,
            "method": self.parser.get_method().decode("ascii"),
            "scheme": self.scheme,
            "path": urllib.parse.unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": target.query or b"",
            "root_path": "",
            "headers": self.headers,
            "client": self.client,
            "server": self.server,
        }

    def is_too_long(self, *, begun: int, was: Phase) -> bool:
        """Whether a head that is not whole yet is too long already; `begun` requests began since the phase was `was`.

        Judged by what was read: the parser tells of a header when it is whole, and one may never end. Of a head that
        began behind other requests in one read it is not known where; it counts from the next read on.
        """
        if begun > 1 or (begun == 1 and was is not Phase.IDLE):
            self._fed = self._measure()
        return self._fed > self.bounds.head

    def _measure(self) -> int:
        """Bytes of the request's target and headers, as far as the parser told."""
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
