"""How a run is told: to a person at a terminal, and as files for people and programs."""

from twosignal_conformance.engine.reports._badge import render_badge
from twosignal_conformance.engine.reports._html import render_html
from twosignal_conformance.engine.reports._json import as_json, render_json, report_schema
from twosignal_conformance.engine.reports._junit import render_junit
from twosignal_conformance.engine.reports._sarif import render_sarif
from twosignal_conformance.engine.reports._scenario_progress import ScenarioProgress, announce_client
from twosignal_conformance.engine.reports._terminal import TerminalProgress, announce, conclude
from twosignal_conformance.engine.reports._timeline import timeline_text

__all__ = [
    "ScenarioProgress",
    "TerminalProgress",
    "announce",
    "announce_client",
    "as_json",
    "conclude",
    "render_badge",
    "render_html",
    "render_json",
    "render_junit",
    "render_sarif",
    "report_schema",
    "timeline_text",
]
