"""How long a list takes in a small and in a large store, one request at a time.

A query asks for as many traces as the smallest store has for it, so that stores of all sizes answer with the same
number of rows.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from bench._bench import BROKEN, Bench
from bench._filling import Client, FillError
from bench.figures._queries import Query, queries
from bench.figures._stores import Stores
from bench.load import OneAtATime
from bench.servers import DURABLE, Server, Subject

_SECONDS = 0.2
"""Of one measurement: a thousand answers."""
_TURNS = 3
"""Through all lists, at most."""


def measure_sizes(bench: Bench, subjects: Sequence[Subject]) -> None:
    """The latency of each query at each size, in rounds through all of them."""
    for subject in subjects:
        if subject.name != DURABLE:
            continue
        stores = Stores(bench, subject)
        with stores.filling():
            bench.say("waits for the stores" if not stores.are_filled else "the stores are there")
        if not stores.are_filled:
            raise FillError("the stores could not be filled; what was said above tells why")
        asked = {size: list(queries(stores.populations(size))) for size in bench.options.sizes}
        with bench.serving(subject, folder=stores.folder) as server:
            for number in range(min(_TURNS, bench.options.rounds)):
                bench.say(f"{len(asked[bench.options.sizes[0]])} lists in {len(asked)} stores, turn {number + 1}")
                for alike in zip(*asked.values(), strict=True):
                    for size, query in zip(asked, alike, strict=True):
                        name = f"list by {query.filter} at {query.share}, {query.page} page, {size:,} traces"
                        try:
                            _one(bench, server, stores.key(size, query.errors), size, query, number)
                        except BROKEN as error:
                            bench.record.miss(name, str(error))


def _one(bench: Bench, server: Server, key: str, size: int, query: Query, number: int) -> None:
    place = bench.contract.operations["listTraces"]
    client = Client(server.url, key)
    try:
        told = client.expect(place.success, query.request.method, query.request.path)
    finally:
        client.close()
    with OneAtATime(server.url) as connection:
        seen = connection.run(key, query.request, seconds=_SECONDS)
    bench.record.add(
        "sizes",
        filter=query.filter,
        share=query.share,
        page=query.page,
        traces=size,
        rows=len(json.loads(told)["data"]["traces"]),
        round=number,
        p50=seen.latency["50"],
        p99=seen.latency["99"],
    )
