"""A row of the tables: one server, broken in one way, and the clause that it breaks by that."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tests.conformance.apis.rest.broken.messages import CONTRACT, Behaviour


class Operator(StrEnum):
    """How a server was broken."""

    WEAKEN = "weaken"
    """It accepts what must be refused, or refuses what must be accepted."""
    CORRUPT = "corrupt"
    """What it answers differs from what was stored."""
    FORGET = "forget"
    """State or a header is missing."""
    DISORDER = "disorder"
    """Order, pages, races."""


@dataclass(frozen=True)
class Variant:
    """One broken server."""

    clause: str
    operator: Operator
    says: str
    """What it does wrong; unique among the rows of a clause."""
    behaviour: Behaviour
    plan: str | None = None
    """Of the sandbox behind it, when the clause is about a plan; else one that is fast enough to be of no matter."""
    limited: bool = False
    """True when the good server behind it limits as the plan says."""
    settle: float = 1.5
    """Seconds given to the server until what was written shows: it never needs any, unless it is broken so."""

    def __post_init__(self) -> None:
        if self.clause not in CONTRACT.clauses:
            raise KeyError(f"there is no clause {self.clause}")

    @property
    def bursts(self) -> bool:
        """True when its run sends bursts."""
        return self.clause.startswith("rate.")

    def __str__(self) -> str:
        return f"{self.clause}: {self.says}"


class Table:
    """Rows of an area, in the order in which they are added."""

    def __init__(self) -> None:
        self.rows: list[Variant] = []

    def weaken(self, clause: str, says: str, behaviour: Behaviour) -> None:
        """A server that accepts what must be refused, or refuses what must be accepted."""
        self._add(clause, Operator.WEAKEN, says, behaviour)

    def corrupt(self, clause: str, says: str, behaviour: Behaviour) -> None:
        """A server whose answer differs from what was stored."""
        self._add(clause, Operator.CORRUPT, says, behaviour)

    def forget(self, clause: str, says: str, behaviour: Behaviour) -> None:
        """A server that misses state or a header."""
        self._add(clause, Operator.FORGET, says, behaviour)

    def disorder(self, clause: str, says: str, behaviour: Behaviour) -> None:
        """A server that errs in order, pages or races."""
        self._add(clause, Operator.DISORDER, says, behaviour)

    def _add(self, clause: str, operator: Operator, says: str, behaviour: Behaviour) -> None:
        self.rows.append(Variant(clause, operator, says, behaviour))
