"""Takes events and spans into the store, whichever way they came; traces are read once and written once."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from twosignal_mock.resources.traces import _rules
from twosignal_mock.resources.traces._items import encode_item
from twosignal_mock.resources.traces._values import TraceCreate
from twosignal_mock.store import SpanRecord, TraceRecord, Transaction


class Ingestion:
    """One batch; nothing of it counts before `finish`."""

    def __init__(self, transaction: Transaction, now: int) -> None:
        """`now`: milliseconds since 1970, the receipt of what is new."""
        self._traces = transaction.traces
        self._now = now
        self._touched: dict[str, TraceRecord] = {}
        self._costs: dict[str, list[str]] = {}
        """What the new spans of each trace cost; added up once."""

    def new(self, events: Sequence[str]) -> Container[int]:
        """At which indexes stand event ids that the project never saw; from now on it did."""
        return self._traces.claim(events)

    def add(self, items: Sequence[TraceCreate | SpanRecord]) -> None:
        """Adds what native events say, in this order: traces, and the spans that their traces do not have already."""
        spans = [item for item in items if isinstance(item, SpanRecord)]
        kept = iter(self._keep(spans))
        for item in items:
            if isinstance(item, TraceCreate):
                _rules.merge(self._trace(item.id), item)
            elif next(kept):
                self._count(item)

    def add_otlp_spans(self, spans: Sequence[SpanRecord], attributes: Mapping[str, Any], tags: Sequence[str]) -> None:
        """Adds the spans of one resource that their traces do not have already, and what it says of the traces."""
        for span, kept in zip(spans, self._keep(spans), strict=True):
            if kept:
                trace = self._trace(span.trace)
                leads = self._count(span)
                _rules.show_by_spans(trace)
                _rules.add_resource(trace, attributes, tags, leads=leads)

    def finish(self) -> None:
        """Keeps all traces as they are now."""
        for trace_id, costs in self._costs.items():
            trace = self._touched[trace_id]
            trace.cost = _rules.add_costs(trace.cost, costs)
        for trace in self._touched.values():
            if trace.place is not None:
                trace.item = encode_item(trace, trace.place)
        self._traces.save(*self._touched.values())

    def _count(self, span: SpanRecord) -> bool:
        """Adds a new span to its trace; whether it names the trace."""
        if span.cost is not None:
            self._costs.setdefault(span.trace, []).append(span.cost)
        return _rules.add_span(self._trace(span.trace), span)

    def _keep(self, spans: Sequence[SpanRecord]) -> Sequence[bool]:
        for trace in dict.fromkeys(span.trace for span in spans):
            self._trace(trace)  # the store knows of a trace that is not there that it has no spans
        new = self._traces.add_spans(spans)
        return [index in new for index in range(len(spans))]

    def _trace(self, trace_id: str) -> TraceRecord:
        trace = self._touched.get(trace_id)
        if trace is None:
            trace = self._traces.find(trace_id) or TraceRecord(trace_id, self._now)
            self._touched[trace_id] = trace
        return trace
