"""A run: step by step, each kept when it is done, so that one that fails costs its own figures and nothing else."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from bench._bench import BROKEN, Bench
from bench._plan import left, steps, tell
from bench._rounds import Rounds
from bench.servers import Subject


def run(bench: Bench, subjects: Sequence[Subject], results: Path) -> None:
    """All steps that are wanted and not done yet; what breaks one of them is said among what could not be had."""
    record = bench.record
    with Rounds(bench, subjects) as rounds:
        found = steps(bench, rounds, subjects)
        tell(found, list(record.took), bench.say)
        for number, step in enumerate(found):
            if step.name in record.took:
                continue
            bench.say(f"{step.name} begins")
            record.begin(step.name)
            begun = time.monotonic()
            try:
                step.measure()
            except BROKEN as error:
                record.miss(step.name, f"{type(error).__name__}: {error}")
                record.end(None)
                bench.say(f"{step.name} FAILED: {error}")
            else:
                record.end(time.monotonic() - begun)
            record.save(results)
            took, still = time.monotonic() - begun, left(found[number + 1 :], list(record.took))
            bench.say(f"{step.name} took {took / 60:.1f} min, about {still / 60:.1f} min are left")
    record.about["ended"] = True
    record.save(results)
