"""Makes the report of a run about a client."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from twosignal_contract import About, Clause, Contract, Level

from twosignal_conformance.engine.api_client import Amount
from twosignal_conformance.engine.judgement import (
    Known,
    Register,
    Report,
    ScenarioRun,
    State,
    Subject,
    Verdict,
    Wording,
    outdated,
    select,
    suite_version,
)

_NOTHING = Amount(0, 0, 0)


@dataclass
class Ballot:
    """What a run about a client judges, and since when."""

    law: Contract
    wording: Wording
    subject: Subject
    target: str
    """The command as it was typed, or the address of the mock whose journal is read."""
    seed: int
    run_id: str
    fail_on: Level
    only: tuple[str, ...] = ()
    known: Mapping[str, Known] = field(default_factory=dict)
    partial: bool = False
    """Whether only some scenarios are run: what is kept in them may be broken in others."""
    began: float = field(default_factory=time.monotonic)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))


def clauses_about_clients(law: Contract) -> dict[str, Clause]:
    """By id."""
    return {clause.id: clause for clause in law.clauses.values() if clause.about is About.CLIENT}


def register_for(ballot: Ballot) -> Register:
    """An empty register of the clauses about clients; SelectionError when --only names none of them."""
    clauses = clauses_about_clients(ballot.law)
    return Register(clauses, select(ballot.only, clauses))


def report_of(
    ballot: Ballot,
    register: Register,
    runs: Sequence[ScenarioRun],
    spent: Amount,
    *,
    state: State = State.COMPLETE,
    message: str = "",
) -> Report:
    """The report of a run that is over; `spent` is what the client sent, `message` why no mock could be had."""
    ended = f"the client was not judged: {message}" if message else ""
    law, judgements = ballot.law, register.judgements(ballot.known, ended)
    told = [row for row in judgements if not (ballot.partial and row.verdict is Verdict.PASS)]
    return Report(
        run_id=ballot.run_id,
        seed=ballot.seed,
        profile="",
        target=ballot.target,
        plan=None,
        now=ballot.started,
        read_only=False,
        allow_burst=False,
        fail_on=ballot.fail_on,
        only=ballot.only,
        suite=suite_version(),
        contract_version=law.version,
        contract_sha256=law.sha256,
        contract_path=law.path,
        sources=law.sources,
        started=ballot.started,
        seconds=time.monotonic() - ballot.began,
        spent=spent,
        budget=_NOTHING,
        ledger=None,
        dialects={},
        judgements=judgements,
        findings=tuple(register.findings),
        errors=tuple(register.errors),
        outdated=tuple(outdated(ballot.known, told, datetime.now(UTC).date())),
        state=state,
        message=message,
        wording=ballot.wording,
        subject=ballot.subject,
        scenarios=tuple(runs),
    )
