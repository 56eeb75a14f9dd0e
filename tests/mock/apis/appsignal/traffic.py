"""What services did, made at random, with the numbers that follow: known by how it was made, never read of spans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple

from tests.mock.apis.appsignal.service import SECOND, TEN, Service, attributes, span

NAMESPACES = ("web", "background")
ACTIONS = ("GET /", "POST /users", "Job")
QUERIES = ("SELECT a", "SELECT b")
CALL = "call"
"""The name of spans that call a service."""
_REPEATS = 5
"""Clause traces.npo.repeats."""
_HOUR = 3600 * SECOND


class Called(NamedTuple):
    """One call of a service."""

    site: str
    trace: str
    span: str
    service: str
    namespace: str
    action: str
    start: int
    duration: int
    revision: str
    region: str
    npo: bool
    failed: bool
    caller: tuple[str, str, str, str] | None
    """Site, service, namespace and action."""


class Asked(NamedTuple):
    """One query of a database or one call of a service, in the call that made it."""

    site: str
    name: str
    namespace: str
    action: str
    start: int
    duration: int


@dataclass
class Traffic:
    """All that happened."""

    random: Random
    services: list[tuple[str, str]]
    """Sites and names of services; several may be of one site."""
    calls: list[Called] = field(default_factory=list)
    queries: list[Asked] = field(default_factory=list)
    raised: list[tuple[Called, str]] = field(default_factory=list)
    """Calls with the id of the span in which an exception was recorded."""
    spans: list[tuple[str, str, str, dict[str, Any]]] = field(default_factory=list)
    """Site, service, revision, and a span of it."""

    def trace(self) -> None:
        """One more trace; they have few different instants, so that some fall together."""
        start = TEN + self.random.randrange(0, 4) * _HOUR // 2 + self.random.randrange(8) * SECOND
        self._call(f"{self.random.getrandbits(128) | 1:032x}", "", None, start, self.random.choice("ab"), depth=2)

    async def send(self, service: Service, parts: int = 4) -> None:
        """All spans in any order, over several exports: children before their parents, too."""
        self.random.shuffle(self.spans)
        for part in range(parts):
            for site in sorted({site for site, *_ in self.spans}):
                groups = [
                    {
                        "resource": {
                            "attributes": attributes({"service.name": name, "appsignal.config.revision": revision})
                        },
                        "scopeSpans": [{"spans": [message]}],
                    }
                    for where, name, revision, message in self.spans[part::parts]
                    if where == site
                ]
                assert await service.take(site, "traces", {"resourceSpans": groups}) == {}

    def _call(
        self, trace: str, parent: str, caller: tuple[str, str, str, str] | None, start: int, revision: str, depth: int
    ) -> None:
        random = self.random
        site, name = random.choice(self.services)
        if caller is not None and caller[:2] == (site, name) and random.random() < 0.5:
            return
        namespace, action, region = random.choice(NAMESPACES), random.choice(ACTIONS), random.choice(("eu", "us"))
        me = (site, name, f"{name}/{namespace}", action)
        id_, duration = self._id(), random.randrange(1, 3000) * 1_000_000
        values = {"appsignal.namespace": namespace, "appsignal.tag.region": region}
        fails = random.random() < 0.3
        mine = "Failure" if fails and random.random() < 0.5 else None
        message = span(trace, id_, parent, name=action, start=start, duration=duration, values=values, exception=mine)
        self.spans.append((site, name, revision, message))
        # A span inside of the call; what is below it belongs to the call all the same.
        inner = self._id()
        theirs = "Failure" if fails and mine is None else None
        inside = span(trace, inner, id_, name="inside", kind=1, start=start, duration=duration, exception=theirs)
        self.spans.append((site, name, revision, inside))
        times = {query: random.choice((0, 1, _REPEATS - 1, _REPEATS)) for query in QUERIES}
        for query, count in times.items():
            for number in range(count):
                lasts = random.randrange(1, 100) * 1_000_000
                asked = span(
                    trace,
                    self._id(),
                    inner,
                    name=query,
                    kind=3,
                    start=start + number,
                    duration=lasts,
                    values={
                        "db.system": "sqlite",
                        "db.statement": f"{query} WHERE id = {number} AND name = 'x{number}'",
                    },
                )
                self.spans.append((site, name, revision, asked))
                self.queries.append(Asked(site, query, me[2], action, start + number, lasts))
        npo = any(count >= _REPEATS for count in times.values())
        called = Called(site, trace, id_, name, me[2], action, start, duration, revision, region, npo, fails, caller)
        self.calls.append(called)
        if fails:
            self.raised.append((called, id_ if mine else inner))
        for _ in range(random.randrange(3) if depth else 0):
            client = self._id()
            self.spans.append((site, name, revision, span(trace, client, inner, name=CALL, kind=3, start=start)))
            self.queries.append(Asked(site, CALL, me[2], action, start, SECOND))
            self._call(trace, client, me, start + random.randrange(3) * SECOND, revision, depth - 1)

    def _id(self) -> str:
        return f"{self.random.getrandbits(64) | 1:016x}"


def ranges(traffic: Traffic) -> Iterator[tuple[int, int]]:
    """Ranges that begin and end at calls, just beside them, and around everything."""
    starts = sorted(call.start for call in traffic.calls)
    yield starts[0], starts[-1]
    yield starts[0] + 1, starts[-1] - 1
    middle = starts[len(starts) // 2]
    yield middle, middle
    yield starts[0] - 7 * SECOND, middle
    yield TEN - 8 * _HOUR, TEN + 8 * _HOUR
