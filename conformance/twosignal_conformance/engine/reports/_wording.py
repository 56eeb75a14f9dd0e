"""What all reports say alike: areas, the judged, the document, and how a violation is repeated."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from twosignal_contract import About, Clause

from twosignal_conformance.engine.judgement import (
    Judgement,
    Outcome,
    Record,
    Report,
    ScenarioRun,
    Subject,
    Verdict,
)
from twosignal_conformance.engine.texts import LONGEST, one_line

KINDS: Mapping[Subject, str] = {
    Subject.SERVER: "{} API conformance",
    Subject.CLIENT: "{} client conformance",
    Subject.JOURNAL: "{} client conformance, from a journal",
}
"""Subject to the title of its report; the product's name stands in it."""

VERDICTS: Mapping[Verdict, str] = {
    Verdict.FAIL: "violated",
    Verdict.ERROR: "error of the suite",
    Verdict.PASS: "kept",
    Verdict.OBSERVED: "observed",
    Verdict.UNTESTED: "untested",
}
"""Verdict to its name, what matters most first."""

_MOST = 3
"""Scenarios that are named of many that ended alike."""

_PASSING = re.compile(r"\d{4,}|0x[0-9a-fA-F]+")
"""What differs from one run of a command to the next: ports, process ids, addresses in memory."""

OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.DONE: ("pass", "done"),
    Outcome.UNSUPPORTED: ("untested", "not supported"),
    Outcome.FAILED: ("fail", "failed"),
    Outcome.TIMEOUT: ("fail", "out of time"),
}
"""Outcome of a scenario to its colour and its name."""


def area_of(clause: Clause, titles: Mapping[str, str]) -> str:
    """The area of a clause: the first word of its id, the second one when it binds clients, with its title."""
    words = clause.id.split(".")
    word = words[1] if clause.about is About.CLIENT else words[0]
    return capitalised(titles.get(word, word))


def by_area(rows: Iterable[Judgement], titles: Mapping[str, str]) -> dict[str, list[Judgement]]:
    """Area to its clauses, both in the order of the document."""
    found: dict[str, list[Judgement]] = {}
    for row in rows:
        found.setdefault(area_of(row.clause, titles), []).append(row)
    return found


def capitalised(text: str) -> str:
    """The text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def sources_of(report: Report, clause: Clause) -> str:
    """The titles of the documents that a clause comes from."""
    return "; ".join(report.sources[tag].title for tag in clause.sources)


def command_of(report: Report, scenario: str = "") -> str:
    """The command line that judges the client again, in one scenario or in all; empty for other runs."""
    if report.subject is not Subject.CLIENT:
        return ""
    words = ["twosignal-conformance client", f"--scenario {scenario}" if scenario else "", "--", report.target]
    return " ".join(word for word in words if word)


def failures(report: Report) -> list[str]:
    """How the client failed, each way as one line that names its scenarios."""
    return [one_line(f"{_named(rows)}: {rows[0].detail}", LONGEST) for rows in alike(report.failed_scenarios)]


def alike(rows: Iterable[ScenarioRun]) -> list[list[ScenarioRun]]:
    """Scenarios that ended in the same way, together."""
    found: dict[str, list[ScenarioRun]] = {}
    for row in rows:
        found.setdefault(way_of(row), []).append(row)
    return list(found.values())


def way_of(row: ScenarioRun) -> str:
    """How a scenario ended, the same for scenarios that differ in ports and process ids alone."""
    return _PASSING.sub("#", row.detail)


def _named(rows: list[ScenarioRun]) -> str:
    more = f" and {len(rows) - _MOST} more scenarios" if len(rows) > _MOST else ""
    return f"{', '.join(row.name for row in rows[:_MOST])}{more}"


def errors(report: Report) -> list[str]:
    """The errors of the suite, each as one line."""
    return [one_line(f"{row.check}: {row.message}", LONGEST) for row in report.errors]


def counted(report: Report) -> str:
    """How many clauses have which verdict, in the words of VERDICTS; how many are kept and violated in any case."""
    shown_at_zero = (Verdict.FAIL, Verdict.PASS)
    rows = ((report.summary[verdict], verdict, word) for verdict, word in VERDICTS.items())
    return ", ".join(f"{count} {word}" for count, verdict, word in rows if count or verdict in shown_at_zero)


def document_of(path: Path) -> str:
    """Where the contract stands: its path from the root of its repository, else from here, else its name."""
    # Not resolved: where a link leads to may be elsewhere.
    absolute = Path(os.path.abspath(path))  # noqa: PTH100
    roots = [parent for parent in absolute.parents if (parent / ".git").exists()]
    root = next(iter(roots), Path.cwd())
    inside = absolute.is_relative_to(root) and "site-packages" not in absolute.parts
    return absolute.relative_to(root).as_posix() if inside else absolute.name


def sent(report: Report) -> str:
    """How much was sent, and by whom where it was not the suite."""
    count = report.spent
    return str(count) if report.subject is Subject.SERVER else f"the client sent {count}"


def repeat(report: Report, record: Record) -> str:
    """One line that shows the violation again: the scenario of a client, or the request as a curl command."""
    if record.timeline is not None and (again := command_of(report, record.timeline.scenario)):
        return one_line(again)
    # A client is not shown by a single request, and the mock of a journal may have ended.
    return one_line(record.evidence[0].curl) if record.evidence and report.subject is Subject.SERVER else ""
