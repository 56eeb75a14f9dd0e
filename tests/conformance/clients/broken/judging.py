"""Judges the clients of this folder, and adapters, in this process: the suite's core without its command line."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from twosignal_conformance.apis.rest.clients import CLIENTS
from twosignal_conformance.clients import ClientRun, Mocks, choose, clauses_about_clients, judge_command, register_of
from twosignal_conformance.engine.judgement import Report, ScenarioRun, Subject, Verdict
from twosignal_contract import Level, load_contract

CONTRACT = load_contract()
CLAUSES = clauses_about_clients(CONTRACT)


@dataclass
class _Seen:
    """Remembers how scenarios ended."""

    runs: list[ScenarioRun] = field(default_factory=list)

    def planned(self, count: int) -> None:
        """Shown nowhere."""

    def started(self, name: str) -> None:
        """Shown nowhere."""

    def ended(self, row: ScenarioRun) -> None:
        """One is done."""
        self.runs.append(row)


@contextmanager
def mocks() -> Iterator[Mocks]:
    """Mocks for any number of runs."""
    with Mocks(None, None, None, 0) as some:
        yield some


def judged(command: Sequence[str], names: Sequence[str], some: Mocks) -> Report:
    """What the suite says of a command that does these scenarios; all when none is named."""
    run = ClientRun(
        CLIENTS,
        CONTRACT,
        Subject.CLIENT,
        shlex.join(command),
        seed=0,
        run_id="run",
        fail_on=Level.SHOULD,
        register=register_of(CONTRACT),
    )
    seen = _Seen()
    judge_command(command, choose(names, run.scenarios), some, run, seen)
    return run.report(seen.runs)


def having(report: Report, *verdicts: Verdict) -> set[str]:
    """Ids of the clauses with one of these verdicts, but for those that cannot be tested."""
    return {row.clause.id for row in report.judgements if row.verdict in verdicts and row.clause.untestable is None}
