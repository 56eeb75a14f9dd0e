"""How long a list takes in a small and in a large store.

Each size has a project for each share of failed traces, all in one state file that the mock itself writes and that
stays under build/ until the sources that decide what is in it change. A query asks for as many traces as the smallest
store has for it, so that stores of all sizes answer with the same number of rows.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bench._bench import Bench, open_universe
from bench._filling import Client, fill
from bench._paths import BUILD, ROOT
from bench.figures._queries import SHARES, Query, queries
from bench.load import LoadError, Population, Share, Wrk, newest_trace
from bench.servers import DURABLE, Server, Subject

_DECIDE = ("mock/twosignal_mock/store", "mock/twosignal_mock/resources/traces", "bench/load")
"""Sources on which a state file depends."""
_ROUNDS = 2
"""At most; medians of a thousand requests are steady already."""
_FILLED = "filled.json"


def measure_sizes(bench: Bench, subjects: Sequence[Subject]) -> None:
    """The latency of each query at each size, one request at a time."""
    found = [subject for subject in subjects if subject.name == DURABLE]
    if not found or bench.wrk is None:
        return
    folder = _folder(bench.options.sizes)
    if folder.exists() and not (folder / _FILLED).exists():
        shutil.rmtree(folder)  # what an interrupted run left
    with bench.serving(found[0], folder=folder) as server:
        filled = _fill(bench, server, folder)
        newest = datetime.fromisoformat(filled["newest"])
        asked = {
            size: list(queries({share: _population(bench, newest, size, share) for share in SHARES}))
            for size in bench.options.sizes
        }
        for number in range(min(_ROUNDS, bench.options.rounds)):
            for alike in zip(*asked.values(), strict=True):
                bench.say(f"list by {alike[0].filter}, {alike[0].share}, {alike[0].page} page")
                for size, query in zip(asked, alike, strict=True):
                    _one(bench, bench.wrk, server, filled["keys"][f"{size} {query.errors}"], size, query, number)


def _one(bench: Bench, wrk: Wrk, server: Server, key: str, size: int, query: Query, number: int) -> None:
    name = f"list by {query.filter} at {query.share}, {query.page} page, {size:,} traces"
    client = Client(server.url, key)
    try:
        status, told = client.send(query.request.method, query.request.path)
    finally:
        client.close()
    rows = len(json.loads(told)["data"]["traces"]) if status == bench.law.places["listTraces"].status else None
    if rows is None:
        bench.record.about["missing"][name] = f"answered with {status}: {told[:200]!r}"
        return
    try:
        seen = wrk.run(server.url, key, [query.request], seconds=1, connections=1)
    except LoadError as error:
        bench.record.about["missing"][name] = str(error)
        return
    bench.record.add(
        "sizes",
        filter=query.filter,
        share=query.share,
        page=query.page,
        traces=size,
        rows=rows,
        round=number,
        p50=seen.latency["50"],
        p99=seen.latency["99"],
    )


def _fill(bench: Bench, server: Server, folder: Path) -> dict[str, Any]:
    """Fills what is not filled yet, and gives the newest trace's start and the keys by size and share."""
    note = folder / _FILLED
    if note.exists():
        return dict(json.loads(note.read_text("utf-8")))
    newest = newest_trace()
    keys = {}
    for size in bench.options.sizes:
        for share in SHARES:
            bench.say(f"fills a project with {size:,} traces, {SHARES[share]} of them failed")
            key = keys[f"{size} {share}"] = open_universe(server, f"{size}-{share}", bench.law.plans[1])
            batches = _population(bench, newest, size, share).batches()
            done = fill(server.url, key, bench.law.places["ingestTraces"], batches)
            bench.record.add("filled", traces=size, share=share, events=done.events, seconds=done.seconds)
    filled = {"newest": newest.isoformat(), "keys": keys}
    note.write_text(json.dumps(filled), "utf-8")
    return filled


def _population(bench: Bench, newest: datetime, size: int, share: Share) -> Population:
    return Population(bench.law, newest, size, share, spans=False)


def _folder(sizes: Sequence[int]) -> Path:
    """Where these stores are kept; what other sources have made goes, it may be some gigabytes."""
    digest = hashlib.sha256()
    for part in _DECIDE:
        for file in sorted((ROOT / part).rglob("*.py")):
            digest.update(file.read_bytes())
    made_by = digest.hexdigest()[:16]
    kept = BUILD / "sizes"
    for other in kept.glob("*"):
        if not other.name.startswith(made_by):
            shutil.rmtree(other)
    return kept / f"{made_by}-{sizes[-1]}"
