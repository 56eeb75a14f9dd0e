"""Makes the report of a run about a client."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from twosignal_contract import About, Clause, Contract, Level

from twosignal_conformance.clients._scenario import check_of
from twosignal_conformance.engine.api_client import Amount
from twosignal_conformance.engine.judgement import (
    ExitCode,
    Known,
    Outcome,
    Register,
    Report,
    ScenarioRun,
    State,
    Subject,
    Verdict,
    outdated,
    select,
    suite_version,
)

_NOTHING = Amount(0, 0, 0)


@dataclass(frozen=True)
class ClientReport(Report):
    """The report of a client: that its command failed is its own doing, and no error of the suite."""

    @property
    def verdict(self) -> str:
        """The result in one line."""
        count = len(fallen(self))
        failed = [f"the client failed in {count} scenario{'' if count == 1 else 's'}"] if count else []
        return "; ".join([super().verdict, *failed])

    @property
    def exit_code(self) -> ExitCode:
        """As of any report; a run in which the client failed is not finished."""
        code = super().exit_code
        return ExitCode.UNFINISHED if code is ExitCode.CONFORMS and fallen(self) else code


def fallen(report: Report) -> tuple[ScenarioRun, ...]:
    """The scenarios that the client did not bring to an end, but for those that the suite itself had trouble with."""
    troubled = {trouble.check for trouble in report.errors}
    return tuple(
        row
        for row in report.scenarios
        if row.outcome in (Outcome.FAILED, Outcome.TIMEOUT) and check_of(row.name) not in troubled
    )


@dataclass
class Ballot:
    """What a run about a client judges, and since when."""

    law: Contract
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
) -> ClientReport:
    """The report of a run that is over; `spent` is what the client sent, `message` why no mock could be had."""
    ended = f"the client was not judged: {message}" if message else ""
    law, judgements = ballot.law, register.judgements(ballot.known, ended)
    told = [row for row in judgements if not (ballot.partial and row.verdict is Verdict.PASS)]
    return ClientReport(
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
        subject=ballot.subject,
        scenarios=tuple(runs),
    )
