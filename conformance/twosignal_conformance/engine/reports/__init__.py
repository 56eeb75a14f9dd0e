"""How a run is told: to a person at a terminal, and as files for people and programs.

Nothing here knows an API: what its areas and its product are called stands in the report.
"""

from twosignal_conformance.engine.reports._html import render_html
from twosignal_conformance.engine.reports._json import as_json, render_badge, render_json, report_schema
from twosignal_conformance.engine.reports._junit import render_junit
from twosignal_conformance.engine.reports._progress import CheckProgress, ScenarioProgress
from twosignal_conformance.engine.reports._sarif import render_sarif
from twosignal_conformance.engine.reports._terminal import announce, announce_client, conclude, heading, untested_groups
from twosignal_conformance.engine.reports._timeline_text import timeline_text

__all__ = [
    "CheckProgress",
    "ScenarioProgress",
    "announce",
    "announce_client",
    "as_json",
    "conclude",
    "heading",
    "render_badge",
    "render_html",
    "render_json",
    "render_junit",
    "render_sarif",
    "report_schema",
    "timeline_text",
    "untested_groups",
]
