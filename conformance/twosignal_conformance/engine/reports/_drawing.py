"""The attempts of a client as a drawing: where each mark, line and text stands. The page makes SVG of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import floor, log10

import httpx

from twosignal_conformance.engine.judgement import Row, Timeline
from twosignal_conformance.engine.reports._timeline_text import chosen, request_of, waited

WIDTH, LEFT, RIGHT, STEP, FOOT = 1000, 330, 290, 26, 30
"""Pixels of the drawing, which scales: the whole, room for requests, for responses, from line to line, for seconds."""

BAND = 14
"""Pixels: height of a wait that was asked for."""

_LONGEST_REQUEST, _LONGEST_RESPONSE = 40, 36
"""Characters that fit beside the drawing; the tooltip has the whole text."""

_SHORTEST = 0.1
"""Seconds that the drawing covers at least, so that attempts at once are not torn apart."""

_TICKS = 6
"""Marks on the axis, about."""


@dataclass(frozen=True, slots=True)
class Line:
    """One attempt, or a number of attempts that are left out."""

    middle: int
    """Pixels from the top."""
    left_out: int = 0
    tone: str = ""
    """Colour of the mark."""
    tooltip: str = ""
    request: str = ""
    response: str = ""
    here: str = ""
    """Pixels from the left to the mark."""
    wait: Wait | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """The time between the response before and an attempt."""

    start: str
    """Pixels from the left to its beginning."""
    tone: str
    asked: str
    """Pixels of the wait that was asked for; empty when none was."""
    told: str
    """Both in seconds; empty when none was asked for."""
    short: bool
    """True when the attempt came too early for that."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A pale band is the wait that was asked for, the line in it the wait seen, a mark the request."""

    scenario: str
    seconds: str
    height: int
    bottom: int
    ticks: tuple[tuple[str, str], ...]
    """Place and text of each mark on the axis; none for one attempt, which has no distance to read off."""
    lines: tuple[Line, ...]


def drawing_of(timeline: Timeline) -> Drawing:
    """The drawing of a time line."""
    # Seconds count from the first attempt: a journal may hold hours.
    start = timeline.rows[0].at if timeline.rows else 0.0
    rows = [row if isinstance(row, int) else replace(row, at=row.at - start) for row in chosen(timeline.rows)]
    longest = max((_end(row) for row in rows if isinstance(row, Row)), default=0.0)
    seconds = max(longest, _SHORTEST)
    scale = (WIDTH - LEFT - RIGHT) / seconds
    bottom, several = len(rows) * STEP, len(rows) > 1
    return Drawing(
        scenario=timeline.scenario,
        seconds=f"{longest:.2f}",
        height=bottom + (FOOT if several else 0),
        bottom=bottom,
        ticks=tuple(_ticks(seconds, scale)) if several else (),
        lines=tuple(_line(row, number * STEP + STEP // 2, scale) for number, row in enumerate(rows)),
    )


def tone_of(row: Row) -> str:
    """The colour of an attempt."""
    return "fail" if row.clause else _response_tone(row)


def _response_tone(row: Row) -> str:
    status = row.response.partition(",")[0].partition(" ")[0]
    if not status.isdigit():
        return "untested"
    return "open" if httpx.codes.is_error(int(status)) else "pass"


def _end(row: Row) -> float:
    """The last second that is drawn of an attempt."""
    return row.at if row.wait_seen is None else max(row.at, row.at - row.wait_seen + (row.wait_expected or 0.0))


def _line(row: Row | int, middle: int, scale: float) -> Line:
    if isinstance(row, int):
        return Line(middle, left_out=row)
    request, wait = request_of(row), _wait(row, scale)
    remarks = [f"after {row.at:.2f} s", request, row.response, waited(row), row.note]
    remarks.append(row.clause and f"breaks {row.clause}")
    return Line(
        middle,
        tone=tone_of(row),
        tooltip="; ".join(remark for remark in remarks if remark),
        request=_shortened(request, _LONGEST_REQUEST),
        response=_shortened(row.response, _LONGEST_RESPONSE - len(wait.told if wait else "")),
        here=f"{LEFT + row.at * scale:.1f}",
        wait=wait,
    )


def _wait(row: Row, scale: float) -> Wait | None:
    if row.wait_seen is None:
        return None
    asked = row.wait_expected or 0.0
    # A wait that was kept is drawn as such, whatever else is wrong with the attempt.
    short = bool(row.clause) and row.wait_seen < asked
    return Wait(
        start=f"{LEFT + (row.at - row.wait_seen) * scale:.1f}",
        tone="fail" if short else _response_tone(row),
        asked=f"{asked * scale:.1f}" if asked else "",
        told=f"{row.wait_seen:.2f} of {asked:.2f} s" if asked else "",
        short=short,
    )


def _ticks(seconds: float, scale: float) -> Iterator[tuple[str, str]]:
    step = _round_step(seconds / _TICKS)
    digits = max(0, -floor(log10(step)))
    for number in range(floor(seconds / step + 1e-9) + 1):
        yield f"{LEFT + number * step * scale:.1f}", f"{number * step:.{digits}f} s"


def _round_step(least: float) -> float:
    """The next of 1, 2, 5, 10... times a power of ten."""
    power = 10.0 ** floor(log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * (1 - 1e-9))


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
