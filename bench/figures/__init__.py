"""Figures beyond requests per second. Each module measures one of them, and PARTS lists them in their order."""

from collections.abc import Callable, Mapping, Sequence

from bench._bench import Bench
from bench.figures._control import measure_control
from bench.figures._growth import measure_growth
from bench.figures._offered import measure_offered
from bench.figures._sizes import measure_sizes
from bench.figures._steady import measure_steady
from bench.figures._suite import measure_suite
from bench.servers import Subject

__all__ = ["PARTS"]

PARTS: Mapping[str, Callable[[Bench, Sequence[Subject]], None]] = {
    "offered": measure_offered,
    "growth": measure_growth,
    "sizes": measure_sizes,
    "control": measure_control,
    "suite": measure_suite,
    "steady": measure_steady,
}
"""By the names that `--only` takes."""
