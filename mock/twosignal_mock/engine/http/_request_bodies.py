"""Reads the body of a request: counted while it is received and decompressed; never more is kept than is allowed.

A body is read once, whoever asks first: to go through all checks, or only for the records.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from twosignal_mock.engine.api import ApiError, Handler
from twosignal_mock.engine.http._asgi import Receive
from twosignal_mock.engine.http._cycle import GIVEN_UP, Cycle
from twosignal_mock.engine.http._fields import LONGEST, check_media_type, codings
from twosignal_mock.engine.http._request_context import Content, RequestContext
from twosignal_mock.engine.validation import CompiledOperation, decode_json

_GZIP = frozenset({("gzip",), ("x-gzip",)})
_GZIP_WINDOW = 31
"""zlib's number for the gzip format with the largest window."""
_COMPRESSED_SLACK = 64 * 1024
"""Bytes that a compressed body may be larger than its contents: headers, and blocks that could not be compressed."""


class GoneError(Exception):
    """The client closed the connection before its request was complete."""


class GivenUpError(ApiError):
    """The connection gave the request up: not an error of an operation, whose document may not name the status."""


class RequestBodies:
    """Reads the bodies of one API's requests."""

    def __init__(self, operations: Iterable[CompiledOperation], respelled: tuple[str, ...] = ()) -> None:
        """`respelled`: the clauses that a body in another spelling breaks."""
        limits = [each.body.limit.refused_above for each in operations if each.body and each.body.limit]
        self.largest = max(limits, default=0)
        """Bytes of the largest body of any operation."""
        self._respelled = respelled

    async def read(self, context: RequestContext, operation: CompiledOperation, handler: Handler) -> Any:
        """The checked body: size, media type, JSON, spelling and schema in this order; None when it takes none."""
        wanted = operation.body
        if wanted is None:
            return None
        raw = self._raw_at_once(context, operation)
        if raw is None:
            raw = await self._raw(context, operation)
        if raw or not wanted.required:
            check_media_type(context.arrival.headers.get(b"content-type"), wanted.media_types)
        value = decode_json(raw)
        keys = () if handler.attempt_keys is None else handler.attempt_keys(value)
        if keys:
            context.content = Content(raw, None, keys)
        if wanted.check(value, raw):
            context.content = Content(raw, None, keys, self._respelled)
        return value

    async def read_for_records(self, context: RequestContext, operation: CompiledOperation, handler: Handler) -> None:
        """Read the body of a request that gets an error before its turn, so that attempts can be told apart."""
        if operation.body is None or context.content.attempt_keys:
            return
        try:
            raw = await self._raw(context, operation)
            if handler.attempt_keys is not None:
                context.content = Content(raw, None, handler.attempt_keys(decode_json(raw)))
        except ApiError:
            return  # the client hears what is wrong with the body when a request gets that far

    async def _raw(self, context: RequestContext, operation: CompiledOperation) -> bytes:
        """The bytes of the body, read once whoever asks first."""
        content = context.content
        if content.error is not None:
            raise content.error
        if content.raw is not None:
            return content.raw
        try:
            raw = await read_body(context.arrival.receive, context.arrival.headers, self._limit(operation))
        except ApiError as error:
            context.content = Content(error=error)
            raise
        context.content = Content(raw)
        return raw

    def _raw_at_once(self, context: RequestContext, operation: CompiledOperation) -> bytes | None:
        """The same without a wait, as most bodies arrive with their heads; None: wait."""
        content, cycle = context.content, context.arrival.cycle
        if content.raw is not None or content.error is not None or cycle is None:
            return content.raw
        try:
            raw = take_body(cycle, context.arrival.headers, self._limit(operation))
        except ApiError as error:
            context.content = Content(error=error)
            raise
        if raw is not None:
            context.content = Content(raw)
        return raw

    def _limit(self, operation: CompiledOperation) -> int:
        wanted = operation.body
        return wanted.limit.refused_above if wanted is not None and wanted.limit is not None else self.largest


def take_body(cycle: Cycle, headers: Mapping[bytes, bytes], limit: int) -> bytes | None:
    """The body, when all of it arrived and it is not compressed: without a wait. None: it is to be read."""
    if b"content-encoding" in headers:
        return None
    body = cycle.whole_body()
    if body is not None and len(body) > limit:
        raise ApiError("body-too-large", limit=limit)
    return body


async def read_body(receive: Receive, headers: Mapping[bytes, bytes], limit: int) -> bytes:
    """The decompressed body, of at most `limit` bytes; raises ApiError, or GoneError."""
    encoding = codings(headers.get(b"content-encoding"))
    plain = not encoding
    declared = headers.get(b"content-length")
    if declared is not None and int(declared) > (limit if plain else limit + _COMPRESSED_SLACK):
        raise ApiError("body-too-large", limit=limit)
    if plain:
        return await _read_plain(receive, limit)
    if encoding in _GZIP:
        return await _read_gzip(receive, limit)
    received = ", ".join(encoding)[:LONGEST]
    raise ApiError("unsupported-encoding", received=received, expected="gzip, or none")


async def _read_plain(receive: Receive, limit: int) -> bytes:
    body, more = await _next(receive)
    if len(body) > limit:
        raise ApiError("body-too-large", limit=limit)
    if not more:
        return body
    whole = bytearray(body)
    while more:
        part, more = await _next(receive)
        if len(whole) + len(part) > limit:
            raise ApiError("body-too-large", limit=limit)
        whole += part
    return bytes(whole)


async def _read_gzip(receive: Receive, limit: int) -> bytes:
    whole = bytearray()
    received = 0
    member = zlib.decompressobj(_GZIP_WINDOW)
    begun = False
    more = True
    while more:
        part, more = await _next(receive)
        received += len(part)
        if received > limit + _COMPRESSED_SLACK:
            raise ApiError("body-too-large", limit=limit)
        while part:
            begun = True
            try:
                whole += member.decompress(part, limit + 1 - len(whole))
            except zlib.error as error:
                raise ApiError("malformed-encoding", encoding="gzip", problem=str(error)) from None
            if len(whole) > limit:
                raise ApiError("body-too-large", limit=limit)
            part = member.unconsumed_tail
            if member.eof:
                # A gzip file may be several of them in a row (RFC 1952 section 2.2).
                part = member.unused_data
                member = zlib.decompressobj(_GZIP_WINDOW)
                begun = False
    if begun or received == 0:
        raise ApiError("malformed-encoding", encoding="gzip", problem="it ends too early")
    return bytes(whole)


async def _next(receive: Receive) -> tuple[bytes, bool]:
    message = await receive()
    if message["type"] == "http.disconnect":
        if (reason := message.get(GIVEN_UP)) is not None:
            cause, values = reason
            raise GivenUpError(cause, **values)
        raise GoneError
    return message.get("body", b""), message.get("more_body", False)
