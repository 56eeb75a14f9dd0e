"""Takes events and spans into the store, whichever way they came; traces are read once and written once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from twosignal_mock.resources.traces import _rules
from twosignal_mock.resources.traces._values import TraceCreate
from twosignal_mock.store import SpanRecord, TraceRecord, Transaction


class Ingestion:
    """One batch; nothing of it counts before `finish`."""

    def __init__(self, transaction: Transaction, now: int) -> None:
        """`now`: milliseconds since 1970, the receipt of what is new."""
        self._traces = transaction.traces
        self._now = now
        self._touched: dict[str, TraceRecord] = {}

    def is_new(self, event: str) -> bool:
        """Whether the project never saw this event id; from now on it did."""
        return self._traces.claim(event)

    def add_trace(self, create: TraceCreate) -> None:
        """Opens a trace, or adds to it."""
        _rules.merge(self._trace(create.id), create)

    def add_span(self, span: SpanRecord) -> None:
        """Adds a span that came natively, unless its trace has it already."""
        if self._traces.add_span(span):
            _rules.add_span(self._trace(span.trace), span)

    def add_otlp_span(self, span: SpanRecord, attributes: Mapping[str, Any], tags: Sequence[str]) -> None:
        """Adds a span that came as OTLP, unless its trace has it already, and what its resource says of the trace."""
        if self._traces.add_span(span):
            trace = self._trace(span.trace)
            leads = _rules.add_span(trace, span)
            _rules.show_by_spans(trace)
            _rules.add_resource(trace, attributes, tags, leads=leads)

    def finish(self) -> None:
        """Keeps all traces as they are now."""
        for trace in self._touched.values():
            self._traces.save(trace)

    def _trace(self, trace_id: str) -> TraceRecord:
        trace = self._touched.get(trace_id)
        if trace is None:
            trace = self._traces.find(trace_id) or TraceRecord(trace_id, self._now)
            self._touched[trace_id] = trace
        return trace
