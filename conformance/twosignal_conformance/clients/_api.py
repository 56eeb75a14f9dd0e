"""What an API hands over so that its clients can be judged: scenarios, rules, and what only it knows of its requests.

The one file to read before adding the clients of an API. Nothing in this folder names anything of one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from twosignal_contract import Contract

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._chains import Link, Traits
from twosignal_conformance.clients._control import Control, Sandbox
from twosignal_conformance.clients._scenario import Scenario, Value
from twosignal_conformance.clients._schemas import Schemas
from twosignal_conformance.engine.judgement import Wording

Json = Any


@dataclass(frozen=True)
class Case:
    """Everything that is known of what a client did: what the rules look at."""

    contract: Contract
    schemas: Schemas
    links: Sequence[Link]
    """All its requests, in the order of their arrival."""
    scenario: Scenario | None = None
    """None when it is unknown what the client was asked to do."""
    done: bool = False
    """True when the command came to its end."""
    results: Sequence[Json] | None = None
    """What it printed; None when it printed nothing."""
    stored: Sequence[Json] = ()
    """What the server has at the end of what the client recorded."""
    sandbox: str = ""
    """Name of the sandbox, of a journal that is one of many."""
    expected: bool = False
    """True when errors that nothing was sent again after are what a test expects."""

    @property
    def attempts(self) -> Iterator[Attempt]:
        """All requests."""
        return (link.attempt for link in self.links)

    def of(self, *operations: str) -> list[Link]:
        """The requests for some operations."""
        return [link for link in self.links if link.attempt.operation in operations]

    @property
    def skewed(self) -> bool:
        """True when the server's clock differs from the client's."""
        return self.scenario is not None and self.scenario.setup.clock is not None

    def actions(self, name: str) -> list[Json]:
        """The actions of a name that the client was asked for."""
        return [] if self.scenario is None else [row for row in self.scenario.do if row["action"] == name]


@dataclass(frozen=True, slots=True)
class RuleResult:
    """Whether a clause held, and the requests that show it."""

    clause: str
    holds: bool
    expected: str
    actual: str
    links: Sequence[Link] = ()
    """The requests that show it, in the order of their arrival."""
    broken: Sequence[Link] = ()
    """Those of them that break it; the last one when none is named."""
    finding: bool = False
    """True for an oddity that breaks no clause; `expected` is then its title."""


Look = Callable[[Case], Iterable[RuleResult]]


@dataclass(frozen=True, slots=True)
class Rule:
    """A function that decides some clauses."""

    clauses: tuple[str, ...]
    look: Look


@dataclass
class RuleTable:
    """The rules of one module, which a decorator adds: `@RULES.covers("client.area.rule", ...)`."""

    rows: list[Rule] = field(default_factory=list)

    def covers(self, *clauses: str) -> Callable[[Look], Look]:
        """Adds the function below, which decides these clauses."""

        def keep(look: Look) -> Look:
            self.rows.append(Rule(clauses, look))
            return look

        return keep


def each(clause: str, expected: str, links: Iterable[Link], problem: Callable[[Link], str]) -> Iterator[RuleResult]:
    """A result for each request that has a problem; when none has one, that the clause held, if there is a request."""
    last = None
    broken = False
    for link in links:
        last = link
        if text := problem(link):
            broken = True
            yield RuleResult(clause, False, expected, text, (link,))
    if last is not None and not broken:
        yield RuleResult(clause, True, expected, "as expected", (last,))


class StoredState(Protocol):
    """What a sandbox holds before a scenario, and after it."""

    def store(self, control: Control, sandbox: Sandbox, state: Mapping[str, Json], contract: Contract) -> None:
        """Stores what `state` of a setup asks for. The journal is cleared afterwards."""

    def recorded(self, control: Control, sandbox: Sandbox, scenario: Scenario, contract: Contract) -> Sequence[Json]:
        """What is stored of what the client recorded; nothing when the scenario asked for none."""


@dataclass(frozen=True)
class ClientApi:
    """One API, as far as judging its clients needs it."""

    wording: Wording
    secret_names: Sequence[str]
    """Ends of the names of fields and parameters whose values are secret, in lower case."""
    scenarios: Path
    """The table of scenarios; its grammar is Scenario."""
    scenario_schema: Path
    """JSON Schema of what a command gets."""
    values: Mapping[str, Value]
    """Name to what makes the parts of a scenario that follow from the contract."""
    rules: Sequence[Rule]
    """In the order in which they are asked."""
    items: Callable[[Attempt, Collection[str]], Iterable[Traits]]
    """What tells each thing that a request carries, so that its retry is found; given `names` of the scenario."""
    names: Callable[[Scenario], Collection[str]]
    """Names that mark one item each, whatever id the client gives it."""
    noun: Callable[[Attempt], str]
    """What one item of a request is called."""
    created: Callable[[Attempt], int]
    """How many resources a request creates, for the summary of what was sent."""
    kind: str
    """What such a resource is called."""
    state: StoredState
    without_key: Sequence[str]
    """Clauses that requests without a known key can break."""
    needs_scenario: Collection[str]
    """Clauses for which one must know what the client was asked to do."""
    missing: Mapping[str, str]
    """Clause to what a client would have had to do for it to be decided, where that fits in a phrase."""

    @property
    def decided(self) -> tuple[str, ...]:
        """Ids of the clauses that some rule decides."""
        return tuple(dict.fromkeys(clause for rule in self.rules for clause in rule.clauses))
