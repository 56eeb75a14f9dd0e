"""The ledger: every id in a body that could be read is stored, refused, or the response about it was lost.

Bounded by `size` ids: beyond it the oldest stored ones go first (they are settled), then the oldest of the others; both
are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain, islice
from typing import NamedTuple, TypeVar

LEDGER_SIZE = 100_000
"""Ids, some 20 MB: a hundred full batches."""

_SHARE = 16
"""Each time the ledger is full a sixteenth of it goes at once, so that going is cheap."""

_V = TypeVar("_V")


class Outcome(StrEnum):
    """What happened to an id, as far as its sender can know."""

    STORED = "stored"
    """Stored, and the sender knows."""
    REFUSED = "refused"
    """Not stored, and the sender knows why."""
    RESPONSE_LOST = "response-lost"
    """The sender got no usable response, because of a fault; `kept` says whether the id is stored."""


class LedgerEntry(NamedTuple):
    """The account of one id."""

    outcome: Outcome
    attempts: int
    """Requests that carried it."""
    kept: int
    """Requests of those that were carried out; more than 1: the sender sent again what was stored."""
    cause: str | None = None
    """Of the last error; a key of Contract.errors."""
    status: int | None = None
    """Of the last error."""
    rule: str | None = None
    """Of the last fault that lost a response."""


_STORED_AT_ONCE = LedgerEntry(Outcome.STORED, 1, 1)
"""What nearly every id becomes, made once."""


class Ledger:
    """The accounts of all ids of a sandbox."""

    __slots__ = ("_forgotten_open", "_forgotten_settled", "_open", "_settled", "_size")

    def __init__(self, size: int = LEDGER_SIZE) -> None:
        self._size = size
        self._settled: dict[str, LedgerEntry] = {}
        self._open: dict[str, LedgerEntry] = {}
        self._forgotten_settled = 0
        self._forgotten_open = 0

    def __len__(self) -> int:
        return len(self._settled) + len(self._open)

    def stored(self, ids: Iterable[str]) -> None:
        """The ids were stored, and the response said so."""
        new = dict.fromkeys(ids, _STORED_AT_ONCE)
        # Nearly always all are new, and then no id is looked at one by one.
        if not (self._settled.keys().isdisjoint(new) and self._open.keys().isdisjoint(new)):
            for id_ in new:
                old = self._settled.get(id_) or self._open.pop(id_, None)
                if old:
                    new[id_] = old._replace(outcome=Outcome.STORED, attempts=old.attempts + 1, kept=old.kept + 1)
        self._settled.update(new)
        self._make_room()

    def refused(self, ids: Iterable[str], cause: str | None, status: int) -> None:
        """The ids were not stored, because of an error. What an earlier attempt stored stays stored."""
        for id_ in dict.fromkeys(ids):
            old = self._settled.get(id_) or self._open.get(id_)
            if old is None:
                self._open[id_] = LedgerEntry(Outcome.REFUSED, 1, 0, cause, status)
            else:
                outcome = old.outcome if old.kept else Outcome.REFUSED
                self._put(id_, old._replace(outcome=outcome, attempts=old.attempts + 1, cause=cause, status=status))
        self._make_room()

    def response_lost(self, ids: Iterable[str], rule: str | None, *, kept: bool = True) -> None:
        """The response was lost by a fault (None: the client left); `kept`: whether the ids are stored."""
        for id_ in dict.fromkeys(ids):
            old = self._settled.get(id_) or self._open.get(id_)
            if old is None:
                self._open[id_] = LedgerEntry(Outcome.RESPONSE_LOST, 1, int(kept), rule=rule)
            else:
                outcome = Outcome.STORED if old.outcome is Outcome.STORED else Outcome.RESPONSE_LOST
                new = old._replace(outcome=outcome, attempts=old.attempts + 1, kept=old.kept + kept, rule=rule)
                self._put(id_, new)
        self._make_room()

    def get(self, id_: str) -> LedgerEntry | None:
        """The account of an id; None when it was never sent, or is forgotten."""
        return self._settled.get(id_) or self._open.get(id_)

    def entries(
        self, outcome: Outcome | None = None, *, offset: int = 0, limit: int | None = None
    ) -> list[tuple[str, LedgerEntry]]:
        """The accounts, unsettled ones first, each kind oldest first."""
        found = (item for item in self._items() if outcome in (None, item[1].outcome))
        return list(islice(found, offset, None if limit is None else offset + limit))

    def summary(self) -> dict[str, int]:
        """How many ids were sent, had which outcome, were sent or carried out more than once, or are forgotten."""
        counts = {str(outcome): 0 for outcome in Outcome}
        again = kept_again = lost_unkept = 0
        for _, entry in self._items():
            counts[entry.outcome] += 1
            again += entry.attempts > 1
            kept_again += entry.kept > 1
            lost_unkept += entry.outcome is Outcome.RESPONSE_LOST and not entry.kept
        return {
            "ids": len(self) + self._forgotten_settled + self._forgotten_open,
            "stored": counts[Outcome.STORED],
            "refused": counts[Outcome.REFUSED],
            "response_lost": counts[Outcome.RESPONSE_LOST],
            "response_lost_and_not_kept": lost_unkept,
            "sent_again": again,
            "kept_again": kept_again,
            "forgotten_settled": self._forgotten_settled,
            "forgotten_open": self._forgotten_open,
        }

    def clear(self) -> None:
        """Forget everything, the counts of what was forgotten too."""
        self._settled.clear()
        self._open.clear()
        self._forgotten_settled = self._forgotten_open = 0

    def _items(self) -> Iterator[tuple[str, LedgerEntry]]:
        return chain(self._open.items(), self._settled.items())

    def _put(self, id_: str, entry: LedgerEntry) -> None:
        (self._settled if entry.outcome is Outcome.STORED else self._open)[id_] = entry

    def _make_room(self) -> None:
        surplus = len(self) - self._size
        if surplus <= 0:
            return
        wanted = surplus + self._size // _SHARE
        gone = _forget_oldest(self._settled, wanted)
        self._forgotten_settled += gone
        # Of those that are still open only what cannot be held goes: somebody may yet send them again.
        self._forgotten_open += _forget_oldest(self._open, max(0, surplus - gone))


def _forget_oldest(mapping: dict[str, _V], count: int) -> int:
    """How many went: `count`, or all there were."""
    oldest = list(islice(mapping, count))
    for key in oldest:
        del mapping[key]
    return len(oldest)
