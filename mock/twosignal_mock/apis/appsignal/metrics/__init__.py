"""Metrics: taken in by OTLP, shown as series over time, as grouped lists, and by name."""

from __future__ import annotations

from collections.abc import Iterator

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal.metrics._ingestion import record_export, take_metrics
from twosignal_mock.apis.appsignal.metrics._list import list_handler
from twosignal_mock.apis.appsignal.metrics._names import names_handlers
from twosignal_mock.apis.appsignal.metrics._timeseries import timeseries_handler
from twosignal_mock.engine.api import Dependencies, Handler

__all__ = ["handlers", "list_handler", "record_export", "take_metrics", "timeseries_handler"]


def handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """The four operations below /metrics."""
    yield timeseries_handler(contract, dependencies)
    yield list_handler(contract, dependencies)
    yield from names_handlers(dependencies)
