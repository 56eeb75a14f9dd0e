"""What a user of plain pytest is told beside the outcomes of tests: which run it is, and what it left untested and why.

A test that decided some of its clauses passes; pytest would say nothing of the others.
"""

from __future__ import annotations

import pytest

from twosignal_conformance._plugin import RUN
from twosignal_conformance.engine.judgement import Judgement, Verdict
from twosignal_conformance.engine.reports import heading, untested_groups


def pytest_report_collectionfinish(config: pytest.Config) -> list[str]:
    """Who is judged, by which document, and what is sent at most."""
    run = config.stash.get(RUN, None)
    return [] if run is None else [f"judging {run.client.settings.url}", *heading(run)]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The clauses that a check was to decide and did not, by the reason."""
    run = config.stash.get(RUN, None)
    if run is None or not run.opened:
        return
    # A clause without a record belongs to a check that nobody asked for.
    rows = [row for row in run.register.judgements(run.known) if row.verdict is Verdict.UNTESTED and row.records]
    if rows:
        terminalreporter.section(f"untested: {len(rows)} clause{'' if len(rows) == 1 else 's'}")
    for why, amounts, names in untested_groups(rows, _why):
        terminalreporter.write_line(f"{why} ({amounts})")
        terminalreporter.write_line(f"    {names}")


def _why(row: Judgement) -> str:
    return f"{row.reason}: {row.remedy}" if row.remedy else row.reason
