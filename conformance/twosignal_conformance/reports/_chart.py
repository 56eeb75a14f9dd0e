"""The chart of the page: how many clauses have which verdict, by level and by area, as inline SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from twosignal_conformance.contract import Level
from twosignal_conformance.judgement import Judgement, Verdict
from twosignal_conformance.reports._areas import by_area

ORDER = (Verdict.FAIL, Verdict.ERROR, Verdict.PASS, Verdict.OBSERVED, Verdict.UNTESTED)
"""Of the parts of a bar: what matters most stands at its beginning."""

NAMES = {
    Verdict.FAIL: "violated",
    Verdict.ERROR: "error of the suite",
    Verdict.PASS: "kept",
    Verdict.OBSERVED: "observed",
    Verdict.UNTESTED: "untested",
}

_WIDTH, _LEFT, _RIGHT, _BAR, _STEP = 1000, 170, 60, 16, 27
"""Pixels of the drawing, which scales: the whole, room for names, room for totals, height of a bar, from bar to bar."""


def chart(rows: Sequence[Judgement]) -> str:
    """The drawing; bars are as long as their group has clauses."""
    groups: list[tuple[str, list[Judgement]] | None] = [
        (level.value, [row for row in rows if row.clause.level is level]) for level in Level
    ]
    groups += [None, *by_area(rows).items()]
    longest = max((len(group[1]) for group in groups if group is not None), default=1) or 1
    height = len(groups) * _STEP
    bars = "".join(
        _bar(group[0], group[1], number * _STEP, longest) for number, group in enumerate(groups) if group is not None
    )
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Clauses by level and by area">'
        f"{bars}</svg>"
    )


def legend(rows: Iterable[Judgement]) -> str:
    """What the colours mean, of the verdicts that occur."""
    counts = Counter(row.verdict for row in rows)
    items = "".join(f'<li class="{verdict}">{NAMES[verdict]}</li>' for verdict in ORDER if counts[verdict])
    return f'<ul class="legend">{items}</ul>'


def _bar(name: str, rows: Sequence[Judgement], top: int, longest: int) -> str:
    middle = top + _BAR - 3
    parts = "".join(_parts(name, rows, top, longest))
    end = _LEFT + (_WIDTH - _LEFT - _RIGHT) * len(rows) / longest
    return (
        f'<text x="{_LEFT - 12}" y="{middle}" text-anchor="end">{escape(name)}</text>{parts}'
        f'<text class="soft" x="{end + 8:.1f}" y="{middle}">{len(rows)}</text>'
    )


def _parts(name: str, rows: Sequence[Judgement], top: int, longest: int) -> Iterator[str]:
    counts = Counter(row.verdict for row in rows)
    unit = (_WIDTH - _LEFT - _RIGHT) / longest
    left = float(_LEFT)
    for verdict in ORDER:
        if counts[verdict]:
            width = counts[verdict] * unit
            yield (
                f'<rect class="{verdict}" x="{left:.1f}" y="{top}" width="{max(1.5, width - 1.5):.1f}" height="{_BAR}" '
                f'rx="3"><title>{escape(name)}: {counts[verdict]} {NAMES[verdict]}</title></rect>'
            )
            left += width
