"""Takes events and spans into the store, whichever way they came; traces are read once and written once."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from typing import Any

from twosignal_mock.resources.traces import _rules
from twosignal_mock.resources.traces._items import encode_item
from twosignal_mock.resources.traces._values import TraceCreate
from twosignal_mock.store import SpanRecord, TraceRecord, Transaction

Received = tuple[int, TraceCreate | SpanRecord]
"""What an event says, and when it came in: milliseconds since 1970."""


class Ingestion:
    """Batches that are taken in together; nothing of them counts before `finish`."""

    def __init__(self, transaction: Transaction) -> None:
        self._traces = transaction.traces
        self._touched: dict[str, TraceRecord] = {}
        self._costs: dict[str, list[str]] = {}
        """What the new spans of each trace cost; added up once."""

    def new(self, events: Sequence[str]) -> Container[int]:
        """At which indexes stand event ids that the project never saw; from now on it did."""
        return self._traces.claim(events)

    def add(self, items: Sequence[Received]) -> None:
        """Adds what native events say, in this order: traces, and the spans that their traces do not have already."""
        self._touch([(item.trace if isinstance(item, SpanRecord) else item.id, now) for now, item in items])
        kept = iter(self._keep([item for _, item in items if isinstance(item, SpanRecord)]))
        for _, item in items:
            if isinstance(item, TraceCreate):
                _rules.merge(self._touched[item.id], item)
            elif next(kept):
                self._count(item)

    def add_otlp_spans(
        self, spans: Sequence[SpanRecord], attributes: Mapping[str, Any], tags: Sequence[str], now: int
    ) -> None:
        """Adds the spans of one resource that their traces do not have already, and what it says of the traces.

        `now`: when they came in, milliseconds since 1970.
        """
        self._touch([(span.trace, now) for span in spans])
        for span, kept in zip(spans, self._keep(spans), strict=True):
            if kept:
                trace = self._touched[span.trace]
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
        return _rules.add_span(self._touched[span.trace], span)

    def _keep(self, spans: Sequence[SpanRecord]) -> Sequence[bool]:
        """Which of the spans are new; their traces are touched, so that the store knows which have none."""
        new = self._traces.add_spans(spans)
        return [index in new for index in range(len(spans))]

    def _touch(self, traces: Sequence[tuple[str, int]]) -> None:
        """Has traces at hand, by their ids and when they were heard of: as they are stored, else new."""
        first = {trace: now for trace, now in reversed(traces) if trace not in self._touched}
        self._touched |= {trace: TraceRecord(trace, now) for trace, now in first.items()}
        self._touched |= self._traces.find_all(first)
