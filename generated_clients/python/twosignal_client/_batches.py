"""Splits events into batches: in order, as full as the contract allows by events and by bytes of the encoded body."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from twosignal_client._bodies import encode, refuse_larger
from twosignal_client.generated.api.traces import ingest_traces
from twosignal_client.generated.policy import OPERATIONS
from twosignal_client.generated.unions import Event

_OPERATION = OPERATIONS[ingest_traces.METHOD, ingest_traces.PATH]
_HEAD = encode({_OPERATION.events_at: []})[:-2]
_TAIL = b"]}"
_FRAME = len(_HEAD) + len(_TAIL)


def split(events: Iterable[Event]) -> list[list[bytes]]:
    """Batches of encoded events; PayloadTooLargeError when one alone is too large."""
    batches: list[list[bytes]] = []
    size = 0
    for event in events:
        encoded = encode(event.to_dict())
        refuse_larger(_OPERATION, _FRAME + len(encoded))
        if not batches or not _fits(batches[-1], size + 1 + len(encoded)):
            batches.append([])
            size = _FRAME - 1
        batches[-1].append(encoded)
        size += 1 + len(encoded)
    return batches


def halves(batch: Sequence[bytes]) -> tuple[list[bytes], list[bytes]]:
    """A batch in two, in order; for one that a server with smaller limits refused."""
    middle = len(batch) // 2
    return list(batch[:middle]), list(batch[middle:])


def body(batch: Sequence[bytes]) -> bytes:
    """What is sent."""
    return _HEAD + b",".join(batch) + _TAIL


def _fits(batch: Sequence[bytes], size: int) -> bool:
    """Whether one more event may be put into a batch that would then have this size."""
    few = _OPERATION.events is None or len(batch) < _OPERATION.events
    return few and (_OPERATION.bytes is None or size <= _OPERATION.bytes)
