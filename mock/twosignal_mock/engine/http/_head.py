"""The head of a request as the parser tells it: gathered, bounded in bytes, checked, and made into an ASGI scope.

What the parser leaves to servers is checked here: Host, Transfer-Encoding, the target (RFC 9112 sections 3.2 and 6.1).
Trailer fields stand in no scope (RFC 9110 section 6.5.1); they count against the same bound.
"""

from __future__ import annotations

import re
import urllib.parse
from typing import Any, NoReturn, Protocol, cast

import httptools

from twosignal_mock.engine.http._asgi import Header, Scope
from twosignal_mock.engine.http._bounds import HEAD, Phase

_ASGI = {"version": "3.0", "spec_version": "2.3"}
_WATCHED = frozenset({b"host", b"transfer-encoding", b"expect"})
_HOST = re.compile(rb"(\[[0-9A-Za-z:.!$&'()*+;=_~-]+\]|([0-9A-Za-z.!$&'()*+;=_~-]|%[0-9A-Fa-f]{2})*)(:[0-9]*)?")
"""RFC 3986 section 3.2.2: a name or an address, which may be empty, and a port. A comma is two of them."""
_TOKEN = re.compile(rb"(?:\r?\n)*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?: |\Z)")
"""The method of a request line that begins well, as far as it was read."""
_LONGEST_METHOD = 40
"""Bytes of an unknown method that a message repeats."""

Refused = tuple[str, dict[str, object]]
"""A cause of the contract's errors and its values."""


class Peers(Protocol):
    """Who hears of everything but the head."""

    phase: Phase
    """Becomes HEAD when a request begins."""

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
        self._peers = peers
        self._most = most
        self.messages = 0
        """How many requests began."""
        self.expects_continue = False
        self.overhead = 0
        """Bytes that were read since the last part of a body: of lines between its chunks, or of trailer fields."""
        self._refused: Refused | None = None
        """Why a request is refused, where the parser does not know."""
        self._url = b""
        self._headers: list[Header] = []
        """Fields of the head; behind it, those of the trailer."""
        self._head: list[Header] | None = None
        """Fields of a head that is whole."""
        self._watched: list[Header] = []
        self._known_host: bytes | None = None
        """The last Host that was well-formed: a client sends the same one again and again."""
        self._fed = 0
        """Bytes that were read since the head began; those of the read that it began in all counted."""
        self._start = b""
        """What was read of a head whose target did not begin yet."""

    def feed(self, parser: Any, data: memoryview | bytes, *, within: bool) -> None:
        """Let the parser have what was read, in a head that began earlier or not; raises the parser's errors."""
        self._fed = len(data) + (self._fed if within else 0)
        self.overhead += len(data)
        parser.feed_data(data)

    # --- the parser's calls ------------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        """A request begins."""
        self._url = b""
        self._headers = []
        self._head = None
        self._watched = []
        self._start = b""
        self.expects_continue = False
        self.messages += 1
        self._peers.phase = HEAD

    def on_url(self, url: bytes) -> None:
        """A part of the request's target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field."""
        name = name.lower()
        if name in _WATCHED and self._head is None:
            self._watched.append((name, value))
        self._headers.append((name, value))

    def on_chunk_header(self) -> None:
        """The line before a chunk is read; before the trailer, too."""
        self.overhead = 0

    def on_chunk_complete(self) -> None:
        """A chunk is whole, or the trailer is."""
        if self._headers and self._measure() > self._most:
            self._refuse("headers-too-large", limit=self._most)

    # --- ours --------------------------------------------------------------------------------------------------------
    def read(self, method: str, version: str, addresses: tuple[Any, Any, Any]) -> Scope:
        """The scope of a request whose head is whole; raises BadHeadError. `addresses`: scheme, client, server."""
        # No head is longer than what was read for it: only beyond that is it worth measuring.
        if self._fed > self._most and self._measure() > self._most:
            self._refuse("headers-too-large", limit=self._most)
        watched = self._watched
        if len(watched) != 1 or watched[0] != (b"host", self._known_host):
            self._check(version)
        raw_path, query = self._target(method)
        headers, self._headers = self._headers, []
        self._head = headers
        self.overhead = 0  # of this body alone, whatever was read before it
        return _scope(method, version, raw_path, query, headers, addresses)

    def read_part(self, method: str, addresses: tuple[Any, Any, Any]) -> Scope:
        """The scope of a request that is refused before its head was read or understood: as much as is known."""
        path, _, query = self._url[: self._most].partition(b"?")
        headers = self._headers if self._head is None else self._head
        return _scope(method if path else "-", "1.1", path or b"-", query, headers, addresses)

    def why(self, data: bytes, *, invalid_method: bool) -> Refused:
        """Why a request is refused that the parser gave up, having read `data` last: in words of ours."""
        if self._refused is not None:
            return self._refused
        if invalid_method and (found := _TOKEN.match(self._start + data)):
            method = found.group(1)[:_LONGEST_METHOD].decode()
            return "not-implemented", {"problem": f"the method {method}"}
        if self._head is not None:
            return "malformed-request", {"problem": "its body is not in the form that its head announces"}
        if not self._url:
            return "malformed-request", {"problem": "its first line is not that of an HTTP/1.1 request"}
        coding = next((value for name, value in self._watched if name == b"transfer-encoding"), b"chunked")
        if not _is_chunked(coding) and not any(name == b"content-length" for name, _ in self._headers):
            return _unknown_coding(coding)
        return "malformed-request", {"problem": "its target or header fields are malformed, or contradict each other"}

    def take_over(self) -> tuple[httptools.HttpRequestParser, bytes]:
        """A parser for the rest of a request that offers another protocol, and the head that prepares it.

        The parser that met the offer takes what follows for the other protocol. An offer that is not taken changes
        nothing (RFC 9110 section 7.8): the next parser never hears of it, only of how the body is framed.
        """
        framing = [
            b"%b: %b\r\n" % field for field in self._head or () if field[0] in (b"content-length", b"transfer-encoding")
        ]
        parser = httptools.HttpRequestParser(_Successor(self))
        return parser, b"POST / HTTP/1.1\r\n" + b"".join(framing) + b"\r\n"

    def is_too_long(self, *, begun: int, idle: bool) -> bool:
        """Whether a head that is not whole yet is too long already.

        `begun` requests began with the last read; `idle`: the connection waited for a request before it. Only what was
        read counts: the parser tells of a header when it is whole, and one may never end. When a head began behind
        other requests in one read, nobody knows where; it counts from the next read on.
        """
        if begun > 1 or (begun == 1 and not idle):
            self._fed = self._measure()
        return self._fed > self._most

    def is_overlong_body(self) -> bool:
        """Whether more was read between two parts of a body than a head may have: a trailer, say, that never ends."""
        return self.overhead > self._most

    def remember_start(self, data: bytes) -> None:
        """A head is not whole: keep it until its target begins, for a method may be cut anywhere."""
        self._start = b"" if self._url else (self._start + data)[-self._most :]

    def _measure(self) -> int:
        """Bytes of the request's target, headers and trailer, as far as the parser has read them."""
        fields = (*(self._head or ()), *self._headers)
        return len(self._url) + sum(len(name) + len(value) + 4 for name, value in fields)

    def _check(self, version: str) -> None:
        """What the watched fields say; raises BadHeadError."""
        fields: dict[bytes, list[bytes]] = {name: [] for name in _WATCHED}
        for name, value in self._watched:
            fields[name].append(value.strip())
        hosts, codings = fields[b"host"], fields[b"transfer-encoding"]
        if len(hosts) > 1 or (not hosts and version != "1.0"):
            self._refuse("malformed-request", problem=f"it has {len(hosts)} Host fields; expected one")
        if hosts and not _HOST.fullmatch(hosts[0]):
            self._refuse("malformed-request", problem="its Host is no host with or without a port")
        if codings and version == "1.0":
            self._refuse("malformed-request", problem="HTTP/1.0 has no Transfer-Encoding")
        if codings and not (len(codings) == 1 and _is_chunked(codings[0])):
            cause, values = _unknown_coding(b", ".join(codings))
            self._refuse(cause, **values)
        self._known_host = next((value for name, value in self._watched if name == b"host"), None)
        # RFC 9110 section 10.1.1: from HTTP/1.0 it is to be ignored.
        self.expects_continue = version != "1.0" and any(
            value.lower() == b"100-continue" for value in fields[b"expect"]
        )

    def _target(self, method: str) -> tuple[bytes, bytes]:
        """Path and query; raises BadHeadError when the target has none."""
        if method == "CONNECT":
            self._refuse("malformed-request", problem="CONNECT asks for a tunnel, and this is no proxy")
        try:
            target = httptools.parse_url(self._url)
        except httptools.HttpParserInvalidURLError:
            self._refuse("malformed-request", problem="its target is no path and no URL")
        path = cast("bytes | None", target.path)
        if path == b"*":
            self._refuse("malformed-request", problem="its target, *, names no path")
        # A URL without a path means the root (RFC 9110 section 4.2.3).
        return path or b"/", target.query or b""

    def _refuse(self, cause: str, **values: object) -> NoReturn:
        self._refused = (cause, values)
        raise BadHeadError


