"""Latency at an offered rate: what a client waits when it does not ask for more than it needs."""

from __future__ import annotations

from collections.abc import Sequence

from bench._bench import Bench
from bench.load import SEEDED, LoadError, Population, newest_trace, workloads
from bench.servers import KEY, OURS, Subject

RATE = 1000
"""Requests per second: less than any of these servers can do, more than a test suite asks for."""
_ASKED = ("list", "post-2")
_PEERS = ("Prism", "FastAPI by hand")
_LONGER = 4
"""Times the length of another measurement: the highest percentiles want many requests."""


def measure_offered(bench: Bench, subjects: Sequence[Subject]) -> None:
    """Percentiles of the latency at RATE, corrected by wrk for requests that could not be sent in time."""
    if bench.wrk is None:
        return
    population = Population(bench.law, newest_trace(), SEEDED)
    wanted = [workload for workload in workloads(population) if workload.name in _ASKED]
    options = bench.options
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
                    bench.wrk.run(
                        server.url, KEY, [request], seconds=options.warm_up, connections=options.connections, rate=RATE
                    )
                    seen = bench.wrk.run(
                        server.url,
                        KEY,
                        [request],
                        seconds=options.seconds * _LONGER,
                        connections=options.connections,
                        rate=RATE,
                    )
                except LoadError as error:
                    bench.record.about["missing"][f"{subject.name}: {workload.says} at an offered rate"] = str(error)
                    continue
                bench.record.add(
                    "offered",
                    subject=subject.name,
                    says=workload.says,
                    rate=seen.rate,
                    refused=seen.refused,
                    broken=seen.broken,
                    **{f"p{name}": value for name, value in seen.latency.items()},
                )
