"""The attempts of a client as lines of text: for the terminal, for JUnit, for readers of the page without pictures."""

from __future__ import annotations

from collections.abc import Sequence

from twosignal_conformance.engine.judgement import Row, Timeline
from twosignal_conformance.engine.texts import SHOWN, one_line

MOST = 12
"""Attempts of one time line that are shown; a client that never stops makes hundreds."""

_HEAD, _TAIL = 6, 2
"""Of more than MOST: so many of the first and of the last; the rest of the room is for those that broke a clause."""


def timeline_text(timeline: Timeline, clause: str = "") -> str:
    """A line for each attempt: when it came, what was sent, the response, and how long the client waited before it.

    One that broke a clause names it, or says "here" of the `clause` that the failure is about.
    """
    shown = chosen(timeline.rows)
    cells = [None if isinstance(row, int) else _cells(row, clause) for row in shown]
    widths = [max((len(row[column]) for row in cells if row), default=0) for column in range(3)]
    lines = []
    for row, texts in zip(shown, cells, strict=True):
        if texts is None:
            lines.append(f"{'':{widths[0]}}  ... {row} more ...")
        else:
            start, request, response, remark = texts
            line = f"{start:>{widths[0]}}  {request:{widths[1]}}  {response:{widths[2]}}  {remark}"
            lines.append(line.rstrip())
    return "\n".join(lines)


def chosen(rows: Sequence[Row]) -> list[Row | int]:
    """All rows, or of many the first, the last and those that broke a clause; a number stands for so many left out."""
    if len(rows) <= MOST:
        return list(rows)
    outer = {*range(_HEAD), *range(len(rows) - _TAIL, len(rows))}
    broken = [number for number, row in enumerate(rows) if row.clause and number not in outer]
    kept = sorted(outer.union(broken[: MOST - len(outer)]))
    found: list[Row | int] = []
    before = -1
    for number in kept:
        if number > before + 1:
            found.append(number - before - 1)
        found.append(rows[number])
        before = number
    return found


def request_of(row: Row) -> str:
    """What the client sent, in one phrase."""
    return f"{row.method} {row.path}{f', {row.what}' if row.what else ''}"


def waited(row: Row) -> str:
    """How long the client waited, and how long it was asked to; empty for a first attempt."""
    if row.wait_seen is None:
        return ""
    asked = "" if row.wait_expected is None else f" of {row.wait_expected:.2f} s"
    return f"waited {row.wait_seen:.2f} s{asked}"


def _cells(row: Row, clause: str) -> tuple[str, str, str, str]:
    broken = row.clause and f"<- {'here' if row.clause == clause else row.clause}"
    remarks = (waited(row), row.note, broken)
    texts = request_of(row), row.response, "  ".join(remark for remark in remarks if remark)
    request, response, remark = (one_line(text, SHOWN) for text in texts)
    return f"{row.at:.2f} s", request, response, remark
