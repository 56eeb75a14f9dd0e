"""One example of the machine: a project, who belongs to its organization as what, and what stands in it.

Every step moves the model first and then asks the server, so that the model goes the same way whatever is answered.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from twosignal_conformance.apis.dashboard.checks import Desk, people, procedures, rest, roles
from twosignal_conformance.apis.dashboard.checks.data import Json, TestData
from twosignal_conformance.apis.dashboard.checks.desk import DATASETS, EVALUATORS, KEYS, Kind
from twosignal_conformance.apis.dashboard.checks.people import Person
from twosignal_conformance.apis.dashboard.options import OTHER_USER
from twosignal_conformance.engine.api_client import Exchange, Profile, member

KINDS: tuple[Kind, ...] = (DATASETS, EVALUATORS, KEYS)
AREAS = {DATASETS.name: "datasets", EVALUATORS.name: "evaluators", KEYS.name: "keys"}
MOST_THINGS = 4


@dataclass(frozen=True, slots=True)
class Effort:
    """How much one profile does."""

    examples: int
    steps: int
    requests: int
    seconds: float
    """After requests or seconds nothing more is sent; only a slow server comes to that."""


EFFORTS = {
    Profile.STANDARD: Effort(5, 8, 1_000, 60.0),
    Profile.THOROUGH: Effort(40, 25, 6_000, 300.0),
}


class ViolationError(Exception):
    """Tells Hypothesis that this sequence of steps breaks something."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A clause that was seen broken, and what shows it."""

    clause: str
    expected: str
    actual: str
    steps: tuple[str, ...]
    evidence: tuple[Exchange, ...]


@dataclass
class Session:
    """What all examples of a run share."""

    desk: Desk
    effort: Effort
    began: float = field(default_factory=time.monotonic)
    start: int = 0
    """Requests of the run before the first example."""
    examples: int = 0
    held: set[str] = field(default_factory=set)
    violations: dict[str, Violation] = field(default_factory=dict)
    stopped: Exception | None = None
    """What ended the run: a reason to skip, or an error of the suite."""

    @property
    def idle(self) -> bool:
        """True when nothing may be sent any more; rules then only move the model."""
        spent = self.desk.client.budget.spent.requests - self.start
        late = time.monotonic() - self.began > self.effort.seconds
        return self.stopped is not None or late or spent > self.effort.requests

    def tell(self) -> None:
        """Hand everything to the judge; then raise what stopped the run."""
        for row in self.violations.values():
            actual = f"{row.actual} after: {'; '.join(row.steps)}"
            self.desk.check(row.clause, False, row.expected, actual, row.evidence)
        for clause in sorted(self.held - self.violations.keys()):
            self.desk.check(clause, True, "the same as the model says", "the same", ())
        if self.stopped is not None:
            raise self.stopped


@dataclass
class Thing:
    """Something in the project, as the model knows it."""

    kind: Kind
    name: str
    there: bool = True
    enabled: bool = True
    id: str = ""
    """The server's; empty while nothing was sent."""
    secret: str = ""
    """Of a key: the whole of it."""


