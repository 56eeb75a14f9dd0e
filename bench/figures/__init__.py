"""Figures beyond requests per second. Each module measures one of them, and PARTS lists them in their order."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from bench._bench import Bench, Options
from bench.figures._control import measure_control
from bench.figures._growth import measure_growth
from bench.figures._offered import measure_offered
from bench.figures._sizes import measure_sizes
from bench.figures._steady import measure_steady
from bench.figures._suite import measure_suite
from bench.servers import Subject

__all__ = ["PARTS", "Part"]


class Part(NamedTuple):
    """One module's work."""

    measure: Callable[[Bench, Sequence[Subject]], None]
    seconds: Callable[[Options], float]
    """About how long it takes; told before a run, and never waited for."""


_PROFILES = {"quick": 6, "standard": 12, "thorough": 75}
"""Seconds."""

PARTS: Mapping[str, Part] = {
    "offered": Part(measure_offered, lambda options: 20 + 56 * options.seconds),
    "growth": Part(measure_growth, lambda options: 15 + 130 * options.sizes[-1] / 1_000_000),
    "control": Part(measure_control, lambda options: 45),
    "suite": Part(measure_suite, lambda options: sum(_PROFILES[each] for each in options.profiles)),
    "steady": Part(measure_steady, lambda options: 35 + options.steady),
    "sizes": Part(measure_sizes, lambda options: 5 + 11 * min(3, options.rounds) * len(options.sizes)),
}
"""By the names that `--only` takes. The steady load comes before the sizes, whose stores are filled meanwhile."""
