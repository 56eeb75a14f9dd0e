"""The parts of the page that only a client has: attempts that prove a violation, and how each scenario went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape

from twosignal_conformance.engine.judgement import Outcome, Record, Report, ScenarioRun, Subject, Timeline
from twosignal_conformance.engine.reports._attempts import attempts_chart, attempts_legend
from twosignal_conformance.engine.reports._pieces import copied, exchanged, pairs
from twosignal_conformance.engine.reports._timeline import timeline_text
from twosignal_conformance.engine.reports._words import repeat

OUTCOMES = {
    Outcome.DONE: ("pass", "done"),
    Outcome.UNSUPPORTED: ("untested", "not supported"),
    Outcome.FAILED: ("fail", "failed"),
    Outcome.TIMEOUT: ("fail", "out of time"),
}
"""Outcome to its colour and its name."""

_MOST = 8
"""Time lines of one scenario that are drawn, those with the most attempts; the others are counted."""


def outcomes(report: Report) -> str:
    """How the scenarios ended, in one phrase."""
    counts = Counter(row.outcome for row in report.scenarios if report.subject is Subject.CLIENT)
    return ", ".join(f"{counts[outcome]} {name}" for outcome, (_, name) in OUTCOMES.items() if counts[outcome])


def scenario_rows(report: Report) -> str:
    """The sheet with a fold for each scenario, of a journal with what was sent; empty when there is neither."""
    timelines = [timeline for row in report.scenarios for timeline in row.timelines]
    if report.subject is Subject.JOURNAL and timelines:
        return f'<div class="sheet">{attempts_legend(timelines)}{_drawings(timelines)}</div>'
    if not report.scenarios:
        return ""
    folds = "".join(_fold(row) for row in report.scenarios)
    return f'<div class="sheet scenarios">{attempts_legend(timelines)}{folds}</div>'


def proofs(report: Report, records: Sequence[Record]) -> str:
    """What shows a violation: the first scenario in sight, the others folded away."""
    others = "".join(_proof(report, record) for record in records[1:])
    if others:
        others = f'<details class="more"><summary>{len(records) - 1} more of this kind</summary>{others}</details>'
    return "".join(_proof(report, record) for record in records[:1]) + others


def _proof(report: Report, record: Record) -> str:
    """The commands that repeat requests are left out: they name a mock that has ended."""
    texts = {"Expected": record.expected, "Actual": record.actual}
    if record.timeline is None:
        texts["Check"] = record.check
    else:
        texts["Scenario"] = record.timeline.scenario
    drawing = "" if record.timeline is None else copied(repeat(report, record)) + _drawn(record.timeline)
    return pairs(texts) + drawing + "".join(exchanged(row) for row in record.evidence)


def _drawn(timeline: Timeline) -> str:
    """The drawing, and the same as text for whoever reads with the ears or copies it into a ticket.

    One attempt alone is told in words: it has no distance to another.
    """
    if len(timeline.rows) <= 1:
        return f"<pre>{escape(timeline_text(timeline))}</pre>"
    return (
        f"{attempts_legend([timeline])}{attempts_chart(timeline)}"
        f"<details><summary>The same as text</summary><pre>{escape(timeline_text(timeline))}</pre></details>"
    )


def _fold(row: ScenarioRun) -> str:
    tone, name = OUTCOMES[row.outcome]
    output = f"<pre>{escape(row.output)}</pre>" if row.output else ""
    detail = f"<p>{escape(row.detail)}</p>" if row.detail else ""
    return (
        f'<details data-scenario="{escape(row.name)}"><summary><span class="pill {tone}">{name}</span> '
        f"<code>{escape(row.name)}</code> {escape(row.why)} <small>{row.seconds:.1f} s</small></summary>"
        f"{detail}{output}{_drawings(row.timelines)}</details>"
    )


def _drawings(timelines: Iterable[Timeline]) -> str:
    ordered = sorted(timelines, key=lambda timeline: -len(timeline.rows))
    if not ordered:
        return "<p>Nothing was sent.</p>"
    more = len(ordered) - _MOST
    rest = f"<p>{more} more request{'' if more == 1 else 's'}.</p>" if more > 0 else ""
    return "".join(attempts_chart(timeline) for timeline in ordered[:_MOST]) + rest
