"""The whole result of a run, from which every report is made, with its one line and its exit code."""

from __future__ import annotations

import importlib.metadata
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from enum import IntEnum, StrEnum
from pathlib import Path

from twosignal_contract import Contract, Level, Source

from twosignal_conformance.engine.api_client import Amount
from twosignal_conformance.engine.judgement._named_clauses import outdated
from twosignal_conformance.engine.judgement._register import Register
from twosignal_conformance.engine.judgement._run import Run
from twosignal_conformance.engine.judgement._timeline import Outcome, ScenarioRun
from twosignal_conformance.engine.judgement._verdict import (
    Finding,
    Judgement,
    Known,
    SuiteError,
    Verdict,
    failing_levels,
)
from twosignal_conformance.engine.texts import LONGEST


class ExitCode(IntEnum):
    """How the command ends; README.md and --help say the same."""

    CONFORMS = 0
    VIOLATED = 1
    USAGE = 2
    INVALID_INPUT = 3
    UNREACHABLE = 4
    UNFINISHED = 5
    INTERRUPTED = 130


class Subject(StrEnum):
    """Who is judged."""

    SERVER = "server"
    CLIENT = "client"
    """A command that was given scenarios to do."""
    JOURNAL = "journal"
    """What some client did with a mock before."""


class State(StrEnum):
    """How far a run came."""

    COMPLETE = "complete"
    CUT = "cut"
    INTERRUPTED = "interrupted"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Wording:
    """What reports call the things of one API."""

    product: str
    """Whose API it is."""
    areas: Mapping[str, str]
    """The first word of clause ids to the title of their area, where the word itself is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """Who was judged, how, and how far that came."""

    run_id: str
    seed: int
    target: str
    fail_on: Level
    only: tuple[str, ...]
    now: datetime
    started: datetime
    seconds: float
    spent: Amount
    state: State
    message: str
    """Why the server, or the mock for a client, could not be reached; else empty."""
    wording: Wording
    subject: Subject = Subject.SERVER
    profile: str = ""
    plan: str | None = None
    read_only: bool = False
    allow_burst: bool = False
    budget: Amount = field(default_factory=lambda: Amount(0, 0, 0))
    """The most that was announced."""
    ledger: Path | None = None
    dialects: Mapping[str, str] = field(default_factory=dict)
    scenarios: tuple[ScenarioRun, ...] = ()
    """What a client was given to do, and how that went."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(RunFacts):
    """The whole result, free of secrets; what is shown of it is up to the reports."""

    suite: str
    """Version of the suite."""
    contract_version: str
    contract_sha256: str
    contract_path: Path
    sources: Mapping[str, Source]
    judgements: tuple[Judgement, ...]
    findings: tuple[Finding, ...]
    errors: tuple[SuiteError, ...]
    outdated: tuple[str, ...]
    """Lines of the file of known deviations that are no longer true."""

    @property
    def summary(self) -> dict[str, int]:
        """Verdict to number of clauses."""
        counts = Counter(row.verdict for row in self.judgements)
        return {verdict.value: counts[verdict] for verdict in Verdict}

    def of(self, verdict: Verdict) -> tuple[Judgement, ...]:
        """The clauses with a verdict, heavier levels first."""
        order = list(Level)
        rows = (row for row in self.judgements if row.verdict is verdict)
        return tuple(sorted(rows, key=lambda row: order.index(row.clause.level)))

    @property
    def violated(self) -> Counter[Level]:
        """Level to number of clauses that count against the server."""
        return Counter(row.clause.level for row in self.judgements if row.violated)

    @property
    def failing_levels(self) -> frozenset[Level]:
        """The levels whose violations fail the run."""
        return failing_levels(self.fail_on)

    @property
    def failed_scenarios(self) -> tuple[ScenarioRun, ...]:
        """The scenarios that the client did not bring to an end, but for those in which the suite had an error."""
        own = {row.check for row in self.errors}
        ends = (Outcome.FAILED, Outcome.TIMEOUT)
        return tuple(row for row in self.scenarios if row.outcome in ends and row.check not in own)

    @property
    def open_musts(self) -> int:
        """Clauses of level must that could have been tested and were not, or whose check broke."""
        return sum(
            row.clause.level is Level.MUST
            and row.clause.untestable is None
            and row.verdict in (Verdict.UNTESTED, Verdict.ERROR)
            for row in self.judgements
        )

    @property
    def verdict(self) -> str:
        """The result in one line."""
        return "; ".join(self._parts())

    @property
    def exit_code(self) -> ExitCode:
        """A violation is certain, whatever else went wrong, so it comes before all but an interruption."""
        if self.state is State.INTERRUPTED:
            return ExitCode.INTERRUPTED
        if self.outdated or any(self.violated[level] for level in self.failing_levels):
            return ExitCode.VIOLATED
        if self.state is State.UNREACHABLE:
            return ExitCode.UNREACHABLE
        if self.state is State.CUT or self.errors or self.empty or self.failed_scenarios:
            return ExitCode.UNFINISHED
        return ExitCode.CONFORMS

    @property
    def empty(self) -> bool:
        """True when nothing at all was decided, which is no success."""
        return not any(row.verdict in (Verdict.PASS, Verdict.FAIL, Verdict.OBSERVED) for row in self.judgements)

    def _parts(self) -> Iterator[str]:
        scope = f" among the {_count(len(self.judgements), 'clause')} of --only" if self.only else ""
        must, should = self.violated[Level.MUST], self.violated[Level.SHOULD]
        if self.state is State.UNREACHABLE:
            yield f"not judged: {self.message}"
        if must or should:
            yield f"{must} must and {should} should clauses violated{scope}"
        elif self.empty:
            yield "nothing was judged"
        elif self.open_musts:
            yield f"no violation found{scope}, {self.open_musts} must-clauses untested"
        else:
            yield f"conforms{scope}"
        yield from self._remarks()

    def _remarks(self) -> Iterator[str]:
        known = sum(row.verdict is Verdict.FAIL and row.known is not None for row in self.judgements)
        if known:
            yield _count(known, "known deviation")
        if self.outdated:
            yield f"{_count(len(self.outdated), 'known deviation')} out of date"
        if self.errors:
            yield f"{_count(len(self.errors), 'error')} of the suite"
        if self.state is State.CUT:
            yield "the run was cut by --max-time"
        if self.state is State.INTERRUPTED:
            yield "the run was interrupted"
        if self.failed_scenarios:
            yield f"the client failed in {_count(len(self.failed_scenarios), 'scenario')}"


