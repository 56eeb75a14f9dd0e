"""Reads a request's body: counted while it comes and while it is decompressed; never more is kept than is allowed."""

from __future__ import annotations

import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from twosignal_mock.engine.api import Refusal

if TYPE_CHECKING:
    from twosignal_mock.engine.http._cycle import Cycle

Receive = Callable[[], Awaitable[Any]]

_IDENTITY = frozenset({b"", b"identity"})
_GZIP = frozenset({b"gzip", b"x-gzip"})
_GZIP_WINDOW = 31
"""zlib's number for the gzip format with the largest window."""
_COMPRESSED_SLACK = 64 * 1024
"""Bytes that a compressed body may be larger than its contents: headers, and blocks that could not be compressed."""


class GoneError(Exception):
    """The client closed the connection before its request was complete."""


def take_body(cycle: Cycle, headers: Mapping[bytes, bytes], limit: int) -> bytes | None:
    """The body, when all of it came and it is not compressed: without a wait. None: it is to be read."""
    if b"content-encoding" in headers:
        return None
    body = cycle.whole_body()
    if body is not None and len(body) > limit:
        raise Refusal("body-too-large", limit=limit)
    return body


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """The decompressed body, of at most `limit` bytes; raises Refusal, or GoneError."""
    encoding = headers.get(b"content-encoding", b"").strip().lower()
    plain = encoding in _IDENTITY
    declared = headers.get(b"content-length")
    if declared is not None and int(declared) > (limit if plain else limit + _COMPRESSED_SLACK):
        raise Refusal("body-too-large", limit=limit)
    if plain:
        return await _read_plain(receive, limit)
    if encoding in _GZIP:
        return await _read_gzip(receive, limit)
    received = encoding.decode("latin-1")[:80]
    raise Refusal("unsupported-encoding", received=received, expected="gzip, or none")


async def _read_plain(receive: Receive, limit: int) -> bytes:
    body, more = await _next(receive)
    if len(body) > limit:
        raise Refusal("body-too-large", limit=limit)
    if not more:
        return body
    whole = bytearray(body)
    while more:
        part, more = await _next(receive)
        if len(whole) + len(part) > limit:
            raise Refusal("body-too-large", limit=limit)
        whole += part
    return bytes(whole)


async def _read_gzip(receive: Receive, limit: int) -> bytes:
    whole = bytearray()
    came = 0
    member = zlib.decompressobj(_GZIP_WINDOW)
    begun = False
    more = True
    while more:
        part, more = await _next(receive)
        came += len(part)
        if came > limit + _COMPRESSED_SLACK:
            raise Refusal("body-too-large", limit=limit)
        while part:
            begun = True
            try:
                whole += member.decompress(part, limit + 1 - len(whole))
            except zlib.error as error:
                raise Refusal("malformed-encoding", encoding="gzip", problem=str(error)) from None
            if len(whole) > limit:
                raise Refusal("body-too-large", limit=limit)
            part = member.unconsumed_tail
            if member.eof:
                # A gzip file may be several of them in a row (RFC 1952 section 2.2).
                part = member.unused_data
                member = zlib.decompressobj(_GZIP_WINDOW)
                begun = False
    if begun or (came == 0):
        raise Refusal("malformed-encoding", encoding="gzip", problem="it ends too early")
    return bytes(whole)


async def _next(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        if (seconds := message.get("twosignal.timeout")) is not None:
            raise Refusal("request-timeout", seconds=f"{seconds:g}")
        raise GoneError
    return message.get("body", b""), message.get("more_body", False)
