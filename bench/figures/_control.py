"""How long a test waits for a reset, a snapshot and its restoration."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence

from bench._bench import CONTROL, Bench
from bench._filling import Client
from bench.load import Population, newest_trace
from bench.servers import KEY, OURS, Subject

_NAME = "bench"
_LARGEST = 100_000
"""Traces; tests do not begin with more."""
_TIMES = 3
_STEPS = (
    ("snapshot", "POST", "/snapshots", {"name": _NAME}, 201),
    ("restore", "POST", f"/snapshots/{_NAME}/restore", None, 200),
    ("reset", "POST", "/reset", None, 200),
)


def measure_control(bench: Bench, subjects: Sequence[Subject]) -> None:
    """Milliseconds of each call at each size: the answer counts, the next request sees what it says."""
    for subject in subjects:
        if subject.name not in OURS:
            continue
        for size in (size for size in bench.options.sizes if size <= _LARGEST):
            with bench.serving(subject) as server:
                bench.say(f"{subject.name}: snapshot, restore and reset with {size:,} traces")
                client = Client(server.url, KEY)
                for number in range(_TIMES):
                    bench.seed(server, Population(bench.law, newest_trace(), size))
                    for name, method, path, body, _ in _STEPS:
                        told = None if body is None else json.dumps(body).encode()
                        begun = time.perf_counter()
                        status, answer = client.send(method, CONTROL + path, told)
                        took = time.perf_counter() - begun
                        if status >= 400:
                            bench.record.about["missing"][f"{subject.name}: {name}"] = f"{status}: {answer[:200]!r}"
                            continue
                        bench.record.add(
                            "control",
                            subject=subject.name,
                            says=name,
                            traces=size,
                            round=number,
                            milliseconds=1000 * took,
                        )
                client.close()
