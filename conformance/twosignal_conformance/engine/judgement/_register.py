"""Everything that was recorded during a run, by clause; safe to use from several threads."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from twosignal_contract import About, Clause, Contract

from twosignal_conformance.engine.judgement._verdict import (
    Finding,
    Judgement,
    Known,
    Record,
    SuiteError,
    Verdict,
    verdict_of,
)

KEPT = 5
"""The most records that are kept of a clause for each verdict: a watcher records the same of every response."""

_UNCITED = Record(clause="", check="", verdict=Verdict.UNTESTED, reason="no check covers it")
_SILENT = Record(clause="", check="", verdict=Verdict.UNTESTED, reason="its check did not run")


def clauses_about(contract: Contract, about: About) -> dict[str, Clause]:
    """The clauses that bind servers, or clients, by id and in the order of the document."""
    return {clause.id: clause for clause in contract.clauses.values() if clause.about is about}


class Register:
    """The records of a run, and what they make of each clause."""

    def __init__(self, clauses: Mapping[str, Clause], selected: Collection[str] | None = None) -> None:
        self.clauses = clauses
        """Every clause that binds the judged."""
        self.selected = frozenset(clauses if selected is None else selected)
        """The clauses that this run judges."""
        self.findings: list[Finding] = []
        self.errors: list[SuiteError] = []
        self._lock = threading.Lock()
        self._records: dict[str, list[Record]] = {}
        self._counts: dict[tuple[str, Verdict], int] = {}
        self._checks: dict[str, list[str]] = {}

    def clause(self, clause_id: str) -> Clause:
        """A clause that binds the judged, selected or not; KeyError for another one."""
        return self.clauses[clause_id]

    def cite(self, check: str, clauses: Iterable[str]) -> None:
        """Record that a check covers these clauses, even if it does not reach them."""
        for clause in clauses:
            self._checks.setdefault(clause, []).append(check)

    def add(self, record: Record) -> None:
        """Add a record, unless its clause is not selected in this run."""
        if record.clause not in self.selected:
            return
        with self._lock:
            count = self._counts.get((record.clause, record.verdict), 0)
            self._counts[record.clause, record.verdict] = count + 1
            if count < KEPT:
                self._records.setdefault(record.clause, []).append(record)

    def find(self, finding: Finding) -> None:
        """Add a finding; the same title of the same check counts once."""
        with self._lock:
            if all((known.title, known.check) != (finding.title, finding.check) for known in self.findings):
                self.findings.append(finding)

    def error(self, check: str, message: str) -> None:
        """Add an error of the suite."""
        with self._lock:
            self.errors.append(SuiteError(check, message))

    def verdict(self, clause_id: str) -> Verdict:
        """The verdict on a clause by the records so far."""
        return verdict_of(self.clauses[clause_id], self._records.get(clause_id, ()))

    def judgements(self, known: Mapping[str, Known], ended: str = "") -> tuple[Judgement, ...]:
        """Every clause of the run with its verdict, in the order of the document.

        `ended` says why the run was over before its checks were collected; then nobody knows what they cover.
        """
        return tuple(
            self._judgement(clause, known.get(clause.id), ended)
            for clause in self.clauses.values()
            if clause.id in self.selected
        )

    def _judgement(self, clause: Clause, known: Known | None, ended: str) -> Judgement:
        records = self._records.get(clause.id, [])
        verdict = verdict_of(clause, records)
        wanted = {Verdict.OBSERVED, Verdict.PASS, Verdict.FAIL} if verdict is Verdict.OBSERVED else {verdict}
        telling = tuple(record for record in records if record.verdict in wanted)
        cited = tuple(dict.fromkeys(self._checks.get(clause.id, ())))
        silent = _SILENT if cited else _UNCITED
        first = _most_helpful(telling) or (replace(silent, reason=ended) if ended else silent)
        reason = first.reason
        if verdict is Verdict.UNTESTED and clause.untestable is not None:
            reason = f"cannot be tested: {clause.untestable}"
        return Judgement(
            clause=clause,
            verdict=verdict,
            reason=reason,
            remedy=first.remedy,
            checks=cited,
            records=telling,
            known=known,
        )


def _most_helpful(records: Sequence[Record]) -> Record | None:
    """The first record with a remedy, else the first one; None when there is none."""
    return next((record for record in records if record.remedy), next(iter(records), None))
