"""The report as JSON, for programs, by report.schema.json beside this module; and the badge of shields.io."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

from twosignal_contract import Level

from twosignal_conformance.engine.api_client import Evidence
from twosignal_conformance.engine.judgement import ExitCode, Judgement, Record, Report, ScenarioRun, Subject, Timeline
from twosignal_conformance.engine.reports._wording import document_of
from twosignal_conformance.engine.texts import visible

Json = dict[str, Any]


def render_json(report: Report) -> str:
    """The text of the file."""
    return as_text(as_json(report))


def as_text(value: Json) -> str:
    """A value as text that is safe in a terminal and in the log of a CI: what would be an order is escaped."""
    # Signs that need it stand in strings alone, and the escapes of `visible` are those of JSON.
    return visible(json.dumps(value, ensure_ascii=False, indent=2)).replace("##", "#\\u0023") + "\n"


def render_badge(report: Report) -> str:
    """The text of the badge: a shields.io endpoint (https://shields.io/badges/endpoint-badge)."""
    label = f"{report.wording.product} {'API' if report.subject is Subject.SERVER else 'client'}"
    message, colour = _badge_message(report)
    return json.dumps({"schemaVersion": 1, "label": label, "message": message, "color": colour}) + "\n"


def report_schema() -> Json:
    """The JSON Schema that every report of this version satisfies."""
    schema: Json = json.loads((files(__package__) / "report.schema.json").read_text(encoding="utf-8"))
    return schema


def as_json(report: Report) -> Json:
    """The report as plain data."""
    return {
        "run": {
            "id": report.run_id,
            "suite": report.suite,
            "state": report.state.value,
            "verdict": report.verdict,
            "exit_code": int(report.exit_code),
            "fail_on": report.fail_on.value,
            "only": list(report.only),
            "plan": report.plan,
            "now": moment(report.now),
            "read_only": report.read_only,
            "allow_burst": report.allow_burst,
            "ledger": None if report.ledger is None else str(report.ledger),
        },
        "subject": report.subject.value,
        "contract": {
            "document": document_of(report.contract_path),
            "version": report.contract_version,
            "sha256": report.contract_sha256,
        },
        "target": report.target,
        "seed": report.seed,
        "profile": report.profile or None,
        "started": moment(report.started),
        "seconds": round(report.seconds, 3),
        "requests": report.spent.requests,
        "sent": asdict(report.spent),
        "budget": asdict(report.budget) if report.subject is Subject.SERVER else None,
        "summary": report.summary,
        "dialects": dict(report.dialects),
        "scenarios": [_scenario(row) for row in report.scenarios],
        "clauses": [_clause(row, report) for row in report.judgements],
        "findings": [
            {
                "title": row.title,
                "detail": row.detail,
                "check": row.check,
                "evidence": [_shown(e, report) for e in row.evidence],
            }
            for row in report.findings
        ],
        "errors": [{"check": row.check, "message": row.message} for row in report.errors],
        "outdated": list(report.outdated),
    }


def _badge_message(report: Report) -> tuple[str, str]:
    must, should = report.violated[Level.MUST], report.violated[Level.SHOULD]
    if must or should:
        return f"{must} must, {should} should violated", "red" if must else "orange"
    if report.exit_code is not ExitCode.CONFORMS:
        return "not judged", "lightgrey"
    if report.open_musts:
        return f"no violation, {report.open_musts} untested", "yellow"
    return "conforms", "brightgreen"


def moment(instant: datetime) -> str:
    """An instant in UTC, in whole seconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _clause(row: Judgement, report: Report) -> Json:
    clause = row.clause
    return {
        "id": clause.id,
        "level": clause.level.value,
        "verdict": row.verdict.value,
        "says": clause.says,
        "reason": row.reason,
        "remedy": row.remedy,
        "testable": clause.untestable is None,
        "sources": list(clause.sources),
        "line": clause.line,
        "operation": clause.operation_id,
        "checks": list(row.checks),
        "known": None if row.known is None else {"reason": row.known.reason, "until": row.known.until},
        "evidence": [entry for record in row.records for entry in _evidence(record, report)],
        "timelines": [
            {**_judged(record), **_timeline(record.timeline)} for record in row.records if record.timeline is not None
        ],
    }


def _evidence(record: Record, report: Report) -> list[Json]:
    return [{**_shown(entry, report), **_judged(record)} for entry in record.evidence]


def _judged(record: Record) -> Json:
    return {"check": record.check, "expected": record.expected, "actual": record.actual}


def _scenario(row: ScenarioRun) -> Json:
    fields = {name: getattr(row, name) for name in ("name", "kind", "why", "detail", "output")}
    timelines = [_timeline(timeline)["attempts"] for timeline in row.timelines]
    return {**fields, "outcome": row.outcome.value, "seconds": round(row.seconds, 3), "requests": timelines}


def _timeline(timeline: Timeline) -> Json:
    attempts = [{name: _rounded(value) for name, value in asdict(row).items()} for row in timeline.rows]
    return {"scenario": timeline.scenario, "attempts": attempts}


def _rounded(value: object) -> object:
    """Seconds to milliseconds, which is what the clocks are good for."""
    return round(value, 3) if isinstance(value, float) else value


def _shown(evidence: Evidence, report: Report) -> Json:
    # The mock that a client was judged with has ended, so no command repeats a request.
    curl = evidence.curl if report.subject is Subject.SERVER else ""
    return {"request": evidence.request, "response": evidence.response, "curl": curl}
