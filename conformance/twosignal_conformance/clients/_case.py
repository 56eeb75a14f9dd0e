"""What the rules look at: one scenario as it went, or a journal; and what a rule says of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from twosignal_contract import Contract

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._chains import Link
from twosignal_conformance.clients._scenario import Scenario, names_in

Json = Any


@dataclass(frozen=True)
class Case:
    """Everything that is known of what a client did."""

    law: Contract
    links: Sequence[Link]
    """All its requests, in the order of their arrival."""
    scenario: Scenario | None = None
    """None: nobody knows what it was asked to do."""
    done: bool = False
    """Whether the command came to its end."""
    results: Sequence[Json] | None = None
    """What it printed; None: nothing."""
    stored: Sequence[Json] = ()
    """Traces with their spans, as the server has them at the end."""

    @property
    def attempts(self) -> Iterator[Attempt]:
        """All requests."""
        return (link.attempt for link in self.links)

    def of(self, *operations: str) -> list[Link]:
        """The requests for some operations."""
        return [link for link in self.links if link.attempt.operation in operations]

    @cached_property
    def emitted(self) -> Counter[tuple[str, str]]:
        """("trace" or "span", name) of all that the client was asked to record."""
        return emitted(self.scenario)

    @property
    def skewed(self) -> bool:
        """Whether the server's clock is not the client's."""
        return self.scenario is not None and self.scenario.world.clock is not None

    def actions(self, name: str) -> list[Json]:
        """The actions of a name that the client was asked for."""
        return [] if self.scenario is None else [row for row in self.scenario.do if row["action"] == name]


def emitted(scenario: Scenario | None) -> Counter[tuple[str, str]]:
    """What a scenario asks a client to record."""
    rows = [] if scenario is None else [row for row in scenario.do if row["action"] == "emit"]
    return Counter(name for row in rows for name in names_in(row["traces"]))


@dataclass(frozen=True, slots=True)
class Saying:
    """Whether a clause held, and by which requests that is seen."""

    clause: str
    holds: bool
    expected: str
    actual: str
    links: Sequence[Link] = ()
    """The requests that show it, in the order of their arrival."""
    broken: Sequence[Link] = ()
    """Those of them that break it; the last one when none is named."""
    finding: bool = False
    """Whether it is odd only: it belongs to no clause, `expected` is its title."""


Look = Callable[[Case], Iterable[Saying]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A function that decides some clauses."""

    clauses: tuple[str, ...]
    look: Look


@dataclass
class Rules:
    """The rules of one module, by decorator: `@RULES.decide("client.area.rule", ...)`."""

    rows: list[Rule] = field(default_factory=list)

    def decide(self, *clauses: str) -> Callable[[Look], Look]:
        """The function below decides these clauses."""

        def keep(look: Look) -> Look:
            self.rows.append(Rule(clauses, look))
            return look

        return keep


def each(clause: str, expected: str, links: Iterable[Link], problem: Callable[[Link], str]) -> Iterator[Saying]:
    """A saying for each request that has a problem; if none has one, that the clause held, if there was any request."""
    last = None
    broken = False
    for link in links:
        last = link
        if text := problem(link):
            broken = True
            yield Saying(clause, False, expected, text, (link,))
    if last is not None and not broken:
        yield Saying(clause, True, expected, "so it is", (last,))
