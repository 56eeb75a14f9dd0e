"""Time lines of chains: what was sent when, the response, how long the client waited and how long it should have."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._chains import Link, groups
from twosignal_conformance.engine.judgement import Row, Timeline

MOST_ROWS = 12
"""Rows of one time line; of a longer chain its beginning and the attempts that broke something."""

MOST_LINES = 12
"""Time lines of one scenario; chains of several attempts come first."""

_NAMED = 2
"""Parameters or fields that a row names."""

Noun = Callable[[Attempt], str]
"""What one item of a request is called."""


def timeline(
    scenario: str, links: Sequence[Link], began: float, noun: Noun, broken: Collection[Link] = (), clause: str = ""
) -> Timeline:
    """The time line of some links; those in `broken` broke the clause. The first request of all came at `began`."""
    shown = [link for number, link in enumerate(links) if number < MOST_ROWS or link in broken][: 2 * MOST_ROWS]
    rows = [_row(link, began, noun, clause if link in broken else "") for link in shown]
    return Timeline(scenario, tuple(rows))


def all_timelines(scenario: str, links: Sequence[Link], noun: Noun) -> tuple[Timeline, ...]:
    """Everything that a client sent, chain by chain, within bounds."""
    if not links:
        return ()
    began = links[0].attempt.started
    rows = sorted(groups(links), key=lambda group: -len(group))[:MOST_LINES]
    rows.sort(key=lambda group: group[0].attempt.started)
    return tuple(timeline(scenario, group, began, noun) for group in rows)


def _response_of(link: Link) -> str:
    """The response in a few words; the first is the status, or "cut"."""
    attempt = link.attempt
    if attempt.status is None:
        return "cut"
    return f"{attempt.status}, {link.wait.told}" if link.wait is not None and link.wait.told else str(attempt.status)


def _carried(attempt: Attempt, noun: Noun) -> str:
    """What a request carried, in a few words."""
    cut = " (cut in the journal)" if attempt.cut else ""
    if attempt.count:
        plural = "" if attempt.count == 1 else "s"
        return f"{attempt.count} {noun(attempt)}{plural}, {attempt.size:,} bytes{cut}"
    if attempt.query:
        return ", ".join(f"{name}={value}" for name, value in attempt.parameters)[:60]
    if attempt.whole and isinstance(attempt.body, dict):
        return ", ".join(f"{name}: {value}" for name, value in list(attempt.body.items())[:_NAMED])[:60]
    return f"{attempt.size:,} bytes{cut}" if attempt.size else ""


def _row(link: Link, began: float, noun: Noun, clause: str) -> Row:
    before = link.before
    asked = before.wait if before is not None else None
    return Row(
        at=max(0.0, link.attempt.started - began),
        method=link.attempt.method,
        path=link.attempt.path,
        what=_carried(link.attempt, noun),
        response=_response_of(link),
        wait_expected=None if asked is None else asked.seconds,
        wait_seen=link.seen,
        note=_note(link),
        clause=clause,
    )


def _note(link: Link) -> str:
    if link.before is None:
        return ""
    if link.seen is None:
        return "sent before the response to the one above was over"
    if link.items < link.before.items:
        return "a part of the one above"
    return "again"
