"""The report as JUnit XML, which every CI shows: a suite for each area, a case for each clause.

A case fails exactly when its clause counts for the exit code, so that the page of the CI and the command agree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as Xml

from twosignal_conformance.engine.judgement import Judgement, Record, Report, Subject, Verdict
from twosignal_conformance.engine.reports._json import moment
from twosignal_conformance.engine.reports._timeline_text import timeline_text
from twosignal_conformance.engine.reports._wording import by_area, command_of, failures, repeat
from twosignal_conformance.engine.texts import LONGEST, one_line

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, not even escaped (section 2.2)."""


def render_junit(report: Report) -> str:
    """The text of the file."""
    name = _legal(command_of(report)) or "twosignal-conformance"
    root = Xml.Element("testsuites", name=name, time=f"{report.seconds:.3f}")
    for area, rows in by_area(report.judgements, report.wording.areas).items():
        suite = Xml.SubElement(root, "testsuite", name=area, timestamp=moment(report.started).removesuffix("Z"))
        for row in rows:
            _case(suite, report, row)
        _count(suite)
    own = Xml.SubElement(root, "testsuite", name="suite")
    for number, (name, text) in enumerate(_own_cases(report), 1):
        case = Xml.SubElement(own, "testcase", classname="suite", name=f"{number} {_legal(name)}")
        Xml.SubElement(case, "error", message=_legal(text))
    _count(own)
    _count(root, "testsuite/testcase")
    Xml.indent(root)
    # In the log of a CI two such signs may begin an order; in XML the second one can be written otherwise.
    text = Xml.tostring(root, encoding="unicode").replace("##", "#&#35;")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _case(suite: Xml.Element, report: Report, row: Judgement) -> None:
    case = Xml.SubElement(suite, "testcase", classname=suite.get("name", ""), name=row.clause.id)
    match row.verdict:
        case Verdict.FAIL if row.known is not None:
            Xml.SubElement(case, "skipped", message=_legal(f"known deviation: {row.known.reason}"))
        case Verdict.FAIL if row.clause.level not in report.failing_levels:
            why = f"violated, but a {row.clause.level} does not count: {row.clause.says}"
            Xml.SubElement(case, "skipped", message=_legal(why))
        case Verdict.FAIL:
            failure = Xml.SubElement(case, "failure", type=row.clause.level.value, message=_legal(row.clause.says))
            failure.text = "\n\n".join(_told(report, record) for record in row.records)
        case Verdict.UNTESTED:
            Xml.SubElement(case, "skipped", message=_legal(row.reason))
        case Verdict.ERROR:
            Xml.SubElement(case, "error", message=_legal(row.reason))
        case Verdict.OBSERVED:
            Xml.SubElement(case, "system-out").text = _legal(row.reason)


def _told(report: Report, record: Record) -> str:
    quoted = {"expected": record.expected, "actual": record.actual, "check": record.check}
    lines = [one_line(f"{name}: {text}", LONGEST) for name, text in quoted.items()]
    if record.timeline is not None:
        lines += [*timeline_text(record.timeline, record.clause).splitlines(), f"repeat: {repeat(report, record)}"]
    elif report.subject is Subject.SERVER:
        lines += [f"repeat: {evidence.curl}" for evidence in record.evidence]
    return "\n".join(_legal(line) for line in lines if line != "repeat: ")


def _own_cases(report: Report) -> Iterator[tuple[str, str]]:
    """What is wrong beside the clauses, so that a run that fails for it is red in the CI, too."""
    yield from ((row.check, row.message) for row in report.errors)
    yield from (("the client failed", line) for line in failures(report))
    yield from (("known deviations", line) for line in report.outdated)
    if report.message:
        yield "reach", report.message


def _count(element: Xml.Element, cases: str = "testcase") -> None:
    element.set("tests", str(len(element.findall(cases))))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(name, str(len(element.findall(f"{cases}/{tag}"))))


def _legal(text: str) -> str:
    """One line of characters that XML can hold."""
    return _ILLEGAL.sub("\ufffd", one_line(text))
