"""How long a test waits for a reset, a snapshot and its restoration."""

from __future__ import annotations

import http
import json
import time
from collections.abc import Sequence

from bench._bench import CONTROL, Bench
from bench._filling import Client, FillError
from bench.load import Population, newest_trace
from bench.servers import KEY, OURS, Subject

_NAME = "bench"
_LARGEST = 100_000
"""Traces; tests do not begin with more."""
_TIMES = 3
_STEPS = (
    ("snapshot", "POST", "/snapshots", {"name": _NAME}),
    ("restore", "POST", f"/snapshots/{_NAME}/restore", None),
    ("reset", "POST", "/reset", None),
)


def measure_control(bench: Bench, subjects: Sequence[Subject]) -> None:
    """Milliseconds of each call at each size: the answer counts, the next request sees what it says.

    A project is filled once; before another turn the snapshot gives back what the reset took.
    """
    for subject in subjects:
        if subject.name not in OURS:
            continue
        for size in (size for size in bench.options.sizes if size <= _LARGEST):
            with bench.serving(subject) as server:
                bench.say(f"{subject.name}: snapshot, restore and reset with {size:,} traces")
                bench.seed(server, Population(bench.contract, newest_trace(), size))
                client = Client(server.url, KEY)
                for number in range(_TIMES):
                    for name, method, path, body in _STEPS:
                        took = _timed(client, method, CONTROL + path, body)
                        bench.record.add(
                            "control", subject=subject.name, says=name, traces=size, round=number, milliseconds=took
                        )
                    _timed(client, "POST", CONTROL + f"/snapshots/{_NAME}/restore", None)
                client.close()


def _timed(client: Client, method: str, path: str, body: object) -> float:
    """Milliseconds until the answer; raises FillError when it refuses."""
    told = None if body is None else json.dumps(body).encode()
    begun = time.perf_counter()
    status, answer = client.send(method, path, told)
    took = time.perf_counter() - begun
    if status >= http.HTTPStatus.BAD_REQUEST:
        raise FillError(f"{method} {path} was answered with {status}: {answer[:200]!r}")
    return 1000 * took
