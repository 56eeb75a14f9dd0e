"""The attempts of a client as a small drawing, inline SVG: a line for each, from left to right the seconds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from math import floor, log10

import httpx

from twosignal_conformance.clients import WAITS
from twosignal_conformance.engine.judgement import Row, Timeline
from twosignal_conformance.engine.reports._timeline import chosen, sent, waited

_WIDTH, _LEFT, _RIGHT, _STEP, _FOOT = 1000, 330, 290, 26, 30
"""Pixels of the drawing, which scales: the whole, room for requests, for answers, from line to line, for seconds."""

_RADIUS, _BAND = 6, 14
"""Pixels: of the mark of a request, and the height of a wait that was asked for."""

_LONGEST_SENT, _LONGEST_ANSWER = 40, 36
"""Characters that fit beside the drawing; the tooltip has the whole text."""

_SHORTEST = 0.1
"""Seconds that the drawing spans at least, so that attempts at once are not torn apart."""

_TICKS = 6
"""Marks on the axis, about."""


def attempts_chart(timeline: Timeline) -> str:
    """The drawing: a pale band is the wait that was asked for, the line in it the wait seen, a mark the request."""
    # From its first attempt on: a journal may hold hours.
    start = timeline.rows[0].at if timeline.rows else 0.0
    rows = [row if isinstance(row, int) else replace(row, at=row.at - start) for row in chosen(timeline.rows)]
    longest = max((_end(row) for row in rows if isinstance(row, Row)), default=0.0)
    scale = (_WIDTH - _LEFT - _RIGHT) / max(longest, _SHORTEST)
    height = len(rows) * _STEP + (_FOOT if len(rows) > 1 else 0)
    # One attempt alone has no distance to read off.
    axis = _axis(max(longest, _SHORTEST), scale, len(rows) * _STEP) if len(rows) > 1 else ""
    lines = "".join(_line(row, number * _STEP, scale) for number, row in enumerate(rows))
    label = f"Attempts in the scenario {timeline.scenario}, over {longest:.2f} seconds"
    return (
        f'<div class="scroll"><svg class="chart attempts" viewBox="0 0 {_WIDTH} {height}" role="img" '
        f'aria-label="{escape(label)}">{axis}{lines}</svg></div>'
    )


def attempts_legend(timelines: Sequence[Timeline]) -> str:
    """What the marks mean, of those that occur."""
    rows = [row for timeline in timelines for row in timeline.rows]
    names = {"pass": "success", "open": "refused, or an error of the server", "untested": "no answer"}
    found = {_tone(row) for row in rows}
    items = [f'<li class="{tone}">{name}</li>' for tone, name in names.items() if tone in found]
    if "fail" in found:
        items.append('<li class="fail">breaks a clause</li>')
    if any(row.wait_expected for row in rows):
        items.append('<li class="asked">wait that was asked for</li>')
    return f'<ul class="legend">{"".join(items)}</ul>'


def _end(row: Row) -> float:
    """The last second of what is drawn of it."""
    return row.at if row.wait_seen is None else max(row.at, row.at - row.wait_seen + (row.wait_expected or 0.0))


def _tone(row: Row) -> str:
    """The class of a mark, by the answer."""
    return "fail" if row.clause else _answered(row)


def _answered(row: Row) -> str:
    status = row.answer.partition(",")[0].partition(" ")[0]
    if not status.isdigit():
        return "untested"
    return "open" if httpx.codes.is_error(int(status)) else "pass"


def _line(row: Row | int, top: int, scale: float) -> str:
    middle = top + _STEP // 2
    if isinstance(row, int):
        return f'<text class="soft" x="{_LEFT - 14}" y="{middle + 4}" text-anchor="end">... {row} more ...</text>'
    tone, what = _tone(row), sent(row)
    remarks = [f"after {row.at:.2f} s", what, row.answer, waited(row), row.note, row.clause and f"breaks {row.clause}"]
    tooltip = escape("; ".join(remark for remark in remarks if remark))
    here = _LEFT + row.at * scale
    # A wait that was kept is drawn as such, whatever else is wrong with the attempt.
    kept = tone if row.clause in WAITS else _answered(row)
    return (
        f'<g class="{tone}"><title>{tooltip}</title>'
        f'<text x="{_LEFT - 14}" y="{middle + 4}" text-anchor="end">{escape(_short(what, _LONGEST_SENT))}</text>'
        f'<g class="{kept}">{"".join(_waits(row, middle, here, scale))}</g>'
        f'<circle cx="{here:.1f}" cy="{middle}" r="{_RADIUS}"/>'
        f'<text class="answer" x="{_WIDTH - _RIGHT + 18}" y="{middle + 4}">{_answer(row)}</text></g>'
    )


def _answer(row: Row) -> str:
    """The answer, and of a wait that was asked for how much of it was kept."""
    wait = (
        f"{row.wait_seen:.2f} of {row.wait_expected:.2f} s" if row.wait_seen is not None and row.wait_expected else ""
    )
    answer = escape(_short(row.answer, _LONGEST_ANSWER - len(wait)))
    tone = "short" if row.clause in WAITS else "soft"
    return f'{answer}<tspan class="{tone}" dx="10">{wait}</tspan>' if wait else answer


def _waits(row: Row, middle: int, here: float, scale: float) -> Iterator[str]:
    if row.wait_seen is None:
        return
    before = here - row.wait_seen * scale
    if row.wait_expected:
        yield (
            f'<rect class="asked" x="{before:.1f}" y="{middle - _BAND / 2:g}" '
            f'width="{row.wait_expected * scale:.1f}" height="{_BAND}" rx="3"/>'
        )
    yield f'<line x1="{before:.1f}" y1="{middle}" x2="{here:.1f}" y2="{middle}"/>'


def _axis(longest: float, scale: float, bottom: int) -> str:
    """Seconds below, with a thin line up from each."""
    step = _round_step(longest / _TICKS)
    digits = max(0, -floor(log10(step)))
    parts = []
    for number in range(floor(longest / step + 1e-9) + 1):
        here, seconds = _LEFT + number * step * scale, f"{number * step:.{digits}f} s"
        parts.append(
            f'<path class="grid" d="M{here:.1f} 0V{bottom}"/>'
            f'<text class="soft" x="{here:.1f}" y="{bottom + 19}" text-anchor="middle">{seconds}</text>'
        )
    return "".join(parts)


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10... times a power of ten."""
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _short(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
