"""The traces that the checks of the listing share: made once in a run, found again once, then only read.

They carry one tag and names that begin alike, so that what others put into the project never counts. A part of them,
the few, is small enough to be walked through one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from twosignal_conformance.apis.rest.checks import actions, responses
from twosignal_conformance.apis.rest.checks.actions import reads_camel_case, snake_case
from twosignal_conformance.apis.rest.checks.data import ABSENT, Json, TestData
from twosignal_conformance.engine.api_client import ApiClient, Exchange
from twosignal_conformance.engine.judgement import Judge

FEW = 7
"""Traces of the part that is walked through with every small limit."""

SPARE = 5
"""Traces beyond a default page, so that it can be seen to be full and to end."""

LITERALS = ("a%b", "a_b", "a*b", "axb")
"""Ends of names: each of the first three finds the last one too where its sign is a wildcard."""

MIXED = "MixedCase"
"""End of one name, which is asked for in small letters."""

_SPACING = timedelta(seconds=2)
"""Between the starts of two traces: told apart even by a server that keeps whole seconds."""

_LOOKS = 3
"""Pages that one look reads under one filter; two hold them all."""

Query = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Item:
    """A shared trace as it was sent."""

    body: Json
    start: datetime
    few: bool = False
    failed: bool = False

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.body["id"])

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.body["name"])


@dataclass(frozen=True, slots=True)
class Selection:
    """What a query showed."""

    own: frozenset[str]
    """Ids of the shared ones."""
    rows: tuple[Json, ...]
    """Everything, traces of others included."""
    pages: tuple[Exchange, ...]
    foreign: int
    """Traces of others."""

    def is_only(self, wanted: Iterable[str]) -> bool:
        """True when it is these traces and no others."""
        return self.ok and self.own == set(wanted) and not self.foreign

    @property
    def ok(self) -> bool:
        """True when the query was answered."""
        return all(page.ok for page in self.pages)

    def __str__(self) -> str:
        if not self.ok:
            return f"status {self.pages[-1].status}"
        return f"{len(self.own)} of these traces" + (f" and {self.foreign} others" if self.foreign else "")


@dataclass
class SharedTraces:
    """The shared traces and how they were shown."""

    prefix: str
    tag: str
    few_tag: str
    items: tuple[Item, ...]
    rows: dict[str, Json] = field(default_factory=dict)
    """What the listing showed, by id."""
    filter: str = ""
    """The filter that tells the few apart, "tags" or "name"; empty when neither does."""
    problem: str = ""
    """Why there are none."""

    def query(self, *, few: bool = False) -> Query:
        """The filter that shows them all, or the few of it, and nothing else."""
        if self.filter == "name":
            return {"name": f"{self.prefix} few" if few else self.prefix}
        return {"tags": self.few_tag if few else self.tag}

    def shown(self, wanted: Callable[[Item], bool] = lambda _: True) -> list[Item]:
        """The traces that the listing showed and that satisfy a condition."""
        return [item for item in self.items if item.id in self.rows and wanted(item)]

    def ids(self, wanted: Callable[[Item], bool] = lambda _: True) -> set[str]:
        """Their ids."""
        return {item.id for item in self.shown(wanted)}


def shared_traces(client: ApiClient, judge: Judge, *, filtered: bool = True) -> SharedTraces:
    """Those of the run; the check ends here when they never showed or, if one must, no filter tells them apart."""
    shared = client.once(_make)
    if not client.settings.dry:
        judge.require(not shared.problem, shared.problem)
        judge.require(shared.filter or not filtered, "neither the filter tags nor name shows a set of traces alone")
    return shared


def select(client: ApiClient, shared: SharedTraces, until: Callable[[Selection], bool], query: Query) -> Selection:
    """What a query shows, after waiting for a condition as long as what was written may take to show."""
    whole = {"limit": client.contract.parameter("listTraces", "limit").maximum, **query}
    return client.settle(lambda: _select(client, shared, whole), until=until).value


def _select(client: ApiClient, shared: SharedTraces, query: Query) -> Selection:
    pages = tuple(actions.pages(client, most=_LOOKS, **query))
    rows = tuple(row for page in pages for row in responses.traces(page) if isinstance(row, dict))
    known = {item.id for item in shared.items}
    own = frozenset(identifier for row in rows if isinstance(identifier := row.get("id"), str) and identifier in known)
    return Selection(own, rows, pages, sum(row.get("id") not in known for row in rows))


def _make(client: ApiClient) -> SharedTraces:
    """Send the traces in another order than that of their starts, and wait until they show as they should."""
    data = TestData(client, "shared traces")
    shared = _plan(client, data)
    statuses = dict(zip((False, True), client.contract.enum("Status"), strict=True))
    bodies: list[Json] = []
    for item in (*shared.items[1::2], *shared.items[::-2]):
        span = data.span(item.body, startTime=item.body["startTime"], endTime=ABSENT, status=statuses[item.failed])
        bodies += [item.body, span if reads_camel_case(client) else snake_case(client.contract, span)]
    exchange = client.call("ingestTraces", json=data.batch(*bodies))
    if not exchange.ok:
        shared.problem = f"the batch of the shared traces was answered with {exchange.status}"
        return shared

    def look() -> bool:
        shared.rows = _find(client, shared)
        return len(shared.rows) == len(shared.items) and all(
            shared.rows[item.id].get("status") == statuses[item.failed] for item in shared.items
        )

    seconds = client.settle(look, until=bool).seconds
    missing = [item for item in shared.items if item.id not in shared.rows]
    for item in missing[:_LOOKS]:
        row, _ = actions.look_up(client, item.body)
        if row is not None:
            shared.rows[item.id] = row
    if len(missing) > _LOOKS:
        shared.problem = f"{len(missing)} of {len(shared.items)} traces did not show in the list within {seconds:.0f} s"
    shared.filter = _working_filter(client, shared)
    return shared


def _plan(client: ApiClient, data: TestData) -> SharedTraces:
    prefix, tag, few_tag = data.name("listing"), data.tag("shared"), data.tag("few")
    first = data.time()
    many = client.contract.parameter("listTraces", "limit").default + SPARE - FEW
    ends = [f"few {number}" for number in range(FEW)]
    ends += [*LITERALS, MIXED, *(f"many {number}" for number in range(many - len(LITERALS) - 1))]
    items = []
    for number, end in enumerate(ends):
        few = number < FEW
        # The first three of the few start together: a page may end between them.
        start = first + _SPACING * (0 if number < 3 else number)
        tags = [tag, few_tag, f"{tag}-more"] if few else [tag]
        body = data.trace(name=f"{prefix} {end}", startTime=data.stamp(start), tags=tags)
        items.append(Item(body, start, few, failed=number % 3 == 1))
    return SharedTraces(prefix, tag, few_tag, tuple(items))


def _find(client: ApiClient, shared: SharedTraces) -> dict[str, Json]:
    """The rows of the shared traces under whichever filter shows them, or under none."""
    rows: dict[str, Json] = {}
    filters: tuple[Query, ...] = ({"tags": shared.tag}, {"name": shared.prefix}, {})
    for query in filters:
        limit = client.contract.parameter("listTraces", "limit").maximum
        seen = _select(client, shared, {"limit": limit, **query})
        rows.update({row["id"]: row for row in seen.rows if row.get("id") in seen.own})
        if len(rows) == len(shared.items):
            break
    return rows


def _working_filter(client: ApiClient, shared: SharedTraces) -> str:
    for name in ("tags", "name"):
        shared.filter = name
        if _select(client, shared, shared.query(few=True)).is_only(shared.ids(lambda item: item.few)):
            return name
    return ""
