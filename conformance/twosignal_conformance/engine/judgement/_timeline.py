"""What a client did, in time: the attempts of one request, and the scenario in which they were made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Row:
    """One attempt: a request of the client and the response to it. All texts are free of secrets."""

    at: float
    """Seconds from the beginning of the scenario to the arrival of the request."""
    method: str
    path: str
    what: str
    """What the request carried, in a few words, such as "3 events"."""
    response: str
    """Status and what of the response matters ("429, Retry-After: 2"), or why none came ("cut")."""
    wait_expected: float | None = None
    """Least seconds between the response before and this request; None when it may be sent at once."""
    wait_seen: float | None = None
    """Seconds between the response before and this request; None for a first attempt."""
    note: str = ""
    clause: str = ""
    """Id of the clause that this attempt broke, else empty."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """The attempts that show how one clause fared in one scenario, in the order of their arrival."""

    scenario: str
    rows: tuple[Row, ...]

    def hidden(self, hide: Callable[[str], str]) -> Timeline:
        """The same with every text as `hide` gives it back."""
        rows = (
            replace(row, path=hide(row.path), what=hide(row.what), response=hide(row.response), note=hide(row.note))
            for row in self.rows
        )
        return replace(self, rows=tuple(rows))


class Outcome(StrEnum):
    """How the command under test ended one scenario."""

    DONE = "done"
    UNSUPPORTED = "unsupported"
    """It says that it cannot do this kind of scenario."""
    FAILED = "failed"
    """It ended with another exit code, or printed what is no result."""
    TIMEOUT = "timeout"
    """It was still running when the time of the scenario was over."""


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """What became of one scenario."""

    name: str
    kind: str
    why: str
    """What it shows, in one sentence."""
    outcome: Outcome
    seconds: float
    detail: str = ""
    """Why it did not end as done: the exit code, what is not supported; else empty."""
    output: str = ""
    """The end of what the command printed, free of secrets, when it failed."""
    timelines: tuple[Timeline, ...] = ()
    """All that the client sent in it, the attempts of each request together."""

    @property
    def check(self) -> str:
        """Its name among checks."""
        return scenario_check(self.name)


def scenario_check(name: str) -> str:
    """The name of a scenario among checks."""
    return f"scenario::{name}"
