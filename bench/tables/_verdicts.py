"""What was to be reached, and why what was not reached was not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from bench._record import Record
from bench._targets import TARGETS
from bench.tables._table import Table, times

_WHY = Path(__file__).parents[1] / "why.md"


def verdicts(record: Record) -> tuple[Table, Mapping[str, str]]:
    """A row for each target, and the profile that belongs to each one that was measured and not reached."""
    rows, reasons = [], {}
    for target in TARGETS:
        came = target.measured(record)
        bound = f"at {'most' if target.at_most else 'least'} {target.wanted:g}"
        verdict = "not measured" if came is None else "reached" if target.reached(came) else "**not reached**"
        rows.append((target.says, bound, times(came), verdict))
        if came is not None and not target.reached(came):
            reasons[target.says] = _why().get(target.says, "No profile is kept for it yet, in bench/why.md.")
    note = "Of the medians; the spread behind each is what *How far the next run may be* says."
    return Table("What was to be reached", note, ("figure", "wanted", "measured", ""), rows), reasons


@cache
def _why() -> Mapping[str, str]:
    """The sections of bench/why.md by their headings, which are the targets' own words."""
    _, *sections = ("\n" + _WHY.read_text("utf-8")).split("\n## ")
    parted = (section.partition("\n") for section in sections)
    return {heading.strip(): text.strip() for heading, _, text in parted}
