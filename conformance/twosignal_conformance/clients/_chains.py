"""Finds which request repeats which: from a journal to chains of attempts at the same thing.

The unit is the item: one thing of a batch, else the request as a whole. A request is a retry of the last one before it
that holds one of its items and did not succeed. So a batch that comes back in parts, or together with others, is still
found. What identifies an item is up to the API; one that comes back under another id is told by its content.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from twosignal_contract import Contract

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._waits import Wait, wait_after

OVERLAP = 0.005
"""Seconds that a request may arrive before the end of the response to the one before it was noted."""

Item = tuple[str, ...]
"""What identifies one thing that a request carries."""

Traits = Sequence[Item]
"""All that can tell one thing: first what identifies it, then what else tells it when that has changed."""


@dataclass(eq=False)
class Link:
    """An attempt in its chain."""

    attempt: Attempt
    order: tuple[Item, ...]
    """What it carries, in the order of its body."""
    before: Link | None = None
    """The failed attempt that this one repeats."""
    after: list[Link] = field(default_factory=list)
    """The attempts that repeat this one, in order."""
    failures: int = 0
    """Attempts of the chain up to this one that met an error of the server that is to be retried."""
    wait: Wait | None = None
    """How long this attempt's response asks the next one to wait."""

    @cached_property
    def items(self) -> frozenset[Item]:
        """What it carries."""
        return frozenset(self.order)

    @property
    def seen(self) -> float | None:
        """Seconds between the response before and this request; None when there is none, or it was not awaited."""
        if self.before is None or self.attempt.started < self.before.attempt.ended - OVERLAP:
            return None
        return max(0.0, _between(self.before.attempt, self.attempt))

    @property
    def first(self) -> Link:
        """The beginning of the chain."""
        link = self
        while link.before is not None:
            link = link.before
        return link


def chains(
    attempts: Iterable[Attempt],
    contract: Contract,
    traits: Callable[[Attempt], Iterable[Traits]],
    window: float | None = None,
) -> list[Link]:
    """All attempts, in the order of their arrival, linked. `traits` tells what a request carries.

    `window` bounds, in seconds beyond the wait that was asked for, how late a request still repeats another; what comes
    later is a new call of the same thing, and so is what another User-Agent sends: many may have used one mock.
    Without it all attempts are those of one client, and there is no bound.
    """
    open_: dict[tuple[str, Item], Link] = {}
    known: dict[Item, Item] = {}
    found: list[Link] = []
    for attempt in sorted(attempts, key=lambda row: (row.started, row.sequence)):
        link = Link(attempt, tuple(_named([*traits(attempt)], known)) or (_whole(attempt),))
        client = "" if window is None else attempt.headers.get("user-agent", "")
        same = (open_.get((client, item)) for item in link.items)
        earlier = [each for each in same if each is not None and _near(each, link, window)]
        if earlier:
            link.before = max(earlier, key=lambda row: row.attempt.sequence)
            link.before.after.append(link)
            link.failures = link.before.failures
        link.failures += attempt.status in contract.retry.backoff_statuses
        link.wait = wait_after(attempt, link.failures, contract)
        for item in link.items:
            if attempt.ok:
                open_.pop((client, item), None)
            else:
                open_[client, item] = link
        found.append(link)
    return found


def groups(links: Sequence[Link]) -> Iterator[list[Link]]:
    """The links of each chain together, chains in the order of their beginnings."""
    rows: dict[int, list[Link]] = {}
    for link in links:
        rows.setdefault(id(link.first), []).append(link)
    yield from rows.values()


def _named(rows: Sequence[Traits], known: dict[Item, Item]) -> Iterator[Item]:
    """What identifies each thing of a request: what did so when something with one of its traits came first."""
    # What two things of one request share tells neither of them.
    shared = {trait for trait, count in Counter(trait for row in rows for trait in row).items() if count > 1}
    for row in rows:
        traits = [row[0], *(trait for trait in row[1:] if trait not in shared)]
        item = next((known[trait] for trait in traits if trait in known), row[0])
        for trait in traits:
            known.setdefault(trait, item)
        yield item


def _near(before: Link, link: Link, window: float | None) -> bool:
    if window is None:
        return True
    asked = before.wait.seconds if before.wait is not None else 0.0
    return _between(before.attempt, link.attempt) <= asked + window


def _between(before: Attempt, attempt: Attempt) -> float:
    """Seconds from a response to a request, by the server's clock, or really where those are more.

    A test that fakes its sleep moves the clock; one that froze the clock for its dates sleeps all the same.
    """
    return max((attempt.at - before.responded_at).total_seconds(), attempt.started - before.ended)


def _whole(attempt: Attempt) -> Item:
    body = attempt.body if isinstance(attempt.body, str) else json.dumps(attempt.body, sort_keys=True)
    digest = hashlib.sha256(body.encode()).hexdigest()
    return attempt.method, attempt.path, attempt.query, str(attempt.size), digest
