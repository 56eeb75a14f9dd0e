"""Makes time lines of chains: what was sent when, what came back, how long was waited and how long should have been."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._chains import Link, groups
from twosignal_conformance.engine.judgement import Row, Timeline

MOST_ROWS = 12
"""Rows of one time line; of a longer chain its beginning and the attempts that broke something."""

MOST_LINES = 12
"""Time lines of one scenario; chains of several attempts come first."""

_HEADERS = ("retry-after", "ratelimit-reset")
"""Of an answer what tells a wait, the stronger first."""

_NAMED = 2
"""Parameters or fields that a row names."""


def timeline(
    scenario: str, links: Sequence[Link], began: float, broken: Collection[Link] = (), clause: str = ""
) -> Timeline:
    """The time line of some links, of whom those in `broken` broke a clause. `began`: when the first of all came."""
    shown = [link for number, link in enumerate(links) if number < MOST_ROWS or link in broken][: 2 * MOST_ROWS]
    rows = [_row(link, began, clause if link in broken else "") for link in shown]
    return Timeline(scenario, tuple(rows))


def all_timelines(scenario: str, links: Sequence[Link]) -> tuple[Timeline, ...]:
    """Everything that a client sent, chain by chain, within bounds."""
    if not links:
        return ()
    began = links[0].attempt.started
    rows = sorted(groups(links), key=lambda group: -len(group))[:MOST_LINES]
    return tuple(timeline(scenario, group, began) for group in sorted(rows, key=lambda group: group[0].attempt.started))


def answer_of(link: Link) -> str:
    """The answer in a few words; the first is the status, or "cut"."""
    attempt = link.attempt
    if attempt.status is None:
        return "cut"
    # Many answers tell when the window ends; only where the request was refused for it somebody has to know.
    told = [name for name in _HEADERS if name in attempt.answer_headers and link.wait is not None]
    return ", ".join([str(attempt.status), *(f"{name}: {attempt.answer_headers[name]}" for name in told[:1])])


def what_of(attempt: Attempt) -> str:
    """What a request carried, in a few words."""
    count = len(attempt.events) or len(attempt.keys)
    if count:
        noun = "event" if attempt.operation == "ingestTraces" else "span"
        plural = "" if count == 1 else "s"
        return f"{count} {noun}{plural}, {attempt.size:,} bytes"
    if attempt.query:
        return ", ".join(f"{name}={value}" for name, value in attempt.parameters)[:60]
    if attempt.whole and isinstance(attempt.body, dict):
        return ", ".join(f"{name}: {value}" for name, value in list(attempt.body.items())[:_NAMED])[:60]
    return f"{attempt.size:,} bytes" if attempt.size else ""


def _row(link: Link, began: float, clause: str) -> Row:
    before = link.before
    asked = before.wait if before is not None else None
    return Row(
        at=max(0.0, link.attempt.started - began),
        method=link.attempt.method,
        path=link.attempt.path,
        what=what_of(link.attempt),
        response=answer_of(link),
        wait_expected=None if asked is None else asked.seconds,
        wait_seen=link.seen,
        note=_note(link),
        clause=clause,
    )


def _note(link: Link) -> str:
    if link.before is None:
        return ""
    if link.seen is None:
        return "sent before the answer to the one above was over"
    if link.items < link.before.items:
        return "a part of the one above"
    return "again"
