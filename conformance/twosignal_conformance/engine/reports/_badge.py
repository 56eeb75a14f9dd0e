"""The result as a badge: the JSON of a shields.io endpoint (https://shields.io/badges/endpoint-badge)."""

from __future__ import annotations

import json

from twosignal_contract import Level

from twosignal_conformance.engine.judgement import ExitCode, Report
from twosignal_conformance.engine.reports._words import WORDS


def render_badge(report: Report) -> str:
    """The text of the file."""
    message, colour = _message(report)
    badge = {"schemaVersion": 1, "label": WORDS[report.subject].badge, "message": message, "color": colour}
    return json.dumps(badge) + "\n"


def _message(report: Report) -> tuple[str, str]:
    must, should = report.violated[Level.MUST], report.violated[Level.SHOULD]
    if must or should:
        return f"{must} must, {should} should violated", "red" if must else "orange"
    if report.exit_code is not ExitCode.CONFORMS:
        return "not judged", "lightgrey"
    if report.open_musts:
        return f"no violation, {report.open_musts} untested", "yellow"
    return "conforms", "brightgreen"
