"""The workloads: what is sent, in the contract's words, and who is asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote, urlencode

from bench._contract import BenchContract
from bench.load._bodies import batch, native_pair, otlp_export
from bench.load._population import COMMON_TAG, SECOND_TAG, WORDS, Population
from bench.load._request import Request

SEEDED = 1000
"""Traces that are there before a list is measured."""
LIST_SIZE = 20
"""Traces in a page."""
_OTLP_SPANS = 20
_LARGE_BATCH = 100
JUDGES = 10
"""Evaluators of the sandbox that is judged."""
LONGER = 4
"""Requests that are under way when a measurement ends count for nobody. Of 64 small ones that is nothing; of 64 large
batches it was a fifth of what a server took in within a second, and half as much for one twice as fast."""
_READS = 4
"""Of five requests of the mixed workload; the fifth writes."""

Asked = Literal["everyone", "readers", "ours"]
"""`readers` understand the query; `ours` have limits."""


@dataclass(frozen=True)
class Workload:
    """Requests that are sent in turn, all answered with one status (the mixed one with two)."""

    name: str
    says: str
    requests: tuple[Request, ...]
    statuses: frozenset[int]
    asked: Asked = "everyone"
    limited: bool = False
    """Whether it is sent with the key whose rate it exceeds, so that most answers refuse."""
    judged: bool = False
    """Whether it is sent with the key of a sandbox whose evaluators judge what it brings."""
    longer: int = 1
    """How many times as long as others it is measured: see LONGER."""


def workloads(population: Population) -> Sequence[Workload]:
    """All of them, in the order in which they are measured: reads first, so that all read the same state."""
    contract = population.contract
    places = contract.operations
    health, listed, ingest, otlp = (
        places[name] for name in ("getHealth", "listTraces", "ingestTraces", "ingestOtlpTraces")
    )
    page = list_request(contract, {})
    pair = Request(ingest.method, ingest.path, native_pair(contract))
    large = Request(ingest.method, ingest.path, batch(contract, _LARGE_BATCH))
    export = Request(otlp.method, otlp.path, otlp_export(contract, _OTLP_SPANS))
    read, written, exported = (frozenset({place.success}) for place in (listed, ingest, otlp))
    refused = frozenset({listed.success, contract.rate_limit_status})
    return (
        Workload("health", "health", (Request(health.method, health.path, keyed=False),), frozenset({health.success})),
        Workload("list", f"list of {LIST_SIZE} of {SEEDED:,}", (page,), read),
        *(
            Workload(f"list-{name}", f"list, {says}", (list_request(contract, query),), read, "readers")
            for name, says, query in _filtered(population)
        ),
        Workload("limited", "list beyond the rate (429)", (page,), refused, "ours", limited=True),
        Workload("mixed", "80 % list, 20 % POST of 2", (*[page] * _READS, pair), read | written),
        Workload("post-2", "POST of 2 events", (pair,), written),
        Workload(f"post-{_LARGE_BATCH}", f"POST of {_LARGE_BATCH} events", (large,), written, longer=LONGER),
        Workload(
            f"post-{_LARGE_BATCH}-judged",
            f"POST of {_LARGE_BATCH} events with {JUDGES} evaluators",
            (large,),
            written,
            "ours",
            judged=True,
            longer=LONGER,
        ),
        Workload("otlp-20", f"OTLP of {_OTLP_SPANS} spans", (export,), exported, longer=LONGER),
    )


def _filtered(population: Population) -> Iterator[tuple[str, str, dict[str, str]]]:
    """A list for each filter that the contract has, and one for all of them together."""
    middle = population.size // 2
    word, failed = WORDS["half"], population.contract.statuses[True]
    dates = {"startDate": population.instant(population.size - 100), "endDate": population.instant(100)}
    yield "name", "by name", {"name": word}
    yield "status", "by status", {"status": failed}
    yield "tag", "by a tag", {"tags": COMMON_TAG}
    yield "tags", "by two tags", {"tags": f"{COMMON_TAG},{SECOND_TAG}"}
    yield "from", "by startDate", {"startDate": population.instant(middle)}
    yield "until", "by endDate", {"endDate": population.instant(middle)}
    yield "all", "by all filters together", {"name": word, "status": failed, "tags": SECOND_TAG, **dates}
    yield "cursor", "second page", {"cursor": population.cursor(LIST_SIZE - 1)}


def list_request(contract: BenchContract, query: dict[str, str], limit: int = LIST_SIZE) -> Request:
    """One page of traces; raises KeyError for a parameter that the contract does not have."""
    place = contract.operations["listTraces"]
    if unknown := query.keys() - set(contract.filters):
        raise KeyError(f"the contract has no parameter {sorted(unknown)} of a list")
    return Request(place.method, f"{place.path}?{urlencode({'limit': limit, **query}, quote_via=quote)}")
