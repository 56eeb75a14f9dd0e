"""Sample data: two sites with a day of web and background traffic, errors, slow queries, N+1, hosts and deploys.

All of it is made as OTLP/JSON and taken in as any export is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from random import Random

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._attributes import AttributeNames
from twosignal_mock.apis.appsignal._rejection import Rejection
from twosignal_mock.apis.appsignal.metrics import read_points, record_points
from twosignal_mock.apis.appsignal.sample._messages import Message
from twosignal_mock.apis.appsignal.sample._numbers import host_metrics, request_metrics
from twosignal_mock.apis.appsignal.sample._traffic import Finished, Trace, revision_at
from twosignal_mock.apis.appsignal.store import Site, record_spans, repositories_of
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
    names, begin = AttributeNames.of(contract), now - _DAY
    yield [partial(_make_sites, _sites(contract))]
    yield [partial(_take_metrics, 1, host_metrics(random, begin, now))]
    starts = sorted(begin + random.random() * (_DAY - 2 * _LATE) for _ in range(count))
    for first in range(0, count, _TOGETHER):
        traces = [
            Trace(random, start, revision_at((start - begin) / _DAY)) for start in starts[first : first + _TOGETHER]
        ]
        calls = [call for trace in traces for call in trace.calls]
        exports = [list(trace.exports()) for trace in traces]
        yield [partial(_take_spans, names, exports), *_metrics_of(calls)]


def _sites(contract: Contract) -> Sequence[Site]:
    """The sites that the examples of the contract name, so that they can be tried as they are."""
    body = contract.operation("locateTrace").request_body
    examples = {} if body is None else body.content["application/json"].examples
    (example, *_) = examples.values()
    named = zip(example["site_ids"], ("shop", "billing"), strict=True)
    return [Site(id_, number, name, "Example", accessible=True) for number, (id_, name) in enumerate(named, 1)]


def _make_sites(sites: Sequence[Site], transaction: Transaction) -> None:
    for site in sites:
        repositories_of(transaction).sites.put(site)


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
    record_points(repositories_of(transaction).metrics, site, read_points(export), Rejection(""))
