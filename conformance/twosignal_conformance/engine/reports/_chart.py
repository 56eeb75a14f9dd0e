"""The chart of the page: how many clauses have which verdict, by level and by area, as wide as the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from twosignal_contract import Level

from twosignal_conformance.engine.judgement import Judgement, Verdict
from twosignal_conformance.engine.reports._areas import by_area

ORDER = (Verdict.FAIL, Verdict.ERROR, Verdict.PASS, Verdict.OBSERVED, Verdict.UNTESTED)
"""Of the parts of a bar: what matters most stands at its beginning."""

NAMES = {
    Verdict.FAIL: "violated",
    Verdict.ERROR: "error of the suite",
    Verdict.PASS: "kept",
    Verdict.OBSERVED: "observed",
    Verdict.UNTESTED: "untested",
}


def chart(rows: Sequence[Judgement]) -> str:
    """The drawing; bars are as long as their group has clauses, and as wide together as the page."""
    levels = {level.value: [row for row in rows if row.clause.level is level] for level in Level}
    areas = by_area(rows)
    longest = max(map(len, (*levels.values(), *areas.values())), default=1) or 1
    groups = ("".join(_bar(name, own, longest) for name, own in group.items()) for group in (levels, areas))
    return "".join(f'<div class="bars">{group}</div>' for group in groups)


def legend(rows: Iterable[Judgement]) -> str:
    """What the colours mean, of the verdicts that occur."""
    counts = Counter(row.verdict for row in rows)
    items = "".join(f'<li class="{verdict}">{NAMES[verdict]}</li>' for verdict in ORDER if counts[verdict])
    return f'<ul class="legend">{items}</ul>'


def _bar(name: str, rows: Sequence[Judgement], longest: int) -> str:
    counts = Counter(row.verdict for row in rows)
    told = ", ".join(f"{counts[verdict]} {NAMES[verdict]}" for verdict in ORDER if counts[verdict])
    parts = "".join(
        f'<i class="{verdict}" style="flex-grow:{counts[verdict]}" title="{counts[verdict]} {NAMES[verdict]}"></i>'
        for verdict in ORDER
        if counts[verdict]
    )
    return (
        f'<span class="name">{escape(name)}</span>'
        f'<span class="bar"><span class="parts" style="width:{100 * len(rows) / longest:.2f}%" role="img" '
        f'aria-label="{escape(name)}: {told}">{parts}</span></span><span class="count">{len(rows)}</span>'
    )
