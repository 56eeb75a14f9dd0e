"""Records as a run would leave them, with figures that are easy to check by head."""

from __future__ import annotations

from typing import Any

from bench._record import Record

ABOUT: dict[str, Any] = {
    "date": "2026-11-21 12:00 UTC",
    "contract": "1.0.0",
    "machine": {"processor": "a | b", "cores": "2"},
    "sources": {"commit": "0123456789", "digest": "0123456789abcdef"},
    "load": "0.1",
    "options": {"rounds": 3},
    "versions": {"wrk": "4.1.0"},
}


def record(**rates: tuple[float, ...]) -> Record:
    """A record in which a workload `post-2` ran once a round at these rates: `ours`, `prism`, `fastapi`."""
    names = {"ours": "ours", "prism": "Prism", "fastapi": "FastAPI by hand"}
    made = Record(dict(ABOUT))
    made.miss("Specmatic", "Java is not installed")
    for key, values in rates.items():
        for number, rate in enumerate(values):
            made.add(
                "rounds",
                workload="post-2",
                says="POST of 2 events",
                subject=names[key],
                round=number,
                rate=rate,
                cpu=50.0,
            )
    return made