@dataclass
class World:
    """One example; its project is deleted with the run."""

    session: Session
    data: TestData = field(init=False)
    project: str = ""
    role: str | None = None
    """Of the other person."""
    things: list[Thing] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    evidence: list[Exchange] = field(default_factory=list)
    refused_only: bool = True
    """True when since the last look nothing but refused calls was sent."""

    def __post_init__(self) -> None:
        self.session.examples += 1
        client = self.session.desk.client
        self.data = TestData(client, f"model {self.session.examples}")
        self.desk = Desk(client, self.session.desk.judge, self.data)
        self.other: Person | None = None
        with self.step("a project") as on:
            if on:
                self.other = people.other(client) if client.has(OTHER_USER.flag) else None
                self.project = self.desk.project("modelled")
                if self.other is not None:
                    roles.leave(self.desk, self.desk.stage.organization, self.other)

    @contextmanager
    def step(self, text: str) -> Iterator[bool]:
        """True when requests may be sent; what then ends the run is kept, and Hypothesis never sees it."""
        self.told.append(text)
        if self.session.idle:
            yield False
            return
        try:
            yield True
        except ViolationError:
            raise
        except Exception as error:  # noqa: BLE001 - re-raised by Session.tell; Hypothesis would send it all again
            self.session.stopped = error

    def look(self, clause: str, holds: bool, expected: str, actual: object, *exchanges: Exchange) -> None:
        """Take down what holds; raise ViolationError for what does not."""
        if self.desk.client.settings.dry:
            return
        if holds:
            self.session.held.add(clause)
            return
        found = Violation(clause, expected, str(actual), tuple(self.told), (*self.evidence[-3:], *exchanges))
        before = self.session.violations.get(clause)
        if before is None or len(found.steps) < len(before.steps):
            self.session.violations[clause] = found
        raise ViolationError(clause)

    # --- who may what ---

    def may(self, by_other: bool, procedure: str) -> bool:
        """True when the model lets somebody call a procedure."""
        if not by_other:
            return True
        return self.role is not None and roles.may(self.desk.client, self.role, procedure)

    def judge_call(self, by_other: bool, procedure: str, exchange: Exchange, *, names_project: bool) -> bool:
        """Judge whether somebody was let; True when the call was carried out."""
        self.evidence.append(exchange)
        allowed = self.may(by_other, procedure)
        clause = self._clause(by_other, procedure, names_project=names_project)
        if clause is not None:
            expected = f"{procedure} is {'carried out' if allowed else 'refused'} for {self.role or 'nobody'}"
            holds = exchange.ok if allowed else procedures.is_refusal(exchange)
            self.look(clause, holds, expected, f"status {exchange.status}", exchange)
        self.refused_only = self.refused_only and not exchange.ok
        return exchange.ok

    def _clause(self, by_other: bool, procedure: str, *, names_project: bool) -> str | None:
        """The clause that a wrong decision breaks; None where no clause speaks of it."""
        if not by_other:
            return None
        client, reading = self.desk.client, self.desk.client.contract.operation(procedure).method == "GET"
        if self.role is None:
            return "projects.access.foreign" if names_project else "projects.access.things"
        if self.role == roles.role_with(client, "view"):
            return "roles.viewer.view" if reading else "roles.viewer.no-edit"
        if self.role == roles.role_with(client, "view", "edit") and not reading:
            return "roles.member.edit"
        return None

    # --- steps ---

    def set_role(self, role: str | None) -> None:
        """The owner makes the other person something else, or nothing."""
        self.role = role
        with self.step(f"the other person is {role or 'no member'}") as on:
            if not on or self.other is None:
                return
            organization = self.desk.stage.organization
            if role is not None:
                roles.as_role(self.desk, self.other, role)
                return
            exchange = roles.leave(self.desk, organization, self.other)
            if exchange is not None:
                self.evidence.append(exchange)
                self.desk.settle(self._is_out, lambda out: out)

    def _is_out(self) -> bool:
        given = {"organizationId": self.desk.stage.organization}
        return not self.desk.call("project.list", given, who=self.other).ok

    def create(self, by_other: bool, kind: Kind) -> None:
        """Somebody makes something."""
        thing = Thing(kind, self.data.name(kind.name))
        allowed = self.may(by_other, kind.create)
        if allowed:
            self.things.append(thing)
        with self.step(f"{self._who(by_other)} calls {kind.create}") as on:
            if not on:
                return
            given: Json = {"projectId": self.project, "name": thing.name}
            if kind is EVALUATORS:
                given |= {"type": "CUSTOM"}
            exchange = self.desk.call(kind.create, given, who=self._caller(by_other))
            if self.judge_call(by_other, kind.create, exchange, names_project=True):
                thing.id = str(member(procedures.result(exchange), "id"))
                thing.secret = str(member(procedures.result(exchange), "key") or "")

    def change(self, by_other: bool, index: int, *, ends: bool) -> None:
        """Somebody ends a thing, renames it or switches it."""
        alive = [thing for thing in self.things if thing.there]
        thing = alive[index % len(alive)]
        procedure, given = self._change_of(thing, ends=ends)
        if self.may(by_other, procedure):
            self._changed(thing, given, ends=ends or thing.kind is KEYS)
        with self.step(f"{self._who(by_other)} calls {procedure}") as on:
            if on and thing.id:
                exchange = self.desk.call(procedure, {"id": thing.id, **given}, who=self._caller(by_other))
                self.judge_call(by_other, procedure, exchange, names_project=False)

    def _change_of(self, thing: Thing, *, ends: bool) -> tuple[str, Json]:
        if thing.kind is KEYS:
            return "apiKey.revoke", {}
        if ends:
            return f"{thing.kind.name}.delete", {}
        if thing.kind is EVALUATORS:
            return "evaluator.update", {"enabled": not thing.enabled}
        return f"{thing.kind.name}.update", {"name": self.data.name(thing.kind.name)}

    @staticmethod
    def _changed(thing: Thing, given: Json, *, ends: bool) -> None:
        thing.there = not ends
        thing.name = given.get("name", thing.name)
        thing.enabled = given.get("enabled", thing.enabled)

    def read(self, by_other: bool, kind: Kind) -> None:
        """Somebody looks at a list."""
        with self.step(f"{self._who(by_other)} calls {kind.list}") as on:
            if on:
                exchange = self.desk.call(kind.list, {"projectId": self.project}, who=self._caller(by_other))
                self.judge_call(by_other, kind.list, exchange, names_project=True)

    def use_keys(self) -> None:
        """Every key is tried at the REST API."""
        with self.step("the keys are used") as on:
            for thing in self.things if on else ():
                if thing.secret:
                    met, exchange = self.desk.settle(partial(self._tried, thing), lambda seen: seen[0]).value
                    clause = "keys.create.works" if thing.there else "keys.revoke.refused"
                    self.look(clause, met, "a key that works until it is revoked", exchange.status, exchange)

    def _tried(self, thing: Thing) -> tuple[bool, Exchange]:
        return (rest.takes if thing.there else rest.refuses)(self.desk.client, thing.secret)

    def verify(self) -> None:
        """Everything that the owner sees is as the model says."""
        with self.step("the owner looks") as on:
            for kind in KINDS if on else ():
                self._verify(kind)
            self.refused_only = True

    def _verify(self, kind: Kind) -> None:
        known = [thing for thing in self.things if thing.kind is kind and thing.id]

        def wrong() -> tuple[str, str, Exchange]:
            rows, exchange = self.desk.rows(kind, {"projectId": self.project})
            found = {member(row, "id"): row for row in rows}
            flaws = (flaw for thing in known for flaw in _flaws(thing, found.get(thing.id)))
            clause, actual = next(flaws, ("", ""))
            if not clause and len(found) > sum(thing.there or kind is KEYS for thing in known):
                clause, actual = "roles.denied.no-effect", "something that nobody made is listed"
            return clause, actual, exchange

        clause, actual, exchange = self.desk.settle(wrong, lambda seen: not seen[0]).value
        if clause and self.refused_only:
            clause = "roles.denied.no-effect"
        usual = f"{AREAS[kind.name]}.create.listed" if kind is not KEYS else "keys.revoke.listed"
        self.look(clause or usual, not clause, f"{kind.list} as the model says", actual, exchange)

    def _who(self, by_other: bool) -> str:
        return f"the other person ({self.role or 'no member'})" if by_other else "the owner"

    def _caller(self, by_other: bool) -> Person | None:
        return self.other if by_other else None


def _flaws(thing: Thing, row: Any) -> Iterator[tuple[str, str]]:
    """What is wrong with a row, each with the clause that it breaks."""
    area = AREAS[thing.kind.name]
    if thing.kind is KEYS:
        ended = isinstance(member(row, "revokedAt"), str)
        if row is not None and ended is thing.there:
            yield "keys.revoke.listed", f"revokedAt {member(row, 'revokedAt')!r}"
        return
    if not thing.there:
        if row is not None:
            yield f"{area}.delete.gone", "it is still listed"
        return
    if row is None:
        yield f"{area}.create.listed", "it is not listed"
    elif thing.kind is DATASETS and member(row, "name") != thing.name:
        yield "datasets.update.name", f"name {member(row, 'name')!r}"
    elif thing.kind is EVALUATORS and member(row, "enabled") is not thing.enabled:
        yield "evaluators.update.toggle", f"enabled {member(row, 'enabled')!r}"
