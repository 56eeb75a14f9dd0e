"""The judge of one check: it records what the check finds about its clauses."""

from __future__ import annotations

from collections.abc import Sequence

from twosignal_contract import Clause, Level

from twosignal_conformance.engine.api_client import CheckSkipped, Evidence, Exchange, Secrets, evidence_of
from twosignal_conformance.engine.judgement._register import Register
from twosignal_conformance.engine.judgement._timeline import Timeline
from twosignal_conformance.engine.judgement._verdict import Finding, Record, Verdict
from twosignal_conformance.engine.texts import LONGEST

MOST_EVIDENCE = 5
"""Exchanges that prove one failure."""

MOST_SAID = 200
"""The most records that a judge keeps: the judge of a watcher lives as long as the run."""

Seen = Exchange | Sequence[Exchange]


class UnmetPrecondition(CheckSkipped):
    """A precondition of the check is not met; another check judges it."""


class NotTheirClauseError(Exception):
    """A check judged a clause that its marker does not name, or whose level forbids it: an error of the suite."""


class Judge:
    """Records what one check finds. Nothing here raises because the server is wrong."""

    def __init__(self, name: str, clauses: Sequence[str], register: Register, secrets: Secrets) -> None:
        self.name = name
        self.clauses = tuple(clauses)
        self._register = register
        self._secrets = secrets
        self._decided: set[str] = set()
        self._said: list[Record] = []
        self.crashed = False
        """True when the check itself failed with an exception."""

    def check(
        self,
        clause: str,
        holds: bool,
        *,
        expected: str,
        actual: object,
        evidence: Seen = (),
        timeline: Timeline | None = None,
    ) -> bool:
        """True when the clause held. This is recorded as pass or fail, for a `may` as observed.

        `expected` is a phrase ("status 400"), `actual` is what came instead. The exchanges are the evidence; of a
        client its attempts are.
        """
        row = self._own(clause)
        if row.level is Level.MAY:
            text = f"{expected}: {'yes' if holds else f'no, {actual!r}'}"
            return self._observe(clause, holds, text, evidence, timeline)
        proof = self._proof(evidence, holds)
        verdict = Verdict.PASS if holds else Verdict.FAIL
        self._say(clause, verdict, expected, self._text(actual), evidence=proof, timeline=timeline)
        return holds

    def observe(self, clause: str, value: object, *, evidence: Seen = ()) -> None:
        """Record what the server does where no source says what it should: only for `may`."""
        if self._own(clause).level is not Level.MAY:
            raise NotTheirClauseError(f"{self.name} observes {clause}, which is no `may`: use judge.check")
        self._observe(clause, True, str(value), evidence)

    def untested(self, clause: str, reason: str, *, remedy: str | None = None) -> None:
        """Record why a clause could not be judged; nothing when it was judged already."""
        self._own(clause)
        if clause not in self._decided:
            self._say(clause, Verdict.UNTESTED, reason=reason, remedy=remedy)

    def require(self, met: object, reason: str) -> None:
        """End the check unless a precondition is met (true, not empty, not MISSING): the rest is untested."""
        if not met:
            raise UnmetPrecondition(reason)

    def finding(self, title: str, detail: str, *, evidence: Seen = ()) -> None:
        """Record something odd that belongs to no clause."""
        self._register.find(
            Finding(self._shown(title), self._secrets.line(detail, LONGEST), self.name, self._proof(evidence, False))
        )

    # --- for the frame ---

    def skip(self, skipped: CheckSkipped) -> None:
        """The check ended early: its other clauses are untested."""
        self._rest(Verdict.UNTESTED, skipped.reason, skipped.remedy)

    def crash(self, message: str) -> None:
        """The check failed with an exception: its other clauses are errors of the suite."""
        self.crashed = True
        self._register.error(self.name, self._secrets.line(message, LONGEST))
        self._rest(Verdict.ERROR, message)

    def finish(self) -> None:
        """The check ended normally."""
        self._rest(Verdict.UNTESTED, "the check did not come to it")

    @property
    def violations(self) -> tuple[Record, ...]:
        """The failures that this check recorded, for clauses that the run judges."""
        selected = self._register.selected
        return tuple(record for record in self._said if record.verdict is Verdict.FAIL and record.clause in selected)

    @property
    def undecided(self) -> tuple[Record, ...]:
        """What this check left untested."""
        return tuple(record for record in self._said if record.verdict is Verdict.UNTESTED)

    @property
    def decided(self) -> bool:
        """True when this check judged any clause."""
        return any(record.verdict in (Verdict.PASS, Verdict.FAIL, Verdict.OBSERVED) for record in self._said)

    def _say(
        self,
        clause: str,
        verdict: Verdict,
        expected: str = "",
        actual: str = "",
        reason: str = "",
        remedy: str | None = None,
        evidence: tuple[Evidence, ...] = (),
        timeline: Timeline | None = None,
    ) -> None:
        self._decided.add(clause)
        record = Record(
            clause,
            self.name,
            verdict,
            self._shown(expected),
            self._shown(actual),
            self._shown(reason),
            remedy,
            evidence,
            None if timeline is None else timeline.hidden(self._secrets.line),
        )
        if len(self._said) < MOST_SAID:
            self._said.append(record)
        self._register.add(record)

    def _rest(self, verdict: Verdict, reason: str, remedy: str | None = None) -> None:
        for clause in self.clauses:
            if clause not in self._decided:
                self._say(clause, verdict, reason=reason, remedy=remedy)

    def _own(self, clause: str) -> Clause:
        if clause not in self.clauses:
            raise NotTheirClauseError(f"{self.name} speaks of {clause}, which its marker does not name")
        return self._register.clause(clause)

    def _proof(self, evidence: Seen, holds: bool) -> tuple[Evidence, ...]:
        """The exchanges as they may be shown; the last one alone when the clause held."""
        exchanges = (evidence,) if isinstance(evidence, Exchange) else tuple(evidence)
        kept = exchanges[-1:] if holds else exchanges[:MOST_EVIDENCE]
        return tuple(evidence_of(exchange, self._secrets) for exchange in kept)

    def _observe(self, clause: str, holds: bool, text: str, evidence: Seen, timeline: Timeline | None = None) -> bool:
        proof = self._proof(evidence, holds)
        self._say(clause, Verdict.OBSERVED, actual=text, reason=self._shown(text), evidence=proof, timeline=timeline)
        return holds

    def _text(self, actual: object) -> str:
        return actual if isinstance(actual, str) else repr(actual)

    def _shown(self, text: str) -> str:
        return self._secrets.line(text)
