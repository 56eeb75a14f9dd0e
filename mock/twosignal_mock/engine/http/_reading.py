"""Reads the body of a request for its operation: once, whoever asks first; through all checks, or for the records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from twosignal_mock.engine.api import Operation, Refusal
from twosignal_mock.engine.http._bodies import read_body, take_body
from twosignal_mock.engine.http._exchange import Exchange
from twosignal_mock.engine.http._media_types import check_media_type
from twosignal_mock.engine.validation import CompiledOperation, decode_json


class RequestBodies:
    """Knows how every operation wants its body."""

    def __init__(self, handlers: Mapping[str, Operation], operations: Iterable[CompiledOperation]) -> None:
        self._handlers = handlers
        limits = [each.body.limit.refused_above for each in operations if each.body and each.body.limit]
        self._largest = max(limits, default=0)

    async def read(self, exchange: Exchange, operation: CompiledOperation) -> Any:
        """The checked body: size, media type, JSON, spelling and schema in this order."""
        wanted = operation.body
        if wanted is None:
            return None
        raw = self._raw_at_once(exchange, operation)
        if raw is None:
            raw = await self._raw(exchange, operation)
        if raw or not wanted.required:
            check_media_type(exchange.headers.get(b"content-type"), wanted.media_types)
        value = decode_json(raw)
        attempt_keys = self._handlers[operation.id].attempt_keys
        if attempt_keys is not None:
            exchange.keys = attempt_keys(value)
        exchange.respelled = wanted.check(value, raw)
        return value

    async def _raw(self, exchange: Exchange, operation: CompiledOperation) -> bytes:
        """The bytes of the body, read once whoever asks first."""
        if exchange.unread is not None:
            raise exchange.unread
        if exchange.raw is None:
            try:
                exchange.raw = await read_body(exchange.receive, exchange.headers, self._limit(operation))
            except Refusal as refusal:
                exchange.unread = refusal
                raise
        return exchange.raw

    def _raw_at_once(self, exchange: Exchange, operation: CompiledOperation) -> bytes | None:
        """The same without a wait, as most bodies came with their heads; None: wait."""
        if exchange.raw is None and exchange.unread is None and exchange.cycle is not None:
            try:
                exchange.raw = take_body(exchange.cycle, exchange.headers, self._limit(operation))
            except Refusal as refusal:
                exchange.unread = refusal
                raise
        return exchange.raw

    def _limit(self, operation: CompiledOperation) -> int:
        wanted = operation.body
        return wanted.limit.refused_above if wanted is not None and wanted.limit is not None else self._largest

    async def read_for_records(self, exchange: Exchange, operation: CompiledOperation) -> None:
        """Read the body of a request that is refused before its turn, so that attempts can be told from each other."""
        attempt_keys = self._handlers[operation.id].attempt_keys
        if operation.body is None or exchange.keys:
            return
        try:
            raw = await self._raw(exchange, operation)
            if attempt_keys is not None:
                exchange.keys = attempt_keys(decode_json(raw))
        except Refusal:
            return  # what is wrong with it is said to those that are let so far
