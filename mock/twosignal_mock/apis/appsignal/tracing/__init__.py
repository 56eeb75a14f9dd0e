"""Traces: taken in by OTLP, shown as spans, lists, actions, edges and slow events. All come from the same spans."""

from __future__ import annotations

from collections.abc import Iterator

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal.tracing import _sums, _traces
from twosignal_mock.apis.appsignal.tracing._ingestion import read_spans, take_traces
from twosignal_mock.engine.api import Dependencies, Handler

__all__ = ["handlers", "read_spans", "take_traces"]


def handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """The eleven operations below /tracing."""
    yield from _traces.handlers(contract, dependencies)
    yield from _sums.handlers(contract, dependencies)
