"""What many checks do first: ingest something and find it again. Each tells what failed as a precondition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twosignal_contract import Contract

from twosignal_conformance.apis.rest.checks import responses
from twosignal_conformance.apis.rest.checks.data import Json, TestData, run_tag
from twosignal_conformance.engine.api_client import ApiClient, Exchange, Key, Options, Settled
from twosignal_conformance.engine.judgement import Judge

PAGES = 20
"""Most pages that a search reads; what was just created stands on the first ones."""


def ingest(client: ApiClient, judge: Judge, data: TestData, *bodies: Json, key: Key = Key.MAIN) -> Exchange:
    """The response to a batch of bodies; the check ends here when the batch is refused."""
    exchange = client.call("ingestTraces", json=data.batch(*bodies), key=key)
    judge.require(exchange.ok, f"the batch was answered with {exchange.status}")
    return exchange


def valid_requests(
    contract: Contract, data: TestData, key: Key = Key.MAIN, scored: Json | None = None
) -> dict[str, Options]:
    """A valid request for each operation that needs the API key, by operationId; each stores as little as it can.

    The score is of the trace `scored`. Without one it is of a trace that may not be there yet: 404 then, which shows as
    well as success that the key was taken, and nothing to whom a refusal is the question.
    """
    trace = data.trace()
    requests: dict[str, Options] = {
        "ingestTraces": {"json": data.batch(trace)},
        "listTraces": {"query": {"limit": 1}},
        "ingestOtlpTraces": {"json": data.otlp()},
        "createScore": {"json": data.score(scored or trace)},
        "routeModel": {"json": {"input": "Hello"}},
        # The listing: a name that is not there is a 404, which looks like a refusal of whatever is judged.
        "getPromptTemplates": {},
        "pushPromptTemplate": {"json": data.template()},
        "validateOutput": {"json": contract.operation("validateOutput").example()},
    }
    for options in requests.values():
        options["key"] = key
    return requests


def pages(client: ApiClient, *, key: Key = Key.MAIN, most: int = PAGES, **query: object) -> Iterator[Exchange]:
    """The pages of a listing, one after another, at most `most`; a page that is no success is the last one.

    So is one whose cursor came before: it leads in a circle, as on a server that answers with examples.
    """
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(most):
        exchange = client.call("listTraces", key=key, query={**query, "cursor": cursor})
        yield exchange
        cursor = responses.next_cursor(exchange)
        if cursor is None or cursor in seen or not exchange.ok:
            return
        seen.add(cursor)


def has_run(client: ApiClient) -> bool:
    """Whether the listing shows a trace of an earlier run with this run id. Its tag is looked at: a filter may fail."""
    tag = run_tag(client.settings.run_id)
    exchange = client.call("listTraces", query={"limit": 1, "tags": tag})
    tags = (row.get("tags") for row in responses.traces(exchange) if isinstance(row, dict))
    return any(isinstance(each, list) and tag in each for each in tags)


def look_up(client: ApiClient, trace: Json, *, key: Key = Key.MAIN) -> tuple[Json | None, Exchange]:
    """A trace as the listing shows it, by its id, with the page that shows it; None and the last page without it.

    Asks for its name first, then reads page by page, so that a broken filter by name does not hide it.
    """
    found, exchange = _find(trace["id"], pages(client, key=key, most=1, name=trace["name"]))
    if found is None:
        limit = client.contract.parameter("listTraces", "limit").maximum
        found, exchange = _find(trace["id"], pages(client, key=key, limit=limit))
    return found, exchange


def settled(
    client: ApiClient,
    trace: Json,
    *,
    until: Callable[[Json], bool] = lambda _: True,
    key: Key = Key.MAIN,
    seconds: float | None = None,
) -> Settled[tuple[Json | None, Exchange]]:
    """A trace as the listing shows it once it satisfies a condition; `.value[0]` is None when it never showed."""
    return client.settle(
        lambda: look_up(client, trace, key=key),
        until=lambda seen: seen[0] is not None and until(seen[0]),
        seconds=seconds,
    )


def shown(
    client: ApiClient, judge: Judge, trace: Json, *, until: Callable[[Json], bool] = lambda _: True, key: Key = Key.MAIN
) -> tuple[Json, Exchange]:
    """As `settled`, but the check ends here when the trace never showed; a condition that was not met is left to it."""
    result = settled(client, trace, until=until, key=key)
    found, exchange = result.value
    judge.require(found is not None, f"the trace did not show in the list within {result.seconds:.0f} s")
    return found or {}, exchange


def _find(identifier: str, found: Iterator[Exchange]) -> tuple[Any, Exchange]:
    exchange = next(found)
    while True:
        for row in responses.traces(exchange):
            if isinstance(row, dict) and row.get("id") == identifier:
                return row, exchange
        following = next(found, None)
        if following is None:
            return None, exchange
        exchange = following


def snake_case(contract: Contract, span: Json) -> Json:
    """A span's body in the spellings that the contract lists as aliases."""
    properties = contract.schema("SpanBody")["properties"]
    return {next(iter(properties.get(name, {}).get("x-aliases", ())), name): value for name, value in span.items()}


def reads_camel_case(client: ApiClient) -> bool:
    """True when spans in camelCase are taken, asked once in a run: a server may read snake_case alone."""
    return client.once(_takes_camel_case)


def _takes_camel_case(client: ApiClient) -> bool:
    data = TestData(client, "spelling")
    trace = data.trace()
    camel = data.span(trace)
    taken = (
        client.call("ingestTraces", json=data.batch(trace, span)).ok
        for span in (camel, snake_case(client.contract, camel))
    )
    return next(taken) or not next(taken)
