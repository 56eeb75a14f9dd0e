"""How a judged check ends where pytest itself is the reader: failed, skipped or passed, with what to repeat."""

from __future__ import annotations

import pytest
from twosignal_contract import Level

from twosignal_conformance.engine.judgement._judge import Judge
from twosignal_conformance.engine.judgement._run import Run
from twosignal_conformance.engine.judgement._verdict import Record


def end_as_test(run: Run, own: Judge) -> None:
    """Fail or skip the test as a pytest user expects it."""
    levels = {Level.MUST} if run.fail_on is Level.MUST else {Level.MUST, Level.SHOULD}
    bad = [
        record
        for record in own.violations
        if run.register.clause(record.clause).level in levels and record.clause not in run.known
    ]
    if bad:
        pytest.fail("\n\n".join(_violation(run, record) for record in bad), pytrace=False)
    if own.clauses and not own.decided:
        pytest.skip("; ".join(dict.fromkeys(record.reason for record in own.undecided)) or "nothing was decided")


def _violation(run: Run, record: Record) -> str:
    clause = run.register.clause(record.clause)
    lines = [
        f"{clause.id} ({clause.level}): {' '.join(clause.says.split())}",
        f"  expected: {record.expected}",
        f"  actual:   {record.actual}",
        *(f"  repeat:   {evidence.curl}" for evidence in record.evidence),
        f"  source:   {', '.join(clause.sources)}; openapi.yaml:{clause.line}; seed {run.client.settings.seed}",
    ]
    return "\n".join(lines)
