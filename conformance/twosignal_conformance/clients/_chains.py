"""Finds which request repeats which: from a journal to chains of attempts at the same thing.

The unit is the item: an event of a batch, a span of OTLP, else the request as a whole. A request is a retry of the last
one before it that holds one of its items and did not succeed. So a batch that comes back in parts, or together with
others, is still found, and so is one whose events got new ids, where the scenario gave every event a name of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from twosignal_contract import Contract

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._waits import Wait, wait_after

OVERLAP = 0.005
"""Seconds that a request may arrive before the end of the answer to the one before it was noted."""

Item = tuple[str, ...]


@dataclass(eq=False)
class Link:
    """An attempt in its chain."""

    attempt: Attempt
    items: frozenset[Item]
    before: Link | None = None
    """The failed attempt that this one repeats."""
    after: list[Link] = field(default_factory=list)
    """The attempts that repeat this one, in order."""
    failures: int = 0
    """Attempts of the chain up to this one that were answered with a server's error that is to be retried."""
    wait: Wait | None = None
    """What this attempt's answer asks the next one to wait."""

    @property
    def seen(self) -> float | None:
        """Seconds between the answer before and this request; None without one, or when it was not waited for."""
        if self.before is None or self.attempt.started < self.before.attempt.ended - OVERLAP:
            return None
        return max(0.0, self.attempt.started - self.before.attempt.ended)

    @property
    def first(self) -> Link:
        """The beginning of the chain."""
        link = self
        while link.before is not None:
            link = link.before
        return link


def chains(
    attempts: Iterable[Attempt], law: Contract, names: Collection[str] = (), window: float | None = None
) -> list[Link]:
    """All attempts, in the order of their arrival, linked. `names`: those that mark one event each.

    `window` bounds, in seconds beyond the wait that was asked for, how late a request still repeats another; what comes
    later is a new call of the same thing. None: there is no bound.
    """
    open_: dict[Item, Link] = {}
    found: list[Link] = []
    for attempt in sorted(attempts, key=lambda row: (row.started, row.sequence)):
        link = Link(attempt, frozenset(_items(attempt, names)))
        earlier = [open_[item] for item in link.items if item in open_ and _near(open_[item], link, window)]
        if earlier:
            link.before = max(earlier, key=lambda row: row.attempt.sequence)
            link.before.after.append(link)
            link.failures = link.before.failures
        link.failures += attempt.status in law.retry.backoff_statuses
        link.wait = wait_after(attempt, link.failures, law)
        for item in link.items:
            if attempt.ok:
                open_.pop(item, None)
            else:
                open_[item] = link
        found.append(link)
    return found


def groups(links: Sequence[Link]) -> Iterator[list[Link]]:
    """The links of each chain together, chains in the order of their beginnings."""
    rows: dict[int, list[Link]] = {}
    for link in links:
        rows.setdefault(id(link.first), []).append(link)
    yield from rows.values()


def _near(before: Link, link: Link, window: float | None) -> bool:
    if window is None:
        return True
    asked = before.wait.seconds if before.wait is not None else 0.0
    return link.attempt.started - before.attempt.ended <= asked + window


def _items(attempt: Attempt, names: Collection[str]) -> Iterator[Item]:
    if attempt.events:
        yield from (_event(event, names) for event in attempt.events)
    elif attempt.keys:
        yield from (("id", key) for key in attempt.keys)
    else:
        body = attempt.body if isinstance(attempt.body, str) else json.dumps(attempt.body, sort_keys=True)
        digest = hashlib.sha256(body.encode()).hexdigest()
        yield attempt.method, attempt.path, attempt.query, str(attempt.size), digest


def _event(event: dict[str, object], names: Collection[str]) -> Item:
    body = event.get("body")
    name = body.get("name") if isinstance(body, dict) else None
    if isinstance(name, str) and name in names:
        return str(event.get("type")), name
    return "id", str(event.get("id"))
