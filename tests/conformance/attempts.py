"""Time lines and reports of clients for tests, made without a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twosignal_conformance.engine.api_client import Amount
from twosignal_conformance.engine.judgement import (
    Judgement,
    Outcome,
    Report,
    Row,
    ScenarioRun,
    Subject,
    Timeline,
    Verdict,
)
from twosignal_contract import About, Level

from tests.conformance.making import judged, report_of

POST = ("POST", "/api/v1/traces")
WAIT, AGAIN, NEVER = "client.retry.rate-limit-wait", "client.retry.server-error-again", "client.retry.never"

TOO_SOON = Timeline(
    "rate-limit-seconds",
    (
        Row(0.11, *POST, "3 events", "429, Retry-After: 2"),
        Row(0.62, *POST, "3 events", "201", wait_expected=2.0, wait_seen=0.5, clause=WAIT),
    ),
)
BACKED_OFF = Timeline(
    "server-error-twice",
    (
        Row(0.1, *POST, "3 events", "500"),
        Row(1.15, *POST, "3 events", "503, HTML", wait_expected=1.0, wait_seen=1.04),
        Row(3.2, *POST, "3 events", "cut", wait_expected=2.0, wait_seen=2.04, note="stored, the answer was lost"),
        Row(7.3, *POST, "3 events", "201", wait_expected=4.0, wait_seen=4.08),
    ),
)
FOREVER = Timeline(
    "server-error-persistent",
    tuple(
        Row(
            float(number),
            *POST,
            "3 events",
            "500",
            wait_expected=1.0 if number else None,
            wait_seen=1.0 if number else None,
            clause="client.retry.most" if number > 3 else "",
        )
        for number in range(40)
    ),
)
HOSTILE = Timeline(
    "refused-400", (Row(0.2, "GET", "/api/v1/traces?name=<script>alert(1)</script>", "<b>", '400, "quoted" & more'),)
)

RUNS = (
    ScenarioRun("clean", "events", "A clean run.", Outcome.DONE, 0.42, timelines=(BACKED_OFF,)),
    ScenarioRun("rate-limit-seconds", "events", "429.", Outcome.DONE, 0.9, timelines=(TOO_SOON, HOSTILE)),
    ScenarioRun(
        "paging", "list", "Pages.", Outcome.UNSUPPORTED, 0.1, "the command does not support list (exit code 64)"
    ),
    ScenarioRun("refused-400", "events", "400.", Outcome.FAILED, 0.2, "exit code 1", "Traceback <here>\nKeyError"),
    ScenarioRun("slow", "events", "Slow.", Outcome.TIMEOUT, 30.0, "still running after 30 s", timelines=(FOREVER,)),
)


def of_client(row: Judgement, timeline: Timeline | None = None) -> Judgement:
    """The same about a client, proved by attempts instead of an exchange."""
    records = tuple(replace(record, evidence=(), timeline=timeline) for record in row.records)
    return replace(row, clause=replace(row.clause, about=About.CLIENT), records=records)


def client_report(*rows: Judgement, **changes: Any) -> Report:
    """A report of a client."""
    made = report_of(*rows, subject=Subject.CLIENT, target="python my runner.py", profile="", ledger=None)
    made = replace(
        made, spent=Amount(42, 7, 9000, "trace"), budget=Amount(0, 0, 0, "trace"), dialects={}, scenarios=RUNS
    )
    return replace(made, **changes)


CLIENT = client_report(
    of_client(judged(WAIT, Verdict.FAIL), TOO_SOON),
    of_client(judged("client.retry.most", Verdict.FAIL), FOREVER),
    of_client(judged("client.request.camel-case", Verdict.FAIL, Level.SHOULD), HOSTILE),
    of_client(judged(AGAIN, Verdict.PASS), BACKED_OFF),
    of_client(judged("client.retry.network-errors", Verdict.OBSERVED, Level.MAY), BACKED_OFF),
    of_client(judged("client.paging.ends", Verdict.UNTESTED, remedy=None)),
    of_client(judged("client.cli.unreachable", Verdict.UNTESTED, untestable="not on the wire")),
)