def make_report(
    facts: RunFacts,
    register: Register,
    contract: Contract,
    known: Mapping[str, Known],
    *,
    ended: str = "",
    partial: bool = False,
    today: date | None = None,
) -> Report:
    """The report of a run that is over.

    `ended` says why it was over before its checks were collected. In a partial run, what was kept may be broken in the
    parts that were left out, so that makes no known deviation out of date. `today` is that of the clock by default.
    """
    judgements = register.judgements(known, ended)
    decided = [row for row in judgements if not (partial and row.verdict is Verdict.PASS)]
    return Report(
        **{row.name: getattr(facts, row.name) for row in fields(facts)},
        suite=_suite_version(),
        contract_version=contract.version,
        contract_sha256=contract.sha256,
        contract_path=contract.path,
        sources=contract.sources,
        judgements=judgements,
        findings=tuple(register.findings),
        errors=tuple(register.errors),
        outdated=tuple(outdated(known, decided, today or datetime.now(UTC).date())),
    )


def report_of_server(run: Run, began: float, wording: Wording, message: str = "") -> Report:
    """The report of a run about a server; it began at `began` of the monotonic clock, `message` says why it did not."""
    client, settings = run.client, run.client.settings
    gone = client.secrets.line(message or client.gone, LONGEST)
    state = State.COMPLETE
    if run.interrupted:
        state = State.INTERRUPTED
    elif gone:
        state = State.UNREACHABLE
    elif client.cut:
        state = State.CUT
    facts = RunFacts(
        run_id=settings.run_id,
        seed=settings.seed,
        target=settings.url,
        fail_on=run.fail_on,
        only=run.only,
        now=client.now,
        started=run.started,
        seconds=time.monotonic() - began,
        spent=client.budget.spent,
        state=state,
        message=gone,
        wording=wording,
        profile=settings.profile.value,
        plan=settings.plan,
        read_only=settings.read_only,
        allow_burst=settings.allow_burst,
        budget=client.budget.most,
        ledger=settings.ledger if run.opened else None,
        dialects=client.dialects.seen,
    )
    today = None if settings.now is None else settings.now.date()
    return make_report(facts, run.register, client.contract, run.known, ended=_ended(run, gone), today=today)


def _ended(run: Run, gone: str) -> str:
    """Why the run was over before a check began; empty when it was not."""
    why = gone or ("the run was interrupted" if run.interrupted else "")
    return f"the server was not judged: {why}" if why and not run.opened else ""


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _suite_version() -> str:
    """The version of the distribution; "source" when it runs without being installed."""
    try:
        return importlib.metadata.version("twosignal-contract")
    except importlib.metadata.PackageNotFoundError:
        return "source"
