"""Stores events and spans, native ones and those of OTLP; traces are read once and written once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from twosignal_mock.apis.rest._formats import format_month
from twosignal_mock.apis.rest.evaluators import evaluate_later
from twosignal_mock.apis.rest.store import Arrived, SpanRecord, TraceRecord, UsageRecord, repositories_of
from twosignal_mock.apis.rest.traces import _rules
from twosignal_mock.apis.rest.traces._events import Batch, TraceCreate
from twosignal_mock.apis.rest.traces._list import encode_item
from twosignal_mock.engine.store import Transaction


class Ingestion:
    """Batches that are taken in together; nothing of them counts before `finish`."""

    def __init__(self, transaction: Transaction) -> None:
        self._repositories = repositories_of(transaction)
        self._traces, self._spans = self._repositories.traces, self._repositories.spans
        self._usage = self._repositories.usage
        self._now = self._new_spans = 0
        self._new = set[str]()
        """Ids of touched traces that were not there before."""
        self._touched: dict[str, TraceRecord] = {}
        self._costs: dict[str, list[str]] = {}
        """What the new spans of each trace cost; added up once."""

    def add(self, batches: Sequence[Batch]) -> None:
        """Adds what the events say, in this order: traces, and the spans that their traces do not have already.

        An event is ignored when its trace already has one with its id.
        """
        self._now = batches[-1].now
        first: dict[str, int] = {}
        for batch in reversed(batches):
            first |= dict.fromkeys([item.trace for item in batch.items], batch.now)
        items = [item for batch in batches for item in batch.items]
        known = self._keep(first, items)
        for index, item in enumerate(items):
            if index in known:
                continue
            if isinstance(item, TraceCreate):
                _rules.merge(self._touched[item.trace], item)
            else:
                self._count(item)

    def add_otlp_spans(
        self, spans: Sequence[SpanRecord], attributes: Mapping[str, Any], tags: Sequence[str], now: int
    ) -> None:
        """Adds the spans of one resource that their traces do not have already, and what it says of the traces.

        `now`: when they were received, milliseconds since 1970.
        """
        self._now = now
        known = self._keep(dict.fromkeys([span.trace for span in spans], now), spans)
        for index, span in enumerate(spans):
            if index not in known:
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
        if self._new or self._new_spans:
            self._usage.add(UsageRecord(format_month(self._now), len(self._new), self._new_spans))
        evaluate_later(self._repositories, self._touched.values(), self._new, self._now)

    def _count(self, span: SpanRecord) -> bool:
        """Adds a new span to its trace; whether it names the trace."""
        self._new_spans += 1
        trace, cost = span.trace, span.cost
        if cost is not None:
            self._costs.setdefault(trace, []).append(cost)
        return _rules.add_span(self._touched[trace], span)

    def _keep(self, traces: Mapping[str, int], arrived: Sequence[Arrived]) -> Collection[int]:
        """Keeps what arrived, and has its traces at hand, by their ids and when they were heard of first.

        Gives the indexes of what the traces have already.
        """
        unknown = {trace: now for trace, now in traces.items() if trace not in self._touched}
        found = self._traces.find_all(unknown)
        new = unknown.keys() - found.keys()
        self._touched |= {trace: TraceRecord(trace, unknown[trace]) for trace in unknown if trace in new}
        self._touched |= found
        self._new |= new
        return self._spans.add(arrived, new)
