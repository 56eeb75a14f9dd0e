"""Stores events and spans, native ones and those of OTLP; traces are read once and written once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, count
from typing import Any

from twosignal_mock.apis.rest.evaluators import evaluate_later
from twosignal_mock.apis.rest.store import SpanRecord, TraceRecord, repositories_of
from twosignal_mock.apis.rest.traces import _rules
from twosignal_mock.apis.rest.traces._events import Batch, TraceCreate
from twosignal_mock.apis.rest.traces._list import encode_item
from twosignal_mock.engine.store import Transaction


class Ingestion:
    """Batches that are taken in together; nothing of them counts before `finish`."""

    def __init__(self, transaction: Transaction) -> None:
        self._repositories = repositories_of(transaction)
        self._traces = self._repositories.traces
        self._stored = set[str]()
        """Ids of touched traces that were there before."""
        self._now = 0
        self._touched: dict[str, TraceRecord] = {}
        self._costs: dict[str, list[str]] = {}
        """What the new spans of each trace cost; added up once."""

    def add(self, batches: Sequence[Batch]) -> None:
        """Adds what the events say, in this order: traces, and the spans that their traces do not have already.

        An event is ignored when the project already has one with its id.
        """
        known = self._traces.claim([event for batch in batches for event in batch.events])
        heard = [(batch.now, batch.items) for batch in batches]
        if known:
            number = count()
            heard = [(now, [item for item in items if next(number) not in known]) for now, items in heard]
        first: dict[str, int] = {}
        for now, items in reversed(heard):
            first |= dict.fromkeys([item.trace for item in items], now)
        self._touch(first)
        # All traces are touched before their spans are added, so that the store knows which have none.
        spans = [item for _, items in heard for item in items if isinstance(item, SpanRecord)]
        again = self._traces.add_spans(spans)
        number = count()
        for item in chain.from_iterable(items for _, items in heard):
            if isinstance(item, TraceCreate):
                _rules.merge(self._touched[item.trace], item)
            elif not (again and next(number) in again):
                self._count(item)

    def add_otlp_spans(
        self, spans: Sequence[SpanRecord], attributes: Mapping[str, Any], tags: Sequence[str], now: int
    ) -> None:
        """Adds the spans of one resource that their traces do not have already, and what it says of the traces.

        `now`: when they were received, milliseconds since 1970.
        """
        self._touch(dict.fromkeys([span.trace for span in spans], now))
        again = self._traces.add_spans(spans)
        for index, span in enumerate(spans):
            if index not in again:
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
            if trace.sort_key is not None:
                trace.item = encode_item(trace, trace.sort_key)
        self._traces.save(*self._touched.values())
        evaluate_later(self._repositories, self._touched.values(), self._stored, self._now)

    def _count(self, span: SpanRecord) -> bool:
        """Adds a new span to its trace; whether it names the trace."""
        trace, cost = span.trace, span.cost
        if cost is not None:
            self._costs.setdefault(trace, []).append(cost)
        return _rules.add_span(self._touched[trace], span)

    def _touch(self, traces: Mapping[str, int]) -> None:
        """Has traces at hand, by their ids and when they were heard of first: as they are stored, else new."""
        if not traces:
            return
        unknown = {trace: now for trace, now in traces.items() if trace not in self._touched}
        self._touched |= {trace: TraceRecord(trace, now) for trace, now in unknown.items()}
        stored = self._traces.find_all(unknown)
        self._touched |= stored
        self._stored |= stored.keys()
        self._now = max(self._now, *traces.values())
