"""Walks over all pages of a listing, and what is judged of them: complete, no repetition, one order, an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, actions, responses

_ROOM = 2
"""Pages that are read beyond those that hold something, to see whether a walk that should have ended ever does."""


@dataclass
class Walk:
    """The pages of one walk."""

    limit: int
    pages: list[Exchange] = field(default_factory=list)
    ids: list[object] = field(default_factory=list)
    """In the order in which they were shown, repeats included."""

    @property
    def ended(self) -> bool:
        """True when a page says that it is the last one, with a cursor that is null or empty."""
        return responses.next_cursor(self.pages[-1]) is None

    @property
    def ends(self) -> str:
        """How it ended, as a phrase; empty when the page with the last trace has no cursor, as documented."""
        if not responses.is_last(self.pages[-1]):
            told = "an empty text" if self.ended else "a cursor"
            return f"{told} after {len(self.pages)} pages"
        if len(self.pages) > 1 and not responses.traces(self.pages[-1]):
            return "a cursor on the page with the last trace, and after it an empty page"
        return ""

    def foreign(self, wanted: set[str]) -> list[object]:
        """What it showed beside the traces that match."""
        return [identifier for identifier in self.ids if identifier not in wanted]


def walk_all(client: ApiClient, limits: Iterable[int], matching: int, query: Mapping[str, Any]) -> list[Walk]:
    """A walk with each limit through what a query keeps, about `matching` traces; without those that were refused."""
    walks = [Walk(limit) for limit in limits]
    for walk in walks:
        most = -(-matching // walk.limit) + _ROOM
        for page in actions.pages(client, most=most, limit=walk.limit, **query):
            walk.pages.append(page)
            walk.ids += [row.get("id") for row in responses.traces(page) if isinstance(row, dict)]
    return [walk for walk in walks if walk.pages[0].ok]


def judge_walks(judge: Judge, walks: list[Walk], wanted: set[str]) -> None:
    """Judge the clauses `traces.list.walk.complete`, `.no-repeat`, `.ends`, `.same-set`, `.same-order`, `.filters`.

    `wanted` has the ids of the traces that the walks should show.
    """
    whole = []
    for walk in walks:
        what, foreign = f"with limit={walk.limit}", walk.foreign(wanted)
        judge.check(
            "traces.list.walk.filters",
            not foreign,
            expected=f"only traces that match, {what}",
            actual=f"{len(foreign)} others",
            evidence=walk.pages,
        )
        repeated = {identifier for identifier in walk.ids if walk.ids.count(identifier) > 1}
        judge.check(
            "traces.list.walk.no-repeat",
            not repeated,
            expected=f"no trace twice, {what}",
            actual=f"{len(repeated)} traces more than once",
            evidence=walk.pages,
        )
        if foreign or (repeated and not walk.ended):
            # Pages of something else, or the same ones for ever: where it would have ended cannot be told.
            continue
        missing = wanted.difference(map(str, walk.ids))
        judge.check(
            "traces.list.walk.complete",
            not missing,
            expected=f"all {len(wanted)} traces, {what}",
            actual=f"{len(missing)} are missing after {len(walk.pages)} pages",
            evidence=walk.pages[-5:],
        )
        judge.check(
            "traces.list.walk.ends",
            not walk.ends,
            expected=f"nextCursor null on the page with the last trace, {what}",
            actual=walk.ends or "null",
            evidence=walk.pages[-2:],
        )
        whole.append(walk)
    _judge_agreement(judge, [walk for walk in walks if not walk.foreign(wanted)], whole)


def _judge_agreement(judge: Judge, walks: list[Walk], whole: list[Walk]) -> None:
    """True when walks agree on the set and, those that do, on the order."""
    judge.require(len(walks) > 1, "there are no two walks to compare")
    sets = {walk.limit: frozenset(walk.ids) for walk in walks}
    judge.check(
        "traces.list.walk.same-set",
        len(set(sets.values())) == 1,
        expected="the same set of traces with every limit",
        actual=", ".join(f"{len(found)} with limit={limit}" for limit, found in sets.items()),
        evidence=[walk.pages[-1] for walk in walks],
    )
    largest = max(len(set(walk.ids)) for walk in walks)
    comparable = [walk for walk in whole if len(walk.ids) == largest]
    judge.require(len(comparable) > 1, "there are no two whole walks to compare")
    orders = {tuple(walk.ids) for walk in comparable}
    judge.check(
        "traces.list.walk.same-order",
        len(orders) == 1,
        expected="the same order with every limit",
        actual="the same" if len(orders) == 1 else f"{len(orders)} different orders",
        evidence=[page for walk in comparable for page in walk.pages][-5:],
    )
