"""One check at work: it calls procedures as somebody, makes things, and waits until a list shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from twosignal_conformance.apis.dashboard.checks import procedures, rest
from twosignal_conformance.apis.dashboard.checks.data import Json, TestData
from twosignal_conformance.apis.dashboard.checks.people import Person
from twosignal_conformance.apis.dashboard.checks.stage import Stage, made, new_project, stage
from twosignal_conformance.engine.api_client import MISSING, ApiClient, Exchange, Options, Settled, member
from twosignal_conformance.engine.judgement import Judge

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Kind:
    """Things of one kind, by the procedures that make and list them."""

    name: str
    of: str = "projectId"
    """The field of an input that names what they belong to; empty for organizations."""

    @property
    def list(self) -> str:
        """The procedure that lists them."""
        return f"{self.name}.list"

    @property
    def create(self) -> str:
        """The procedure that makes one."""
        return f"{self.name}.create"


ORGANIZATIONS = Kind("organization", "")
PROJECTS = Kind("project", "organizationId")
EVALUATORS, DATASETS, KEYS, ROUTINGS = (Kind(name) for name in ("evaluator", "dataset", "apiKey", "modelRouting"))
OF_PROJECTS = (EVALUATORS, DATASETS, KEYS, ROUTINGS)


@dataclass(frozen=True, slots=True)
class Shown:
    """A row of a list with the response that shows it; empty when the list has it not."""

    row: Json
    exchange: Exchange

    def get(self, name: str) -> Any:
        """A member; MISSING when it is not there."""
        return self.row.get(name, MISSING)


class Desk:
    """What one check works with."""

    def __init__(self, client: ApiClient, judge: Judge, data: TestData) -> None:
        self.client, self.judge, self.data = client, judge, data

    # --- where ---

    @property
    def stage(self) -> Stage:
        """What the checks share."""
        return stage(self.client)

    def place(self, kind: Kind) -> Json:
        """The input that says to what things of a kind belong, on the stage."""
        ids = {"projectId": self.stage.project, "organizationId": self.stage.organization}
        return {kind.of: ids[kind.of]} if kind.of else {}

    # --- calls ---

    def call(
        self, procedure: str, given: Any = MISSING, *, who: Person | None = None, meta: Json | None = None
    ) -> Exchange:
        """The response to a procedure, as the run's user or as somebody else."""
        options: Options = {} if who is None else who.options
        return procedures.call(self.client, procedures.known(self.client, procedure), given, meta=meta, **options)

    def done(self, procedure: str, given: Any = MISSING, *, who: Person | None = None) -> Exchange:
        """The same of a call that others build on: the check ends here when it fails."""
        exchange = self.call(procedure, given, who=who)
        self.judge.require(exchange.ok, f"{procedure} was answered with {exchange.status}")
        return exchange

    def result(self, procedure: str, given: Any = MISSING, *, who: Person | None = None) -> Any:
        """The result of such a call."""
        return procedures.result(self.done(procedure, given, who=who))

    def create(self, kind: Kind, given: Json, *, who: Person | None = None) -> tuple[str, Exchange]:
        """The id of a new thing on the stage, or where the input says; the check ends here when there is none."""
        exchange = self.done(kind.create, {**self.place(kind), **given}, who=who)
        identifier = member(procedures.result(exchange), "id")
        self.judge.require(isinstance(identifier, str), f"{kind.create} gave no id")
        return str(identifier), exchange

    def project(self, label: str) -> str:
        """The id of a new project of the check's own, in the shared organization."""
        identifier, _ = new_project(self.client, self.stage.organization, self.data.name(label))
        return identifier

    def need(self, value: Made | None, reason: str) -> Made:
        """The value; the check ends here when there is none."""
        self.judge.require(value is not None, reason)
        if value is None:
            raise ValueError(reason)
        return value

    def bounds(self, procedure: str, field: str) -> Any:
        """The schema of a field of a query's input."""
        schema = self.client.contract.operation(procedure).parameters[0].schema
        return _fields(self.client, schema)[field]

    def keep(self, membership: str, who: Person | None = None) -> None:
        """Have a membership ended when the run is over."""
        made(self.client).memberships.append((membership, {} if who is None else who.options))

    # --- lists ---

    def rows(self, kind: Kind, place: Json | None = None, *, who: Person | None = None) -> tuple[list[Any], Exchange]:
        """The rows of a list, of the stage unless a place is given."""
        given = self.place(kind) if place is None else place
        exchange = self.call(kind.list, given or MISSING, who=who)
        return procedures.rows(self.client, exchange, procedures.NAMED_LISTS.get(kind.list, "")), exchange

    def row(self, kind: Kind, identifier: str, place: Json | None = None, *, who: Person | None = None) -> Shown:
        """A thing as its list shows it now."""
        found, exchange = self.rows(kind, place, who=who)
        return Shown(next((row for row in found if member(row, "id") == identifier), {}), exchange)

    def shown(
        self,
        kind: Kind,
        identifier: str,
        until: Callable[[Shown], bool] = lambda shown: bool(shown.row),
        *,
        place: Json | None = None,
        who: Person | None = None,
    ) -> Shown:
        """The same once a condition holds, or --settle is over."""
        return self.settle(lambda: self.row(kind, identifier, place, who=who), until).value

    def settle(self, probe: Callable[[], Made], until: Callable[[Made], bool]) -> Settled[Made]:
        """What a probe sees once a condition holds, or --settle is over; who writes nothing waits for nothing."""
        seconds = 0.0 if self.client.settings.read_only else None
        return self.client.settle(probe, until=until, seconds=seconds)

    # --- traces ---

    def ingest(self, *bodies: Json, api_key: str = "") -> Exchange:
        """Ingest into the shared project, or with another key; the check ends here when that is refused."""
        self.judge.require(self.stage.api_key or api_key, "the run has no API key")
        return rest.ingest(self.client, self.judge, self.data, api_key or self.stage.api_key, *bodies)

    def detail(self, trace: Json, until: Callable[[Any], bool] = lambda found: isinstance(found, dict)) -> Seen:
        """A trace with its spans and scores once a condition holds, or --settle is over."""

        def probe() -> Seen:
            exchange = self.call("trace.byId", self.naming(trace["id"]))
            return Seen(procedures.result(exchange), exchange)

        return self.settle(probe, lambda seen: until(seen.result)).value

    def naming(self, trace: str) -> Json:
        """The input that names a trace, in the spelling of the procedure that is called."""
        spelled = procedures.known(self.client, "trace.byId")
        schema = self.client.contract.operation(spelled).parameters[0].schema
        return {_required(self.client, schema): trace}

    def span(self, trace: Json, **changes: Any) -> Json:
        """The body of a span of a trace."""
        return self.data.span(rest.contract_of(self.client), trace, **changes)

    # --- judgements ---

    def check(
        self, clause: str, holds: bool, expected: str, actual: object, evidence: Exchange | Sequence[Exchange]
    ) -> bool:
        """Judge a clause."""
        return self.judge.check(clause, holds, expected=expected, actual=actual, evidence=evidence)

    def check_ok(self, clause: str, exchange: Exchange, what: str) -> bool:
        """Judge that a call is carried out."""
        return self.check(clause, exchange.ok, f"{what} is carried out", f"status {exchange.status}", exchange)

    def check_refused(self, clause: str, exchange: Exchange, what: str) -> bool:
        """Judge that a call is refused."""
        return self.check(
            clause, procedures.is_refusal(exchange), f"{what} is refused", f"status {exchange.status}", exchange
        )

    def check_cause(self, clause: str, exchange: Exchange, cause: str, what: str) -> bool:
        """Judge that a call is refused with the status and the code of a cause of x-errors."""
        wanted = self.client.contract.error(cause)
        code = procedures.code_of(self.client, exchange)
        holds = exchange.status == wanted.status and code == wanted.code
        expected = f"{what} is refused with {wanted.status} {wanted.code}"
        return self.check(clause, holds, expected, f"status {exchange.status}, code {code}", exchange)

    def check_member(self, clause: str, shown: Shown, name: str, value: object) -> bool:
        """Judge that a row has this value of a member."""
        return self.check(
            clause, same(shown.get(name), value), f"{name} {value!r}", f"{name} {shown.get(name)!r}", shown.exchange
        )


