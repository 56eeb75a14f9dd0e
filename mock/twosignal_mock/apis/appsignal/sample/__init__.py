"""Sample data: two sites with a day of traffic, errors, slow queries, N+1, logs, hosts, a cluster and deploys.

All of it is made as OTLP/JSON and taken in as any export is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._attributes import AttributeNames
from twosignal_mock.apis.appsignal._instants import MILLISECOND, format_instant
from twosignal_mock.apis.appsignal._rejection import Rejection
from twosignal_mock.apis.appsignal.logs import LineMaker, read_entries
from twosignal_mock.apis.appsignal.metrics import record_export
from twosignal_mock.apis.appsignal.sample._cluster import cluster_exports
from twosignal_mock.apis.appsignal.sample._logs import log_exports
from twosignal_mock.apis.appsignal.sample._messages import Message
from twosignal_mock.apis.appsignal.sample._numbers import host_metrics, request_metrics
from twosignal_mock.apis.appsignal.sample._traffic import SERVICES, Finished, Trace, revision_at
from twosignal_mock.apis.appsignal.store import LogSource, SavedVisual, Site, record_spans, repositories_of
from twosignal_mock.apis.appsignal.tracing import read_spans
from twosignal_mock.engine.api import SampleWork
from twosignal_mock.engine.store import Transaction

__all__ = ["generate"]

_DAY = 86_400_000
_LATE = 60_000
"""Milliseconds; no trace takes longer, so that nothing of the sample is later than now."""
_TOGETHER = 200
"""Traces of one write."""


def generate(contract: Contract, count: int, seed: str, now: int) -> Iterator[Sequence[SampleWork]]:
    """`count` traces of the day before `now` (milliseconds since 1970), and all that belongs to them."""
    random = Random(f"appsignal sample {seed}")  # noqa: S311 - a sample has to repeat, not to be secret
    names, maker = AttributeNames.of(contract), LineMaker(contract.extension("x-appsignal-log-query"))
    begin = now - _DAY
    yield [partial(_make_sites, _sites(contract), _sources(contract), _visual(contract, begin, now))]
    yield [partial(_take_metrics, 1, host_metrics(random, begin, now))]
    yield [partial(_take_metrics, 1, export) for export in cluster_exports(random, begin, now)]
    starts = sorted(begin + random.random() * (_DAY - 2 * _LATE) for _ in range(count))
    for first in range(0, count, _TOGETHER):
        traces = [
            Trace(random, start, revision_at((start - begin) / _DAY)) for start in starts[first : first + _TOGETHER]
        ]
        calls = [call for trace in traces for call in trace.calls]
        exports = [list(trace.exports()) for trace in traces]
        lines = [partial(_take_logs, maker, site + 1, export) for site, export in log_exports(random, calls)]
        yield [partial(_take_spans, names, exports), *_metrics_of(calls), *lines]


def _sites(contract: Contract) -> Sequence[Site]:
    """The sites that the examples of the contract name, so that they can be tried as they are."""
    named = zip(_example(contract, "locateTrace")["site_ids"], SERVICES, strict=True)
    return [Site(id_, number, name, "Example", accessible=True) for number, (id_, name) in enumerate(named, 1)]


def _sources(contract: Contract) -> Sequence[LogSource]:
    """One for each site; the examples of the contract name the first."""
    (first,) = _example(contract, "searchLogLines")["source_ids"]
    return [LogSource(1, first, 1, "application"), LogSource(2, first[::-1], 2, "application")]


def _visual(contract: Contract, begin: int, end: int) -> SavedVisual:
    """The mean duration of web requests, under the id that the contract's example has."""
    example = contract.operation("getSavedVisual").responses["200"].content["application/json"].examples
    (shown, *_) = example.values()
    query = {
        "from": format_instant(begin * MILLISECOND),
        "to": format_instant(end * MILLISECOND),
        "resolution": "HOURLY",
        "select": [{"name": "transaction_duration", "field": "mean", "tags": {"namespace": "web"}}],
    }
    return SavedVisual(shown["id"], 1, "Mean duration", "timeseries", orjson.dumps(query).decode())


def _example(contract: Contract, operation: str) -> Mapping[str, Any]:
    """The first example of an operation's body."""
    body = contract.operation(operation).request_body
    examples = {} if body is None else body.content["application/json"].examples
    return next(iter(examples.values()))


def _make_sites(
    sites: Sequence[Site], sources: Sequence[LogSource], visual: SavedVisual, transaction: Transaction
) -> None:
    repositories = repositories_of(transaction)
    for site in sites:
        repositories.sites.put(site)
    for source in sources:
        repositories.sites.put_source(source)
    repositories.visuals.put(visual)


def _take_logs(maker: LineMaker, source: int, export: Message, transaction: Transaction) -> None:
    logs = repositories_of(transaction).logs
    logs.add(maker.lines(read_entries(export, lambda _: source, Rejection("")), logs.next_chunk()))


def _take_spans(
    names: AttributeNames, exports: Sequence[Sequence[tuple[int, Message]]], transaction: Transaction
) -> None:
    traces = repositories_of(transaction).traces
    for each in exports:
        spans = [
            span
            for site, export in each
            for span in read_spans({"resourceSpans": [export]}, site + 1, names, Rejection(""))
        ]
        record_spans(traces, spans)


def _metrics_of(calls: Sequence[Finished]) -> Iterator[SampleWork]:
    for site in sorted({call.site for call in calls}):
        yield partial(_take_metrics, site + 1, request_metrics([call for call in calls if call.site == site]))


def _take_metrics(site: int, export: Message, transaction: Transaction) -> None:
    record_export(repositories_of(transaction), site, export, Rejection(""))
