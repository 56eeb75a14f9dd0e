"""What a person sees: which check runs, then failures first, what is untested, and one line. Plain lines when piped."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text
from twosignal_contract import Level

from twosignal_conformance.engine.judgement import ExitCode, Judge, Judgement, Record, Report, Run, State, Verdict
from twosignal_conformance.engine.reports._timeline import timeline_text
from twosignal_conformance.engine.reports._words import failures, repeat, sent

_MOST = 12
"""Clause ids that one line of untested ones names."""


class TerminalProgress:
    """Live on a terminal; elsewhere a line for each check."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Progress | None = None
        self._task = TaskID(0)
        self._broken = 0
        self._began = 0.0

    def planned(self, checks: int, note: str = "") -> None:
        """See Progress."""
        if note:
            self._console.print(note, style="dim", markup=False)
        if self._console.is_terminal:
            columns = (
                SpinnerColumn(),
                BarColumn(bar_width=18),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[broken]}", style="red"),
                TextColumn("{task.description}", markup=False),
            )
            self._live = Progress(*columns, console=self._console, transient=True)
            self._task = self._live.add_task("", total=checks, broken="")
            self._live.start()

    def started(self, check: str) -> None:
        """See Progress."""
        self._began = time.monotonic()
        if self._live is not None:
            self._live.update(self._task, description=_sentence(check))

    def ended(self, judge: Judge) -> None:
        """See Progress."""
        self._broken += len({record.clause for record in judge.violations})
        if self._live is not None:
            self._live.update(self._task, advance=1, broken=f"{self._broken} violated" if self._broken else "")
        else:
            self._console.print(f"{_word(judge):9}{judge.name}  {time.monotonic() - self._began:.2f} s", markup=False)

    def close(self) -> None:
        """Take the live line away."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def announce(console: Console, run: Run) -> None:
    """Before the first request: what is judged, how, and how much is sent at most."""
    client, settings = run.client, run.client.settings
    law = client.contract
    mode = f"profile {settings.profile}{', read-only' if settings.read_only else ''}"
    console.print(Text.assemble(("judging ", "dim"), (settings.url, "bold"), (f"  {mode}", "dim")))
    lines = [
        f"run {settings.run_id}, seed {settings.seed}, contract {law.version} {law.sha256[:12]}",
        f"sends at most {client.budget.most}",
    ]
    if settings.ledger is not None:
        lines.append(f"this API deletes nothing; what is created is listed in {settings.ledger}")
    for line in lines:
        console.print(line, style="dim", markup=False)


def conclude(console: Console, report: Report) -> None:
    """After the last request."""
    for row in report.of(Verdict.FAIL):
        _failure(console, report, row)
    for trouble in report.errors:
        console.print(Text.assemble(("error of the suite ", "magenta"), f"{trouble.check}: {trouble.message}"))
    for line in failures(report):
        console.print(Text.assemble(("the client failed in ", "red"), line))
    for line in report.outdated:
        console.print(Text.assemble(("known deviation out of date ", "red"), line))
    for finding in report.findings:
        console.print(Text.assemble(("finding ", "cyan"), f"{finding.title}: {finding.detail}"))
    _untested(console, report)
    _dialects(console, report)
    counts = ", ".join(f"{count} {name}" for name, count in report.summary.items())
    console.print(f"\n[dim]{counts}; {sent(report)} in {report.seconds:.1f} s")
    console.print(Text(report.verdict, _colour(report)))


def _failure(console: Console, report: Report, row: Judgement) -> None:
    clause = row.clause
    word, style = (
        ("known   ", "dim") if row.known else ("VIOLATED", "bold red" if clause.level is Level.MUST else "yellow")
    )
    console.print()
    console.print(Text.assemble((word, style), f" {clause.level} ", (clause.id, "bold")))
    console.print(f"  {' '.join(clause.says.split())}", markup=False)
    sources = "; ".join(report.sources[tag].title for tag in clause.sources)
    console.print(f"  source    {sources} ({report.contract_path.name}:{clause.line})", style="dim", markup=False)
    if row.known:
        console.print(f"  known     {row.known.reason}", markup=False)
    for name, text in _lines(report, row.records[0]):
        console.print(Text.assemble((f"  {name:10}", "dim"), text))


def _lines(report: Report, record: Record) -> Iterator[tuple[str, str]]:
    yield "expected", record.expected
    yield "actual", record.actual
    if record.timeline is not None:
        for number, line in enumerate(timeline_text(record.timeline, record.clause).splitlines()):
            yield "" if number else "attempts", line
    if again := repeat(report, record):
        yield "repeat", again
    yield "check", record.check


def _untested(console: Console, report: Report) -> None:
    rows = [row for row in report.of(Verdict.UNTESTED) if row.clause.untestable is None]
    never = report.summary[Verdict.UNTESTED] - len(rows)
    if not rows or (report.empty and report.state in (State.UNREACHABLE, State.INTERRUPTED)):
        # Where nothing was judged the one line below says why; the same of hundreds of clauses would only hide it.
        return
    amount = f"{len(rows)} clause{'' if len(rows) == 1 else 's'}"
    console.print(Text.assemble("\n", ("untested", "bold"), f" {amount}; {never} more cannot be tested over this API"))
    rows.sort(key=lambda row: (row.remedy is None, row.remedy or row.reason))
    for why, group in groupby(rows, key=lambda row: row.remedy or row.reason):
        members = list(group)
        levels = Counter(row.clause.level for row in members)
        amounts = ", ".join(f"{levels[level]} {level}" for level in Level if levels[level])
        names = [row.clause.id for row in members]
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        console.print(Text.assemble(f"  {why} ", (f"({amounts})", "dim")))
        _paragraph(console, Text(f"{', '.join(names[:_MOST])}{more}", "dim"), indent=4)


def _dialects(console: Console, report: Report) -> None:
    if report.dialects:
        speaks = ", ".join(f"{name} {value}" for name, value in report.dialects.items())
        console.print()
        _paragraph(console, Text.assemble(("speaks", "bold"), f" {speaks}"))


def _paragraph(console: Console, text: Text, indent: int = 0) -> None:
    """A long text: between words on a terminal, and one line for whoever searches a file."""
    console.print(
        Padding(text, (0, 0, 0, indent)) if console.is_terminal else Text(" " * indent) + text,
        soft_wrap=not console.is_terminal,
    )


def _word(judge: Judge) -> str:
    """What became of a check, in one word."""
    states = (("error", judge.crashed), ("violated", judge.violations), ("done", judge.decided or not judge.clauses))
    return next((word for word, holds in states if holds), "untested")


def _colour(report: Report) -> str:
    if report.exit_code is ExitCode.CONFORMS:
        return "bold yellow" if report.violated or report.open_musts else "bold green"
    return "bold red"


def _sentence(check: str) -> str:
    """A check's name as the sentence it is."""
    name = check.partition("::")[2].removeprefix("test_")
    return name.replace("_", " ")
