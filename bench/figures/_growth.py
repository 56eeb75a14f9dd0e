"""Ingestion with full batches, and the memory that a server holds while it fills."""

from __future__ import annotations

from collections.abc import Sequence

from bench._bench import Bench
from bench._filling import FillError, fill
from bench.load import Population, newest_trace
from bench.servers import KEY, OURS, Subject

_FAKE = "FastAPI by hand"
_FAKE_TAKES = 100_000
"""Traces; what comes after says nothing new of a dict."""


def measure_growth(bench: Bench, subjects: Sequence[Subject]) -> None:
    """Events per second, and resident memory at the start and at every size."""
    for subject in subjects:
        if subject.name not in (*OURS, _FAKE):
            continue
        with bench.serving(subject) as server:
            bench.record.add("growth", subject=subject.name, traces=0, memory=server.resident_bytes())
            population = Population(bench.contract, newest_trace(), bench.options.sizes[-1])
            done = 0
            for size in bench.options.sizes:
                if size < _FAKE_TAKES or (subject.name == _FAKE and size > _FAKE_TAKES):
                    continue
                bench.say(f"{subject.name}: fills up to {size:,} traces")
                try:
                    filled = fill(
                        server.url, KEY, bench.contract.operations["ingestTraces"], population.batches(done, size)
                    )
                except FillError as error:
                    bench.record.miss(f"{subject.name}: {size:,} traces", str(error))
                    break
                done = size
                bench.record.add(
                    "growth",
                    subject=subject.name,
                    traces=size,
                    memory=server.resident_bytes(),
                    events=filled.events,
                    rate=filled.events / filled.seconds,
                )
