"""What many checks do first: ingest something and find it again. Each tells what failed as a precondition."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from twosignal_contract import Contract

from twosignal_conformance.apis.rest.checks import answers
from twosignal_conformance.apis.rest.checks.world import Json, World
from twosignal_conformance.engine.api_client import Exchange, Key, Options, Settled, Target
from twosignal_conformance.engine.judgement import Judge

PAGES = 20
"""Most pages that a search reads; what was just created stands on the first ones."""


def ingest(target: Target, judge: Judge, world: World, *bodies: Json, key: Key = Key.MAIN) -> Exchange:
    """The answer to a batch of bodies; the check ends here when the batch is refused."""
    exchange = target.call("ingestTraces", json=world.batch(*bodies), key=key)
    judge.require(exchange.ok, f"the batch was answered with {exchange.status}")
    return exchange


def valid_requests(law: Contract, world: World, key: Key = Key.MAIN, scored: Json | None = None) -> dict[str, Options]:
    """A valid request for each operation that needs the API key, by operationId; each stores as little as it can.

    The score is of the trace `scored`. Without one it is of a trace that may not be there yet: 404 then, which shows as
    well as success that the key was taken, and nothing to whom a refusal is the question.
    """
    trace = world.trace()
    requests: dict[str, Options] = {
        "ingestTraces": {"json": world.batch(trace)},
        "listTraces": {"query": {"limit": 1}},
        "ingestOtlpTraces": {"json": world.otlp()},
        "createScore": {"json": world.score(scored or trace)},
        "routeModel": {"json": {"input": "Hello"}},
        # The listing: a name that is not there is a 404, which looks like a refusal of whatever is judged.
        "getPromptTemplates": {},
        "pushPromptTemplate": {"json": world.template()},
        "validateOutput": {"json": law.operation("validateOutput").example()},
    }
    for options in requests.values():
        options["key"] = key
    return requests


def pages(target: Target, *, key: Key = Key.MAIN, most: int = PAGES, **query: object) -> Iterator[Exchange]:
    """The pages of a listing, one after another, at most `most`; a page that is no success is the last one.

    So is one whose cursor came before: it leads in a circle, as on a server that answers with examples.
    """
    cursor: str | None = None
    seen: set[str] = set()
    for _ in range(most):
        exchange = target.call("listTraces", key=key, query={**query, "cursor": cursor})
        yield exchange
        cursor = answers.next_cursor(exchange)
        if cursor is None or cursor in seen or not exchange.ok:
            return
        seen.add(cursor)


def look_up(target: Target, trace: Json, *, key: Key = Key.MAIN) -> tuple[Json | None, Exchange]:
    """A trace as the listing shows it, by its id, with the page that shows it; None and the last page without it.

    Asks for its name first, then reads page by page, so that a broken filter by name does not hide it.
    """
    found, exchange = _find(trace["id"], pages(target, key=key, most=1, name=trace["name"]))
    if found is None:
        limit = target.contract.parameter("listTraces", "limit").maximum
        found, exchange = _find(trace["id"], pages(target, key=key, limit=limit))
    return found, exchange


def settled(
    target: Target,
    trace: Json,
    *,
    until: Callable[[Json], bool] = lambda _: True,
    key: Key = Key.MAIN,
    seconds: float | None = None,
) -> Settled[tuple[Json | None, Exchange]]:
    """A trace as the listing shows it once it satisfies a condition; `.value[0]` is None when it never showed."""
    return target.settle(
        lambda: look_up(target, trace, key=key),
        until=lambda seen: seen[0] is not None and until(seen[0]),
        seconds=seconds,
    )


def shown(
    target: Target, judge: Judge, trace: Json, *, until: Callable[[Json], bool] = lambda _: True, key: Key = Key.MAIN
) -> tuple[Json, Exchange]:
    """As `settled`, but the check ends here when the trace never showed; a condition that was not met is left to it."""
    result = settled(target, trace, until=until, key=key)
    found, exchange = result.value
    judge.require(found is not None, f"the trace did not show in the list within {result.seconds:.0f} s")
    return found or {}, exchange


def _find(identifier: str, found: Iterator[Exchange]) -> tuple[Any, Exchange]:
    exchange = next(found)
    while True:
        for row in answers.traces(exchange):
            if isinstance(row, dict) and row.get("id") == identifier:
                return row, exchange
        following = next(found, None)
        if following is None:
            return None, exchange
        exchange = following
