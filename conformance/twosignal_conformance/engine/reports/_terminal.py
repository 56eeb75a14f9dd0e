"""What a person reads before and after a run: what is judged; failures first, what is untested, and the verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.text import Text
from twosignal_contract import Level

from twosignal_conformance.engine.judgement import ExitCode, Judgement, Record, Report, Run, State, Verdict
from twosignal_conformance.engine.reports._timeline_text import timeline_text
from twosignal_conformance.engine.reports._wording import (
    alike,
    counted,
    document_of,
    errors,
    failures,
    repeat,
    sent,
    sources_of,
)
from twosignal_conformance.engine.texts import LONGEST, SHOWN, one_line

_LINES = 8
"""Lines that are shown of what a client printed when it failed."""

_MOST = 12
"""Clause ids that one line of untested ones names."""


def announce(console: Console, run: Run) -> None:
    """Before the first request: what is judged, how, and how much is sent at most."""
    settings = run.client.settings
    mode = f"profile {settings.profile}{', read-only' if settings.read_only else ''}"
    console.print(Text.assemble(("judging ", "dim"), (settings.url, "bold"), (f"  {mode}", "dim")))
    for line in heading(run):
        console.print(line, style="dim", markup=False)


def heading(run: Run) -> list[str]:
    """Of which run a report is, by which document, and what is sent at most."""
    client, settings = run.client, run.client.settings
    contract = client.contract
    lines = [
        f"run {settings.run_id}, seed {settings.seed}, contract {document_of(contract.path)} "
        f"{contract.version} {contract.sha256[:12]}",
        f"sends at most {client.budget.most}",
    ]
    if settings.ledger is not None:
        kept = "this API deletes nothing" if client.access.clean_up is None else "what can be deleted is, at the end"
        lines.append(f"{kept}; what is created is listed in {settings.ledger}")
    return lines


def announce_client(console: Console, command: str, *, scenarios: int, mock: str) -> None:
    """Before the first scenario: who is judged, and against which mock (its address, or that it is our own)."""
    console.print(Text.assemble(("judging ", "dim"), (command, "bold")))
    console.print(f"{scenarios} scenarios against {mock}; several run at once", style="dim", markup=False)


def conclude(console: Console, report: Report) -> None:
    """After the last request."""
    for row in report.of(Verdict.FAIL):
        _failure(console, report, row)
    for line in errors(report):
        console.print(Text.assemble(("error of the suite ", "magenta"), line))
    for line, rows in zip(failures(report), alike(report.failed_scenarios), strict=True):
        console.print(Text.assemble(("the client failed in ", "red"), line))
        for said in _first_lines(rows[0].output, line):
            console.print(Text.assemble(("  | ", "dim"), said))
    for line in report.outdated:
        console.print(Text.assemble(("known deviation out of date ", "red"), one_line(line, LONGEST)))
    for finding in report.findings:
        told = one_line(f"{finding.title}: {finding.detail}", LONGEST)
        console.print(Text.assemble(("finding ", "cyan"), told))
    _untested(console, report)
    _dialects(console, report)
    console.print(f"\n[dim]{counted(report)}; {sent(report)} in {report.seconds:.1f} s")
    console.print(Text(one_line(report.verdict, LONGEST), _colour(report)))


def _failure(console: Console, report: Report, row: Judgement) -> None:
    clause = row.clause
    word, style = (
        ("known   ", "dim") if row.known else ("VIOLATED", "bold red" if clause.level is Level.MUST else "yellow")
    )
    console.print()
    console.print(Text.assemble((word, style), f" {clause.level} ", (clause.id, "bold")))
    console.print(f"  {clause.says}", markup=False)
    source = f"{sources_of(report, clause)} ({document_of(report.contract_path)}:{clause.line})"
    console.print(f"  source    {source}", style="dim", markup=False)
    if row.known:
        console.print(f"  known     {one_line(row.known.reason)}", markup=False)
    for name, text in _lines(report, row.records[0]):
        console.print(Text.assemble((f"  {name:10}", "dim"), text))


def _lines(report: Report, record: Record) -> Iterator[tuple[str, str]]:
    yield "expected", one_line(record.expected, LONGEST)
    yield "actual", one_line(record.actual, LONGEST)
    if record.timeline is not None:
        for number, line in enumerate(timeline_text(record.timeline, record.clause).splitlines()):
            yield "" if number else "attempts", one_line(line)
    if again := repeat(report, record):
        yield "repeat", again
    yield "check", one_line(record.check)


def _first_lines(output: str, told: str) -> list[str]:
    """What the client printed when it failed, in short, beside what is told already."""
    lines = [one_line(line, SHOWN) for line in output.splitlines() if line.strip()]
    return [line for line in lines[:_LINES] if line not in told]


def _untested(console: Console, report: Report) -> None:
    rows = [row for row in report.of(Verdict.UNTESTED) if row.clause.untestable is None]
    never = report.summary[Verdict.UNTESTED] - len(rows)
    if not rows or (report.empty and report.state in (State.UNREACHABLE, State.INTERRUPTED)):
        # Where nothing was judged the last line says why; the same of hundreds of clauses would only hide it.
        return
    amount = f"{len(rows)} clause{'' if len(rows) == 1 else 's'}"
    console.print(Text.assemble("\n", ("untested", "bold"), f" {amount}; {never} more cannot be tested over this API"))
    for why, amounts, names in untested_groups(rows):
        console.print(Text.assemble(f"  {why} ", (f"({amounts})", "dim")))
        _paragraph(console, Text(names, "dim"), indent=4)


def _remedy(row: Judgement) -> str:
    return row.remedy or row.reason


def untested_groups(
    rows: Iterable[Judgement], why_of: Callable[[Judgement], str] = _remedy
) -> Iterator[tuple[str, str, str]]:
    """Why clauses are untested, or better what would make them testable; how many of each level; which."""
    ordered = sorted(rows, key=lambda row: (row.remedy is None, why_of(row)))
    for why, group in groupby(ordered, key=why_of):
        members = list(group)
        levels = Counter(row.clause.level for row in members)
        amounts = ", ".join(f"{levels[level]} {level}" for level in Level if levels[level])
        names = [row.clause.id for row in members]
        more = f" and {len(names) - _MOST} more" if len(names) > _MOST else ""
        yield one_line(why, LONGEST), amounts, f"{', '.join(names[:_MOST])}{more}"


def _dialects(console: Console, report: Report) -> None:
    if report.dialects:
        speaks = ", ".join(f"{name} {value}" for name, value in report.dialects.items())
        console.print()
        _paragraph(console, Text.assemble(("speaks", "bold"), f" {speaks}"))


def _paragraph(console: Console, text: Text, indent: int = 0) -> None:
    """A long text: between words on a terminal, and one line where a file is searched."""
    console.print(
        Padding(text, (0, 0, 0, indent)) if console.is_terminal else Text(" " * indent) + text,
        soft_wrap=not console.is_terminal,
    )


def _colour(report: Report) -> str:
    if report.exit_code is ExitCode.CONFORMS:
        return "bold yellow" if report.violated or report.open_musts else "bold green"
    return "bold red"
