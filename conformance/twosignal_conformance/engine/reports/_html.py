"""The report as one page to read and to send on. It needs no network, follows light and dark, and escapes all it shows.

The page itself is templates/page.html; here is what the templates are given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from twosignal_contract import Level

from twosignal_conformance.engine.judgement import ExitCode, Judgement, Report, Subject, Timeline, Verdict
from twosignal_conformance.engine.reports._drawing import BAND, LEFT, RIGHT, WIDTH, drawing_of, tone_of
from twosignal_conformance.engine.reports._json import moment
from twosignal_conformance.engine.reports._timeline_text import timeline_text
from twosignal_conformance.engine.reports._wording import (
    KINDS,
    OUTCOMES,
    VERDICTS,
    alike,
    area_of,
    by_area,
    capitalised,
    command_of,
    document_of,
    errors,
    failures,
    repeat,
    sent,
    sources_of,
)
from twosignal_conformance.engine.texts import visible

_TEMPLATES = Path(str(files(__package__))) / "templates"

_TILES = (Verdict.PASS, Verdict.FAIL, Verdict.OBSERVED, Verdict.UNTESTED, Verdict.ERROR)

_MARKS = {"pass": "success", "open": "refused, or an error of the server", "untested": "no response"}
"""Colour of a mark that broke no clause to what it means."""


def render_html(report: Report) -> str:
    """The text of the file."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for function in (area_of, capitalised, drawing_of, errors, failures, repeat, sources_of, timeline_text):
        environment.globals[function.__name__] = function
    environment.globals |= {
        "by_attempts": _by_attempts,
        "counted": _counted,
        "frame": {"width": WIDTH, "left": LEFT, "right": RIGHT, "band": BAND},
        "marks_in": _marks_in,
        "outcomes": OUTCOMES,
        "verdicts": VERDICTS,
    }
    return environment.get_template("page.html").render(_parts(report)) + "\n"


def _parts(report: Report) -> dict[str, Any]:
    """What page.html shows, beside the report itself."""
    levels = {level.value: [row for row in report.judgements if row.clause.level is level] for level in Level}
    areas = by_area(report.judgements, report.wording.areas)
    # An error of the suite may leave every clause decided, and the headline counts it all the same.
    own = max(report.summary[Verdict.ERROR], len(report.errors))
    return {
        "report": report,
        "document": document_of(report.contract_path),
        # What a client printed is shown once, not for each scenario that ended in the same way.
        "told": {rows[0].name for rows in alike(report.scenarios)},
        "style": _shipped("page.css"),
        "script": _shipped("page.js"),
        "title": KINDS[report.subject].format(report.wording.product),
        "tone": _tone(report),
        "facts": _facts(report),
        "tiles": {verdict: report.summary[verdict] for verdict in _TILES} | {Verdict.ERROR: own},
        "levels": levels,
        "areas": areas,
        "longest": max(map(len, (*levels.values(), *areas.values())), default=1) or 1,
        "violations": report.of(Verdict.FAIL),
        "untested": list(_untested(report)),
        "of_server": report.subject is Subject.SERVER,
        "of_journal": report.subject is Subject.JOURNAL,
        "timelines": [timeline for row in report.scenarios for timeline in row.timelines],
        "footer": _footer(report),
    }


def _shipped(name: str) -> Markup:
    return Markup((_TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704 - a file of ours


def _visible(value: Any) -> Any:
    """What a template shows: of a text, what misleads as escapes; none of its lines begins a line of the file.

    The file may end in the log of a CI, which takes some lines for orders.
    """
    if not isinstance(value, str) or isinstance(value, Markup):
        return value
    text = str(escape(visible(value))).replace("\n", "&#10;").replace("##", "#&#35;")
    return Markup(text)  # noqa: S704 - it was escaped


def _facts(report: Report) -> dict[str, str]:
    """What stands under the headline; empty texts are left out."""
    of_server = report.subject is Subject.SERVER
    counts = Counter(row.outcome for row in report.scenarios if report.subject is Subject.CLIENT)
    ends = (f"{counts[outcome]} {name}" for outcome, (_, name) in OUTCOMES.items() if counts[outcome])
    return {
        "Judged on": moment(report.started).replace("T", " ").replace("Z", " UTC"),
        "Profile": report.profile and f"{report.profile}{', read-only' if report.read_only else ''}",
        "Scenarios": ", ".join(ends),
        "Contract": f"{document_of(report.contract_path)} {report.contract_version} ({report.contract_sha256[:12]})",
        "Sent": f"{report.spent} in {report.seconds:.1f} s",
        "Seed": str(report.seed) if of_server else "",
        "Run": report.run_id,
    }


def _tone(report: Report) -> str:
    if report.exit_code is ExitCode.VIOLATED:
        return "fail"
    if report.exit_code is not ExitCode.CONFORMS:
        return "error"
    return "open" if report.open_musts or report.violated else "pass"


def _counted(rows: Iterable[Judgement]) -> dict[Verdict, int]:
    """The verdicts that occur and how often, what matters most first."""
    counts = Counter(row.verdict for row in rows)
    return {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]}


def _untested(report: Report) -> Iterator[tuple[str, list[Judgement]]]:
    """Clauses by what would make them testable; what never is stands in the table alone."""
    rows = [row for row in report.of(Verdict.UNTESTED) if row.clause.untestable is None]
    rows.sort(key=lambda row: (row.remedy is None, row.remedy or row.reason))
    for reason, group in groupby(rows, key=lambda row: row.remedy or row.reason):
        yield reason, list(group)


def _by_attempts(timelines: Iterable[Timeline]) -> list[Timeline]:
    return sorted(timelines, key=lambda timeline: -len(timeline.rows))


def _marks_in(timelines: Iterable[Timeline]) -> Iterator[tuple[str, str]]:
    """Colours of the marks in a drawing of these, and what each means."""
    rows = [row for timeline in timelines for row in timeline.rows]
    found = {tone_of(row) for row in rows}
    yield from ((tone, name) for tone, name in _MARKS.items() if tone in found)
    if "fail" in found:
        yield "fail", "breaks a clause"
    if any(row.wait_expected for row in rows):
        yield "asked", "wait that was asked for"


def _footer(report: Report) -> str:
    of_server = report.subject is Subject.SERVER
    announced = f"Sent {report.spent}; announced were {report.budget}"
    amount = announced if of_server else capitalised(sent(report))
    ledger = f" What it created is listed in {report.ledger}." if report.ledger else ""
    again = f"--seed {report.seed} --run-id {report.run_id} --now {moment(report.now)}" if of_server else ""
    same = command_of(report) or again
    return f"twosignal-conformance {report.suite}. {amount}.{ledger}{f' The same run: {same}' if same else ''}"
