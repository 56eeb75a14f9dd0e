"""A trace with all its spans and scores, which the API itself cannot show; for people and tests."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.rest._formats import canonical_id, format_timestamp, statuses_of
from twosignal_mock.apis.rest.store import ScoreRecord, SpanRecord, TraceRecord, repositories_of
from twosignal_mock.apis.rest.traces._events import read_detail
from twosignal_mock.apis.rest.traces._rules import duration_of, end_of, plain
from twosignal_mock.engine.api import ControlCall, ControlError, ControlErrorKind
from twosignal_mock.engine.store import Transaction


async def show_trace(call: ControlCall) -> object:
    """The trace that the path names."""
    wanted = call.path["trace_id"]
    shown = await call.read(lambda transaction: trace_detail(call.contract, transaction, wanted))
    if shown is None:
        got, then = f"there is no trace {wanted!r} in this sandbox", "name its sandbox by ?api_key="
        raise ControlError(ControlErrorKind.NOT_FOUND, got, "the id of a trace", then)
    return shown


async def list_unlisted(call: ControlCall) -> object:
    """Traces of which spans came, but no trace-create: no list shows them yet."""
    limit = call.query["limit"]
    found = await call.read(lambda transaction: repositories_of(transaction).traces.unlisted(limit))
    statuses = statuses_of(call.contract)
    return {"traces": [_trace(trace, statuses) for trace in found]}


def trace_detail(contract: Contract, transaction: Transaction, trace_id: str) -> dict[str, Any] | None:
    """The trace as JSON, listed or not; None when the project has none with this id."""
    repositories = repositories_of(transaction)
    trace = repositories.traces.find(canonical_id(trace_id))
    if trace is None:
        return None
    statuses = statuses_of(contract)
    spans = repositories.spans.of_trace(trace.id)
    parents = _parents(spans)
    return {
        **_trace(trace, statuses),
        "spans": [_span(span, parents.get(span.id), statuses) for span in spans],
        "scores": [_score(score) for score in repositories.scores.of_trace(trace.id)],
    }


def _trace(trace: TraceRecord, statuses: tuple[str, str]) -> dict[str, Any]:
    start = trace.earliest if trace.sort_key is None else -trace.sort_key
    end = end_of(trace.own_end, trace.latest, trace.open)
    return {
        "id": trace.shown or trace.id,
        "name": trace.name,
        "status": statuses[trace.failed > 0],
        "startTime": _time(start),
        "endTime": _time(end),
        "durationMs": 0 if start is None else duration_of(start, end),
        "totalCost": trace.cost,
        "totalTokens": trace.tokens,
        "tags": [] if trace.tags is None else orjson.loads(trace.tags),
        "metadata": orjson.loads(trace.metadata),
        "spanCount": trace.spans,
        "scoreCount": trace.scores,
        "createdAt": _time(trace.created),
        "listed": trace.sort_key is not None,
        **({} if trace.extra is None else orjson.loads(trace.extra)),
    }


def _parents(spans: Sequence[SpanRecord]) -> dict[str, str]:
    """Id of a span to the id of its parent: the span of that id, else the one that the event of that id carried."""
    ids = {span.id for span in spans}
    by_event = {span.event: span.id for span in spans if span.event is not None}
    named = ((span.id, span.parent, canonical_id(span.parent)) for span in spans if span.parent is not None)
    found = ((span, id_ if id_ in ids else by_event.get(parent)) for span, parent, id_ in named)
    return {span: parent for span, parent in found if parent is not None}


def _span(span: SpanRecord, parent: str | None, statuses: tuple[str, str]) -> dict[str, Any]:
    return {
        "id": span.id,
        "traceId": span.trace,
        "eventId": span.event,
        "parentSpanId": span.parent,
        "parent": parent,
        "name": span.name,
        "type": span.type,
        "startTime": _time(span.start),
        "endTime": _time(span.end),
        "durationMs": duration_of(span.start, span.end),
        "status": statuses[span.failed],
        "totalTokens": span.tokens,
        "cost": None if span.cost is None else plain(Decimal(span.cost)),
        **read_detail(span.detail),
    }


def _score(score: ScoreRecord) -> dict[str, Any]:
    return {
        "id": score.id,
        "traceId": score.trace,
        "spanId": score.span,
        "evaluatorName": score.evaluator,
        "value": score.value,
        "label": score.label,
        "reasoning": score.reasoning,
        "createdAt": _time(score.created),
    }


def _time(milliseconds: int | None) -> str | None:
    return None if milliseconds is None else format_timestamp(milliseconds)
