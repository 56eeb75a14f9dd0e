"""One run: its API client, its records, and how it ended. The command and the pytest plugin share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Protocol

from twosignal_contract import About, Contract, Level

from twosignal_conformance.engine.api_client import (
    Access,
    ApiClient,
    CheckSkipped,
    Settings,
    look_for_earlier_run,
    reach,
)
from twosignal_conformance.engine.judgement._judge import Judge
from twosignal_conformance.engine.judgement._marks import Watcher
from twosignal_conformance.engine.judgement._named_clauses import select
from twosignal_conformance.engine.judgement._register import Register, clauses_about
from twosignal_conformance.engine.judgement._verdict import Known


class Progress(Protocol):
    """Shows the progress of a run."""

    def planned(self, checks: int, note: str = "") -> None:
        """The number of checks that will run, with a note when something about it is unusual."""

    def started(self, check: str) -> None:
        """This check runs now."""

    def ended(self, judge: Judge) -> None:
        """The check of this judge ended."""


@dataclass
class Run:
    """Made once for a run, from settings that were checked."""

    client: ApiClient
    register: Register
    fail_on: Level
    known: Mapping[str, Known]
    only: tuple[str, ...]
    progress: list[Progress] = field(default_factory=list)
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    interrupted: bool = False
    opened: bool = False
    _watching: list[Judge] = field(default_factory=list)
    _left_out: list[tuple[Judge, CheckSkipped]] = field(default_factory=list)

    def open(self) -> None:
        """Reach the server, then open the ledger; UnreachableError, RepeatedRunError or LedgerError."""
        if not self.client.settings.dry:
            self.client.sign_in()
            reach(self.client)
            look_for_earlier_run(self.client)
        self.client.open()
        self.opened = True

    def judge(self, check: str, clauses: Sequence[str]) -> Judge:
        """The judge of a check."""
        return Judge(check, clauses, self.register, self.client.secrets)

    def watch(self, watcher: Watcher) -> None:
        """Let a watcher see every exchange from now on."""
        judge = self.judge(watcher.name, watcher.clauses)
        self.register.cite(watcher.name, watcher.clauses)
        self._watching.append(judge)
        self.client.watchers.append(partial(watcher, judge=judge))

    def leave_out(self, judge: Judge, skipped: CheckSkipped) -> None:
        """Record at the end that a check does not run: what the other checks met comes first."""
        self._left_out.append((judge, skipped))

    def close(self) -> None:
        """End the run after the last check."""
        try:
            self.client.clean_up()
        except Exception as error:  # noqa: BLE001 - an error of the suite, which takes no report away
            self.register.error("clean-up", self.client.secrets.line(f"{type(error).__name__}: {error}"))
        for judge, skipped in self._left_out:
            judge.skip(skipped)
        nothing = CheckSkipped(
            "no response of this run could decide it",
            "run without --read-only" if self.client.settings.read_only else None,
        )
        for judge in self._watching:
            judge.skip(nothing)
        self._tell_passing_errors()
        self.client.close()

    def _tell_passing_errors(self) -> None:
        if passed := self.client.passed:
            told = ", ".join(dict.fromkeys(f"{row.status} for {row.method} {row.path}" for row in passed))
            title = "Requests met errors of the server that passed when they were sent again"
            self.judge("resending", ()).finding(title, told, evidence=passed)


def make_run(
    settings: Settings,
    contract: Contract,
    access: Access,
    *,
    only: Sequence[str] = (),
    known: Mapping[str, Known] | None = None,
    fail_on: Level = Level.MUST,
) -> Run:
    """A run that has sent nothing yet; SelectionError when --only names nothing."""
    clauses = clauses_about(contract, About.SERVER)
    register = Register(clauses, select(only, clauses))
    client = ApiClient(settings, contract, access)
    return Run(client, register, fail_on, known or {}, tuple(only))
