"""Journals of sandboxes that were dropped or reset: a test drops its own at its end, and a judge comes later."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from twosignal_mock.engine.api import Project
from twosignal_mock.engine.sandbox._clock import ClockKind
from twosignal_mock.engine.sandbox._journal import BODIES_LIMIT, Journal

DROPPED_ENTRIES = 10_000
"""Entries of all dropped sandboxes that are kept, some kilobytes each; beyond it the oldest sandboxes go."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What is left of a sandbox."""

    number: int
    """From 1, in the order in which they were dropped."""
    project: Project
    clock: ClockKind
    """How its clock went at the end."""
    journal: Journal


class DroppedSandboxes:
    """The last ones that had a request, within DROPPED_ENTRIES, and BODIES_LIMIT for all their bodies together."""

    __slots__ = ("_count", "_kept")

    def __init__(self) -> None:
        self._count = 0
        self._kept: deque[Dropped] = deque()

    def keep(self, project: Project, clock: ClockKind, journal: Journal) -> None:
        """Keep a journal, if there is anything in it."""
        if len(journal):
            self._count += 1
            self._kept.append(Dropped(self._count, project, clock, journal))
            while len(self._kept) > 1 and self._too_much():
                self._kept.popleft()

    def list(self) -> list[Dropped]:
        """All that are kept, the oldest first."""
        return list(self._kept)

    def find(self, number: int) -> Dropped | None:
        """The one with a number."""
        return next((row for row in self._kept if row.number == number), None)

    def _too_much(self) -> bool:
        entries = sum(len(row.journal) for row in self._kept)
        return entries > DROPPED_ENTRIES or sum(row.journal.kept_bytes for row in self._kept) > BODIES_LIMIT
