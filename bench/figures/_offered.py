"""Latency at an offered rate: what a client waits when it does not ask for more than it needs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from bench._bench import Bench
from bench.load import SEEDED, LoadError, Outcome, Population, Request, Wrk, newest_trace, workloads
from bench.servers import KEY, OURS, Server, Subject

RATE = 1000
"""Requests per second: less than any of these servers can do, more than a test suite asks for."""
_ASKED = ("list", "post-2")
_PEERS = ("Prism", "FastAPI by hand")
_LONGER = 6
"""Times the length of another measurement: the highest percentiles want many requests."""
_BEFORE = 1
"""Seconds at the same rate before it."""


def measure_offered(bench: Bench, subjects: Sequence[Subject]) -> None:
    """Percentiles of the latency at RATE, corrected by wrk for requests that could not be sent in time."""
    if bench.wrk is None:
        return
    population = Population(bench.contract, newest_trace(), SEEDED)
    wanted = [workload for workload in workloads(population) if workload.name in _ASKED]
    for subject in subjects:
        if subject.name not in (*OURS, *_PEERS):
            continue
        with bench.serving(subject) as server:
            if subject.keeps:
                bench.seed(server, population)
            for workload in wanted:
                bench.say(f"{subject.name}: {workload.says} at {RATE:,} a second")
                (request,) = workload.requests
                try:
                    seen = _at_rate(bench, bench.wrk, server, request)
                except LoadError as error:
                    bench.record.miss(f"{subject.name}: {workload.says} at an offered rate", str(error))
                    continue
                bench.record.add(
                    "offered",
                    subject=subject.name,
                    says=workload.says,
                    due=RATE,
                    rate=seen.rate,
                    refused=seen.refused,
                    broken=seen.broken,
                    **{f"p{name}": value for name, value in seen.latency.items()},
                )


def _at_rate(bench: Bench, wrk: Wrk, server: Server, request: Request) -> Outcome:
    send = partial(wrk.run, server.url, KEY, [request], connections=bench.options.connections, rate=RATE)
    send(seconds=_BEFORE)
    return send(seconds=bench.options.seconds * _LONGER)
