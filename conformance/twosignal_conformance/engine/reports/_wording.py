"""What all reports say alike: areas, the judged, and how a violation is repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from twosignal_contract import About, Clause

from twosignal_conformance.engine.judgement import Judgement, Outcome, Record, Report, Subject, Verdict

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
    """The scenarios in which the client failed, each as one line."""
    return [f"{row.name}: {row.detail}" for row in report.failed_scenarios]


def errors(report: Report) -> list[str]:
    """The errors of the suite, each as one line."""
    return [f"{row.check}: {row.message}" for row in report.errors]


def sent(report: Report) -> str:
    """How much was sent, and by whom where it was not the suite."""
    count = report.spent
    return str(count) if report.subject is Subject.SERVER else f"the client sent {count}"


def repeat(report: Report, record: Record) -> str:
    """One line that shows the violation again: the scenario of a client, or the request as a curl command."""
    if record.timeline is not None and (again := command_of(report, record.timeline.scenario)):
        return again
    # A client is not shown by a single request, and the mock of a journal may have ended.
    return record.evidence[0].curl if record.evidence and report.subject is Subject.SERVER else ""
