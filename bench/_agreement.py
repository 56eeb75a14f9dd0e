"""Whether two runs on one machine say the same: each figure within what both of them gave as its spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bench._record import Record
from bench._statistics import Figure, figure

_LEAST = 0.05
"""The spread that a figure is granted at least: of few rounds, the range says little."""


class Agreement(NamedTuple):
    """What a comparison says."""

    summary: str
    apart: Sequence[str]
    """A line for each figure that is further away than its spread."""


def agreement(record: Record, before: Record) -> Agreement:
    """Compares the rates of all workloads that both runs measured."""
    same = record.about["machine"] == before.about["machine"]
    apart, compared = [], 0
    for workload in record.names("rounds", "workload"):
        for subject in record.names("rounds", "subject"):
            now, then = (each.values("rounds", "rate", workload=workload, subject=subject) for each in (record, before))
            if not now or not then:
                continue
            compared += 1
            one, other = (_granted(values) for values in (now, then))
            if not one.agrees(other):
                apart.append(
                    f"{workload}, {subject}: {one.median:,.0f} ± {100 * one.spread:.0f} %, "
                    f"before {other.median:,.0f} ± {100 * other.spread:.0f} %"
                )
    where = "on the same machine" if same else "on another machine"
    summary = f"{compared - len(apart)} of {compared} rates agree with the run of {before.about['date']} {where}."
    return Agreement(summary, apart)


def _granted(values: Sequence[float]) -> Figure:
    found = figure(values)
    return found._replace(spread=max(found.spread, _LEAST))