@dataclass(frozen=True, slots=True)
class Seen:
    """A result with the response that holds it."""

    result: Any
    exchange: Exchange

    def list(self, name: str) -> list[Any]:
        """A member that is a list; empty when it is none."""
        found = member(self.result, name)
        return found if isinstance(found, list) else []

    def get(self, *steps: str | int) -> Any:
        """A member; MISSING when it is not there."""
        return member(self.result, *steps)


def same(one: object, other: object) -> bool:
    """True when two JSON values are equal; true is not 1, and 2.0 is 2."""
    match one, other:
        case (bool(), _) | (_, bool()):
            return one is other
        case dict(), dict():
            return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
        case list(), list():
            return len(one) == len(other) and all(map(same, one, other))
        case _:
            return one == other


def named_in(sentence: str) -> tuple[str, ...]:
    """The constants that a clause names, such as "ADMIN"."""
    return tuple(word for word in sentence.replace(",", " ").rstrip(".").split() if _is_constant(word))


def role_who_may(table: Mapping[str, Any], *, assignable: bool, may: str) -> tuple[str, ...]:
    """The roles of x-dashboard-roles that may do something."""
    return tuple(name for name, row in table.items() if row["assignable"] is assignable and may in row["may"])


def _is_constant(word: str) -> bool:
    return len(word) > 1 and word.isascii() and word.replace("_", "").isalpha() and word.isupper()


def _required(client: ApiClient, schema: Any) -> str:
    return str(client.contract.resolve(schema)["properties"]["json"]["required"][0])


def _fields(client: ApiClient, schema: Any) -> Any:
    return client.contract.resolve(schema)["properties"]["json"]["properties"]


__all__ = [
    "DATASETS",
    "EVALUATORS",
    "KEYS",
    "OF_PROJECTS",
    "ORGANIZATIONS",
    "PROJECTS",
    "ROUTINGS",
    "Desk",
    "Kind",
    "Seen",
    "Shown",
    "named_in",
    "role_who_may",
    "same",
]
