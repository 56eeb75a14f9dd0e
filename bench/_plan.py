"""What a run will do and how long that takes: told before it begins, and again after each part."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from bench._bench import Bench
from bench._rounds import Rounds
from bench.figures import PARTS
from bench.load import SEEDED, Population, newest_trace, workloads
from bench.servers import Subject

_MEASURED = 0.4
"""Seconds of a measurement beyond what it is told: programs start, and some ask a second time."""
_WARMED = 0.6
"""Of the longest warm-up, what it takes until no second is much faster than the one before."""
_STARTS = 5.0
"""Seconds until a server of a round serves, is filled and ends, of all kinds of servers the mean."""


class Step(NamedTuple):
    """One step of a run: a round of the workloads, or a part."""

    name: str
    seconds: float
    """About how long it takes."""
    measure: Callable[[], None]


def steps(bench: Bench, rounds: Rounds, subjects: Sequence[Subject]) -> Sequence[Step]:
    """All steps that are wanted, in their order."""
    first, other = _of_a_round(bench, subjects)
    found = [
        Step(f"round {number + 1}", other if number else first, partial(rounds.measure, number))
        for number in range(bench.options.rounds)
        if first
    ]
    found += [
        Step(name, part.seconds(bench.options), partial(part.measure, bench, subjects))
        for name, part in PARTS.items()
        if bench.options.wants(name)
    ]
    return found


def tell(found: Sequence[Step], done: Sequence[str], say: Callable[[str], None]) -> None:
    """The steps, about how long each takes, and when all of them are over."""
    for step in found:
        say(f"  {step.name:<10} " + ("done before" if step.name in done else f"about {_minutes(step.seconds)}"))
    say(f"  in all     about {_minutes(left(found, done))}")


def left(found: Sequence[Step], done: Sequence[str]) -> float:
    """Seconds of the steps that are still to come."""
    return sum(step.seconds for step in found if step.name not in done)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"


def _of_a_round(bench: Bench, subjects: Sequence[Subject]) -> tuple[float, float]:
    """Seconds of the first round, which warms up what compiles, and of another one; nothing when none is wanted."""
    options = bench.options
    asked = [
        (subject, workload)
        for workload in workloads(Population(bench.contract, newest_trace(), SEEDED))
        if options.wants(workload.name)
        for subject in subjects
        if subject.does_work(workload.name, workload.asked)
    ]
    if not asked:
        return 0.0, 0.0
    measured = sum(options.seconds * workload.longer + _MEASURED for _, workload in asked)
    other = measured + len({subject.name for subject, _ in asked}) * _STARTS
    return other + options.warm_up * _WARMED * sum(subject.compiles for subject, _ in asked), other
