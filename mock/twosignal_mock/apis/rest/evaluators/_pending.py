"""What ingestion leaves for the evaluators: which traces they have yet to judge, and since when those are complete."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import orjson

from twosignal_mock.apis.rest.evaluators._catalogue import OUTSIDE
from twosignal_mock.apis.rest.store import EvaluationRecord, Repositories, TraceRecord

_MOST_EVALUATORS = 100
"""That judge one trace, the oldest ones: ingestion writes their ids down with each new trace."""


def evaluate_later(repositories: Repositories, traces: Iterable[TraceRecord], new: Collection[str], now: int) -> None:
    """Has the evaluators that are enabled now judge the new ones of the traces; `new` names those.

    `now`: when the traces were changed, milliseconds since 1970. A project without evaluators pays two look-ups.
    """
    enabled = repositories.evaluators.enabled(OUTSIDE, _MOST_EVALUATORS)
    pending = repositories.evaluations
    if not enabled and not pending.any():
        return
    ids = orjson.dumps(enabled).decode()
    for trace in traces:
        ready = now if _is_complete(trace) else None
        if trace.id not in new:
            pending.move(trace.id, ready)
        elif enabled:
            pending.put(EvaluationRecord(trace.id, ready, False, ids))


def _is_complete(trace: TraceRecord) -> bool:
    """No span is open, and one has come, or the end of the trace has: the spans of a trace often come after it."""
    has_come = trace.spans > 0 or trace.own_end is not None
    return trace.sort_key is not None and not trace.open and has_come
