"""What the reports call the judged, and how a violation is repeated: a table, so that no report asks who is judged."""

from __future__ import annotations

from dataclasses import dataclass

from twosignal_conformance.clients import fallen
from twosignal_conformance.engine.judgement import Record, Report, Subject


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one kind of run."""

    title: str
    """Above the headline of the page."""
    badge: str
    """The left half of the badge."""
    whom: str
    """In sentences."""
    sent: str
    """Heading of what a client sent."""


WORDS = {
    Subject.SERVER: Words("2Signal API conformance", "2Signal API", "the server", ""),
    Subject.CLIENT: Words("2Signal client conformance", "2Signal client", "the client", "Scenarios"),
    Subject.JOURNAL: Words(
        "2Signal client conformance, from a journal",
        "2Signal client",
        "the client",
        "What it sent, the most often repeated first",
    ),
}


def command_of(report: Report, scenario: str = "") -> str:
    """The command line that judges the client again, in one scenario or in all; empty for other runs."""
    if report.subject is not Subject.CLIENT:
        return ""
    words = ["twosignal-conformance client", f"--scenario {scenario}" if scenario else "", "--", report.target]
    return " ".join(word for word in words if word)


def failures(report: Report) -> list[str]:
    """Of a client the scenarios in which its command failed, each as one line."""
    return [f"{row.name}: {row.detail}" for row in fallen(report)]


def sent(report: Report) -> str:
    """How much was sent, and by whom where it was not the suite."""
    count = report.spent
    return str(count) if report.subject is Subject.SERVER else f"the client sent {count}"


def repeat(report: Report, record: Record) -> str:
    """One line that shows the violation again: the scenario of a client, or the request as a curl command."""
    if record.timeline is not None and (again := command_of(report, record.timeline.scenario)):
        return again
    # A journal's mock may still be there, but who knows; of a client no single request shows what it did.
    return record.evidence[0].curl if record.evidence and report.subject is Subject.SERVER else ""
