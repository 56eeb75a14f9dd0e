"""Counters for Prometheus. Counting is a look-up and an addition; labels and sums are made when somebody asks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from twosignal_mock.engine.sandbox import Sandboxes

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The text format that every version of Prometheus reads."""

BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
"""Upper bounds in seconds: fine below 10 ms, where a local mock responds; the long ones are for ordered delays."""

_PREFIX = "twosignal_mock"
_NO_OPERATION = "none"
_CUT = "cut"
"""The status of a request whose connection was cut."""


class _Latencies:
    """How long the responses of one operation took."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS) + 1)
        self.total = 0.0


class Metrics(Collector):
    """The counters of a server, in a registry of their own."""

    def __init__(self, sandboxes: Sandboxes) -> None:
        self._sandboxes = sandboxes
        self._requests: dict[tuple[str | None, int | None], int] = {}
        self._latencies: dict[str | None, _Latencies] = {}
        self._faults: dict[tuple[str, str], int] = {}
        self._rate_errors: dict[str, int] = {}
        self._store_writes = 0
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def request(self, operation_id: str | None, status: int | None, seconds: float) -> None:
        """Count a response (None: the connection was cut) and its real time."""
        key = (operation_id, status)
        self._requests[key] = self._requests.get(key, 0) + 1
        latencies = self._latencies.get(operation_id)
        if latencies is None:
            latencies = self._latencies[operation_id] = _Latencies()
        latencies.counts[bisect_left(BUCKETS, seconds)] += 1
        latencies.total += seconds

    def fault(self, kind: str, phase: str) -> None:
        """Count a fault that struck."""
        self._faults[kind, phase] = self._faults.get((kind, phase), 0) + 1

    def rate_error(self, plan: str) -> None:
        """Count a request that got an error for its rate."""
        self._rate_errors[plan] = self._rate_errors.get(plan, 0) + 1

    def store_write(self, count: int = 1) -> None:
        """Count writes that were stored."""
        self._store_writes += count

    def text(self) -> bytes:
        """Everything in the text format."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily]:
        """What the registry asks for."""
        # A copy of each, taken at once: the registry may walk over it in another thread.
        requests = tuple(self._requests.items())
        shown = [((_name(operation), _status(status)), count) for (operation, status), count in requests]
        yield _counter("requests", "Responses by operation and status.", ("operation", "status"), shown)
        yield self._histogram()
        yield _counter("faults", "Faults that struck.", ("kind", "phase"), tuple(self._faults.items()))
        rate_errors = [((plan,), count) for plan, count in tuple(self._rate_errors.items())]
        yield _counter("rate_errors", "Requests that got an error for their rate.", ("plan",), rate_errors)
        yield _counter("store_writes", "Writes that were stored.", (), [((), self._store_writes)])
        sandboxes = tuple(self._sandboxes)
        yield _gauge("sandboxes", "Sandboxes in use.", len(sandboxes))
        yield _gauge("journal_entries", "Entries of all journals.", sum(len(each.journal) for each in sandboxes))
        kept = sum(each.journal.kept_bytes for each in sandboxes)
        yield _gauge("journal_body_bytes", "Bytes of all bodies and ids that journals keep.", kept)
        yield _gauge("ledger_ids", "Ids in all ledgers.", sum(len(each.ledger) for each in sandboxes))

    def _histogram(self) -> HistogramMetricFamily:
        text = "Seconds from the arrival of a request to the end of its response."
        family = HistogramMetricFamily(f"{_PREFIX}_request_seconds", text, labels=("operation",))
        for operation, latencies in tuple(self._latencies.items()):
            family.add_metric((_name(operation),), list(_cumulative(latencies.counts)), latencies.total)
        return family


def _cumulative(counts: Iterable[int]) -> Iterator[tuple[str, float]]:
    total = 0
    for bound, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
        total += count
        yield bound, total


def _counter(
    name: str, text: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], int]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(f"{_PREFIX}_{name}", text, labels=labels)
    for key, value in values:
        family.add_metric(key, value)
    return family


def _gauge(name: str, text: str, value: int) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", text, value)


def _name(operation_id: str | None) -> str:
    return _NO_OPERATION if operation_id is None else operation_id


def _status(status: int | None) -> str:
    return _CUT if status is None else str(status)
