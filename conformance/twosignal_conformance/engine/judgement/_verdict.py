"""The words of the judgement: what a check records about a clause, and the verdict that follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from twosignal_contract import Clause, Level

from twosignal_conformance.engine.api_client import Evidence
from twosignal_conformance.engine.judgement._timeline import Timeline


class Verdict(StrEnum):
    """What became of a clause. A `may` is never failed, only observed."""

    PASS = "pass"  # noqa: S105 - no password
    FAIL = "fail"
    OBSERVED = "observed"
    UNTESTED = "untested"
    ERROR = "error"
    """An error of the suite, never the server's."""


@dataclass(frozen=True, slots=True)
class Record:
    """What one check recorded about one clause."""

    clause: str
    check: str
    verdict: Verdict
    expected: str = ""
    actual: str = ""
    reason: str = ""
    """Why it is untested, or what went wrong in the suite."""
    remedy: str | None = None
    """What would make it testable, such as "give --user"."""
    evidence: tuple[Evidence, ...] = ()
    timeline: Timeline | None = None
    """Of a client: the attempts that show it."""


@dataclass(frozen=True, slots=True)
class Known:
    """A deviation that the operator knows of: a line of the file of --known."""

    clause: str
    reason: str
    until: str | None
    """ISO date, the last day on which it is accepted."""
    line: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on one clause by all of its records."""

    clause: Clause
    verdict: Verdict
    reason: str
    """Of an untested clause or an error why, of an observed one what was seen."""
    remedy: str | None
    checks: tuple[str, ...]
    records: tuple[Record, ...]
    """The records that led to the verdict."""
    known: Known | None = None

    @property
    def violated(self) -> bool:
        """True when it counts against the server."""
        return self.verdict is Verdict.FAIL and self.known is None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something odd that belongs to no clause; never changes the exit code."""

    title: str
    detail: str
    check: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class SuiteError:
    """The suite's own error in a check."""

    check: str
    message: str


def failing_levels(fail_on: Level) -> frozenset[Level]:
    """The levels that make a run fail: that of --fail-on and those above it."""
    order = list(Level)
    return frozenset(order[: order.index(fail_on) + 1])


def verdict_of(clause: Clause, records: Sequence[Record]) -> Verdict:
    """The first that applies: fail if any failed, pass if any passed (of a `may`: observed), error, untested."""
    said = {record.verdict for record in records}
    for verdict in (Verdict.FAIL, Verdict.PASS, Verdict.OBSERVED, Verdict.ERROR):
        if verdict in said:
            return Verdict.OBSERVED if clause.level is Level.MAY and verdict is not Verdict.ERROR else verdict
    return Verdict.UNTESTED
