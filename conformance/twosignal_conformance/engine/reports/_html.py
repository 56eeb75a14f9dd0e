"""The report as one page to read and to send on: needs no network, follows light and dark, and escapes all it shows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby

from twosignal_contract import Level

from twosignal_conformance.engine.api_client import Evidence
from twosignal_conformance.engine.judgement import ExitCode, Judgement, Record, Report, Subject, Verdict
from twosignal_conformance.engine.reports._areas import area_of, by_area
from twosignal_conformance.engine.reports._chart import NAMES, ORDER, chart, legend
from twosignal_conformance.engine.reports._json import moment
from twosignal_conformance.engine.reports._pieces import copied, exchanged, pairs
from twosignal_conformance.engine.reports._scenarios import outcomes, proofs, scenario_rows
from twosignal_conformance.engine.reports._words import WORDS, command_of, failures, sent


def render_html(report: Report) -> str:
    """The text of the file."""
    style, script = ((files(__package__) / name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))
    title = f"{report.verdict} - {report.target}"
    sections = (
        _header(report),
        _tiles(report),
        _section(
            "By level and by area",
            f'<div class="sheet">{legend(report.judgements)}{chart(report.judgements)}</div>',
        ),
        _violations(report),
        _section(WORDS[report.subject].sent, scenario_rows(report)),
        _own_troubles(report),
        _findings(report),
        _untested(report),
        _dialects(report),
        _table(report),
        _footer(report),
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Nothing is loaded, and nothing that a server answered can run.
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'\">\n"
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"{''.join(sections)}\n</main>\n<script>\n{script}</script>\n</body>\n</html>\n"
    )


def _header(report: Report) -> str:
    facts = {
        "Judged on": moment(report.started).replace("T", " ").replace("Z", " UTC"),
        "Profile": report.profile and f"{report.profile}{', read-only' if report.read_only else ''}",
        "Scenarios": outcomes(report),
        "Contract": f"{report.contract_version} ({report.contract_sha256[:12]})",
        "Sent": f"{report.spent} in {report.seconds:.1f} s",
        "Seed": str(report.seed) if report.subject is Subject.SERVER else "",
        "Run": report.run_id,
    }
    facts = {name: value for name, value in facts.items() if value}
    rows = "".join(f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in facts.items())
    headline = report.verdict[0].upper() + report.verdict[1:]
    return (
        f'<header class="sheet {_tone(report)}"><div class="kicker">{WORDS[report.subject].title}</div>'
        f'<h1>{escape(headline)}</h1><div class="target">{escape(report.target)}</div>'
        f'<dl class="facts">{rows}</dl></header>'
    )


def _tone(report: Report) -> str:
    if report.exit_code is ExitCode.VIOLATED:
        return "fail"
    if report.exit_code is not ExitCode.CONFORMS:
        return "error"
    return "open" if report.open_musts or report.violated else "pass"


def _tiles(report: Report) -> str:
    # Not every error of the suite leaves a clause undecided, and the headline counts them all.
    counts = report.summary | {Verdict.ERROR.value: max(report.summary[Verdict.ERROR], len(report.errors))}
    tiles = "".join(
        f'<div class="tile {verdict if counts[verdict] else "none"}"><b>{counts[verdict]}</b>'
        f"<span>{NAMES[verdict]}</span></div>"
        for verdict in (Verdict.PASS, Verdict.FAIL, Verdict.OBSERVED, Verdict.UNTESTED, Verdict.ERROR)
    )
    return f'<div class="tiles">{tiles}</div>'


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>" if body else ""


def _violations(report: Report) -> str:
    return _section("Violations", "".join(_violation(report, row) for row in report.of(Verdict.FAIL)))


def _violation(report: Report, row: Judgement) -> str:
    clause = row.clause
    sources = "; ".join(report.sources[tag].title for tag in clause.sources)
    known = ""
    if row.known is not None:
        until = f" until {row.known.until}" if row.known.until else ""
        known = f'<p class="source">Known deviation{escape(until)}: {escape(row.known.reason)}</p>'
    return (
        f'<article class="sheet {"untested" if row.known else "fail"}">'
        f"<h3>{escape(clause.id)} {_level(clause.level)}</h3>"
        f'<p class="says">{escape(" ".join(clause.says.split()))}</p>'
        f'<p class="source">Source: {escape(sources)}. {escape(report.contract_path.name)}:{clause.line}</p>{known}'
        f"{_records(report, row.records)}</article>"
    )


def _records(report: Report, records: Sequence[Record]) -> str:
    if report.subject is not Subject.SERVER:
        return proofs(report, records)
    return "".join(_record(record) for record in records)


def _record(record: Record) -> str:
    texts = {"Expected": record.expected, "Actual": record.actual, "Check": record.check}
    return pairs(texts) + _evidence(record.evidence)


def _shown(report: Report, evidence: Sequence[Evidence]) -> str:
    """Of a client without the commands that repeat a request: they name a mock that has ended."""
    if report.subject is Subject.SERVER:
        return _evidence(evidence)
    return "".join(exchanged(row) for row in evidence)


def _evidence(evidence: Sequence[Evidence]) -> str:
    """The first exchange in sight, the others folded away."""
    first, others = _exchanges(evidence[:1]), _exchanges(evidence[1:])
    if others:
        others = f'<details class="more"><summary>{len(evidence) - 1} more of this kind</summary>{others}</details>'
    return first + others


def _exchanges(evidence: Iterable[Evidence]) -> str:
    return "".join(copied(row.curl) + exchanged(row) for row in evidence)


def _own_troubles(report: Report) -> str:
    lines = [f"{row.check}: {row.message}" for row in report.errors]
    errors = _section(f"Errors of the suite, not of {WORDS[report.subject].whom[4:]}", _listed(lines))
    errors += _section("Scenarios in which the client failed", _listed(failures(report)))
    return errors + _section("Known deviations that are out of date", _listed(report.outdated))


def _findings(report: Report) -> str:
    cards = "".join(
        f'<article class="sheet observed"><h3>{escape(row.title)}</h3><p>{escape(row.detail)}</p>'
        f"{_shown(report, row.evidence)}</article>"
        for row in report.findings
    )
    return _section("Additional findings, which belong to no clause", cards)


def _untested(report: Report) -> str:
    """Grouped by what would make them testable; what never is stands in the table alone."""
    rows = [row for row in report.of(Verdict.UNTESTED) if row.clause.untestable is None]
    rows.sort(key=lambda row: (row.remedy is None, row.remedy or row.reason))
    parts = []
    for reason, group in groupby(rows, key=lambda row: row.remedy or row.reason):
        members = list(group)
        names = ", ".join(f"<code>{escape(row.clause.id)}</code>" for row in members)
        parts.append(
            f"<details><summary>{escape(reason[0].upper() + reason[1:])} ({len(members)})</summary>"
            f"<p>{names}</p></details>"
        )
    return _section(
        "Untested, and what would make it testable", f'<div class="sheet">{"".join(parts)}</div>' if parts else ""
    )


def _dialects(report: Report) -> str:
    chips = "".join(f"<span>{escape(name)}: <b>{escape(value)}</b></span>" for name, value in report.dialects.items())
    return _section("What the server speaks", f'<div class="sheet chips">{chips}</div>' if chips else "")


def _table(report: Report) -> str:
    areas = {area: area for area in by_area(report.judgements)}
    verdicts = {verdict.value: NAMES[verdict] for verdict in ORDER}
    levels = {level.value: level.value for level in Level}
    filters = (
        '<div class="filters">'
        '<input type="search" name="text" placeholder="Find in clauses" aria-label="Find in clauses">'
        f"{_choice('area', 'All areas', areas)}{_choice('verdict', 'All verdicts', verdicts)}"
        f"{_choice('level', 'All levels', levels)}<output></output></div>"
    )
    rows = "".join(_row(report, row) for row in report.judgements)
    head = "<thead><tr><th>Verdict</th><th>Level</th><th>Clause</th></tr></thead>"
    table = f'<table class="clauses">{head}<tbody>{rows}</tbody></table>'
    return _section("All clauses", f'<div class="sheet">{filters}<div class="scroll">{table}</div></div>')


def _row(report: Report, row: Judgement) -> str:
    clause = row.clause
    notes = [f"{row.reason}" if row.reason else "", f"known: {row.known.reason}" if row.known else ""]
    notes.append(f"{', '.join(clause.sources)}; {report.contract_path.name}:{clause.line}")
    small = "".join(f"<small>{escape(note)}</small>" for note in notes if note)
    return (
        f'<tr data-id="{escape(clause.id)}" data-area="{escape(area_of(row).lower())}" data-verdict="{row.verdict}" '
        f'data-level="{clause.level}"><td><span class="pill {row.verdict}">{NAMES[row.verdict]}</span></td>'
        f"<td>{_level(clause.level)}</td>"
        f'<td class="id"><code>{escape(clause.id)}</code><br>{escape(" ".join(clause.says.split()))}{small}</td></tr>'
    )


def _choice(name: str, everything: str, values: dict[str, str]) -> str:
    options = "".join(
        f'<option value="{escape(value.lower())}">{escape(text)}</option>' for value, text in values.items()
    )
    return f'<select name="{name}" aria-label="{name}"><option value="">{everything}</option>{options}</select>'


def _level(level: Level) -> str:
    return f'<span class="pill level {level}">{level}</span>'


def _listed(lines: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<div class="sheet"><ul class="plain">{items}</ul></div>' if lines else ""


def _footer(report: Report) -> str:
    ledger = f" What it created is listed in {report.ledger}." if report.ledger else ""
    announced = f"; announced were {report.budget}" if report.subject is Subject.SERVER else ""
    again = f"--seed {report.seed} --run-id {report.run_id} --now {moment(report.now)}"
    said = sent(report) if report.subject is not Subject.SERVER else f"Sent {report.spent}"
    same = command_of(report) or (again if report.subject is Subject.SERVER else "")
    text = (
        f"twosignal-conformance {report.suite}. {said[0].upper()}{said[1:]}{announced}.{ledger}"
        f"{f' The same run: {same}' if same else ''}"
    )
    return f"<footer>{escape(text)}</footer>"
