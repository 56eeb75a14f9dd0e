"""Clauses, records and reports for tests, made without a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from twosignal_conformance.engine.api_client import Amount, Evidence
from twosignal_conformance.engine.judgement import Judgement, Record, Report, State, Verdict, Wording
from twosignal_contract import About, Clause, Level, Source

WORDING = Wording("2Signal", {"cli": "command line", "retry": "retries"})

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)

EVIDENCE = Evidence(
    request="GET /api/v1/traces\nAuthorization: Bearer $TWOSIGNAL_API_KEY",
    response='500\n\n{"error": "<script>alert(1)</script> & \x00"}',
    curl='curl -i http://127.0.0.1:1/api/v1/traces -H "Authorization: Bearer $TWOSIGNAL_API_KEY"',
)


def clause_of(name: str, level: Level = Level.MUST, untestable: str | None = None) -> Clause:
    """A clause about servers."""
    return Clause(name, About.SERVER, level, ("overview",), f"{name} holds.", untestable, f"/x-clauses/{name}", 7, None)


def record(name: str, verdict: Verdict, **changes: Any) -> Record:
    """What a check said."""
    made = Record(name, "test_area::test_it", verdict, "status 400", "status 201", "because", evidence=(EVIDENCE,))
    return replace(made, **changes)


def judged(
    name: str, verdict: Verdict, level: Level = Level.MUST, *, untestable: str | None = None, remedy: str | None = None
) -> Judgement:
    """A clause with its verdict, and one record that made it."""
    records = () if verdict is Verdict.UNTESTED else (record(name, verdict),)
    clause = clause_of(name, level, untestable)
    return Judgement(clause, verdict, "because", remedy, ("test_area::test_it",), records)


def report_of(*rows: Judgement, **changes: Any) -> Report:
    """A report of these clauses."""
    made = Report(
        run_id="4f1c09aa",
        seed=7,
        profile="standard",
        target="http://127.0.0.1:1",
        plan=None,
        now=NOON,
        read_only=False,
        allow_burst=False,
        fail_on=Level.MUST,
        only=(),
        suite="0.1.0",
        contract_version="0.1.0",
        contract_sha256="0" * 64,
        contract_path=Path("openapi.yaml"),
        sources={"overview": Source("overview", "REST overview <&>", "documentation", 1, "000")},
        started=NOON,
        seconds=1.5,
        spent=Amount(10, 2, 300, "trace"),
        budget=Amount(100, 20, 3000, "trace"),
        ledger=Path("ledger.jsonl"),
        dialects={"otlp-status": "200"},
        judgements=rows,
        findings=(),
        errors=(),
        outdated=(),
        state=State.COMPLETE,
        message="",
        wording=WORDING,
    )
    return replace(made, **changes)