class _Successor:
    """What a parser tells that takes over within a request: nothing of the head that only prepares it."""

    def __init__(self, reader: HeadReader) -> None:
        self._reader = reader
        self._prepared = False
        self.on_body = reader.on_body
        self.on_chunk_header = reader.on_chunk_header
        self.on_chunk_complete = reader.on_chunk_complete
        self.on_message_complete = reader.on_message_complete

    def on_message_begin(self) -> None:
        if self._prepared:
            self._reader.on_message_begin()

    def on_url(self, url: bytes) -> None:
        if self._prepared:
            self._reader.on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._prepared:
            self._reader.on_header(name, value)

    def on_headers_complete(self) -> None:
        if self._prepared:
            self._reader.on_headers_complete()
        self._prepared = True


def _scope(
    method: str, version: str, raw_path: bytes, query: bytes, headers: list[Header], addresses: tuple[Any, Any, Any]
) -> Scope:
    path = raw_path.decode("latin-1")
    scheme, client, server = addresses
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": version,
        "method": method,
        "path": urllib.parse.unquote(path) if "%" in path else path,
        "raw_path": raw_path,
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "scheme": scheme,
        "client": client,
        "server": server,
    }


def _is_chunked(coding: bytes) -> bool:
    return coding.strip().lower() == b"chunked"


def _unknown_coding(coding: bytes) -> Refused:
    quoted = coding[:_LONGEST_METHOD].decode("latin-1")
    return "not-implemented", {"problem": f"Transfer-Encoding: {quoted}; send chunked, or a Content-Length"}
