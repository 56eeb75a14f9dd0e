"""Memory under a steady load: a server with a state file must not grow with what it has stored.

Meanwhile the other core fills the stores for lists: what is watched here is no time, and ten minutes are long.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from bench._bench import Bench
from bench._filling import pace
from bench.figures._stores import Stores
from bench.load import Population, newest_trace, workloads
from bench.servers import DURABLE, KEY, Server, Subject

RATE = 1000
"""Requests per second, of which a half write two events each: a million events in ten minutes and a half."""
_STORED = 100_000
"""Traces that are there before: the store's page cache has a bound, and the watch begins once it is full."""
_FULL = 20
"""Seconds at full speed before: journal and ledger have bounds, too."""
_LOOKS = 60


def measure_steady(bench: Bench, subjects: Sequence[Subject]) -> None:
    """Resident memory while writes and reads come at one pace."""
    for subject in subjects:
        if subject.name != DURABLE:
            continue
        population = Population(bench.contract, newest_trace(), min(_STORED, bench.options.sizes[-1]))
        named = {workload.name: workload for workload in workloads(population)}
        (page,), (pair,) = named["list"].requests, named["post-2"].requests
        with bench.serving(subject) as server:
            bench.seed(server, population)
            seconds = bench.options.steady
            bench.say(f"{subject.name}: {RATE:,} requests a second for {seconds:.0f} s")
            if bench.wrk is not None:
                bench.wrk.run(server.url, KEY, [pair], seconds=min(_FULL, seconds), connections=16)
            with Stores(bench, subject).filling():
                look = partial(_look, bench, server, time.monotonic())
                every = seconds / _LOOKS
                sent = pace(server.url, KEY, [page, pair], rate=RATE, seconds=seconds, every=every, look=look)
                bench.record.add("steady", subject=DURABLE, requests=sent.answered, broken=sent.broken, second=seconds)
                bench.say("the watch is over; the stores for lists are awaited")


def _look(bench: Bench, server: Server, begun: float) -> None:
    bench.record.add("steady", subject=DURABLE, second=time.monotonic() - begun, memory=server.resident_bytes())
