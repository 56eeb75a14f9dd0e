"""Encodes bodies, and splits events into batches: in order, as full as the contract allows by events and by bytes.

A body that is larger than its operation allows is an error before anything is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from twosignal_client._errors import PayloadTooLargeError, ValidationError
from twosignal_client.generated.operations import ingest_traces
from twosignal_client.generated.policy import ERROR_CODES, OPERATIONS, Operation
from twosignal_client.generated.unions import Event


def encode(value: Any) -> bytes:
    """JSON in UTF-8 without spaces; ValidationError for what JSON cannot say."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        message = f"the request is no JSON: {error}; expected objects, lists, text, finite numbers, booleans and None"
        raise ValidationError(message, code=ERROR_CODES["invalid-value"]) from error


def check_size(operation: Operation, size: int) -> None:
    """PayloadTooLargeError when a body has more bytes than its operation allows."""
    if operation.bytes is not None and size > operation.bytes:
        message = f"a body of {size} bytes; {operation.id} takes at most {operation.bytes}; send less at once"
        raise PayloadTooLargeError(message, code=ERROR_CODES["body-too-large"])


_INGESTION = OPERATIONS[ingest_traces.METHOD, ingest_traces.PATH]
_HEAD = encode({_INGESTION.events_at: []})[:-2]
_TAIL = b"]}"
_FRAME = len(_HEAD) + len(_TAIL)


def split(events: Iterable[Event]) -> list[list[bytes]]:
    """Batches of encoded events; PayloadTooLargeError when one event alone is too large."""
    batches: list[list[bytes]] = []
    size = 0
    for event in events:
        encoded = encode(event.to_dict())
        check_size(_INGESTION, _FRAME + len(encoded))
        if not batches or not _fits(batches[-1], size + 1 + len(encoded)):
            batches.append([])
            size = _FRAME - 1
        batches[-1].append(encoded)
        size += 1 + len(encoded)
    return batches


def halves(batch: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """A batch in two, in order; for a server that allows less than the contract says."""
    middle = len(batch) // 2
    return list(batch[:middle]), list(batch[middle:])


def batch_body(batch: Sequence[bytes]) -> bytes:
    """The body of a request with these events."""
    return _HEAD + b",".join(batch) + _TAIL


def _fits(batch: Sequence[bytes], size: int) -> bool:
    """Whether one more event may be put into a batch that would then have this size."""
    few = _INGESTION.events is None or len(batch) < _INGESTION.events
    return few and (_INGESTION.bytes is None or size <= _INGESTION.bytes)
