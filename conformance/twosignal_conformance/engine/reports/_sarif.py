"""The report as SARIF 2.1.0: each violated clause at its line in the contract, for code scanning pages and editors."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from twosignal_contract import Level

from twosignal_conformance.engine.judgement import ExitCode, Judgement, Report, Verdict
from twosignal_conformance.engine.reports._json import as_text
from twosignal_conformance.engine.reports._wording import (
    command_of,
    document_of,
    errors,
    failures,
    repeat,
    sources_of,
)
from twosignal_conformance.engine.texts import LONGEST, one_line

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Level.MUST: "error", Level.SHOULD: "warning", Level.MAY: "note"}


def render_sarif(report: Report) -> str:
    """The text of the file."""
    failed = report.of(Verdict.FAIL)
    again = command_of(report)
    run = {
        "tool": {
            "driver": {
                "name": "twosignal-conformance",
                "version": report.suite,
                "rules": [_rule(report, row) for row in failed],
            }
        },
        "invocations": [
            {
                "executionSuccessful": report.exit_code in (ExitCode.CONFORMS, ExitCode.VIOLATED),
                "exitCode": int(report.exit_code),
                **({"commandLine": again} if again else {}),
                "toolExecutionNotifications": [
                    {"level": "error", "message": {"text": text}} for text in (*errors(report), *failures(report))
                ],
            }
        ],
        "results": [_result(report, index, row) for index, row in enumerate(failed)],
        "columnKind": "unicodeCodePoints",
    }
    return as_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(report: Report, row: Judgement) -> dict[str, Any]:
    return {
        "id": row.clause.id,
        "shortDescription": {"text": row.clause.says},
        "fullDescription": {"text": f"{row.clause.says} ({row.clause.level}; from {sources_of(report, row.clause)})"},
        "defaultConfiguration": {"level": _LEVELS[row.clause.level]},
    }


def _result(report: Report, index: int, row: Judgement) -> dict[str, Any]:
    first = row.records[0]
    text = one_line(f"{row.clause.says} Expected {first.expected}, got {first.actual}.", LONGEST)
    if again := repeat(report, first):
        text += f" Repeat with: {again}"
    result: dict[str, Any] = {
        "ruleId": row.clause.id,
        "ruleIndex": index,
        "level": _LEVELS[row.clause.level],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(document_of(report.contract_path))},
                    "region": {"startLine": row.clause.line},
                },
                "logicalLocations": [{"fullyQualifiedName": row.clause.id, "kind": "member"}],
            }
        ],
        "partialFingerprints": {"clause/v1": row.clause.id},
    }
    if row.known is not None:
        result["suppressions"] = [{"kind": "external", "justification": row.known.reason}]
    return result
