"""The markers of checks: which clauses a check covers, what a watcher looks for in every exchange; who reads them."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest

from twosignal_conformance.engine.api_client import Exchange, Key, Profile
from twosignal_conformance.engine.judgement._judge import Judge

MARK = "covers"
"""Name of the pytest marker."""

WatcherFunction = Callable[[Exchange, Judge], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What the marker of a check says."""

    clauses: tuple[str, ...]
    profile: Profile
    """The smallest one that runs it."""
    needs: tuple[Key | str, ...]
    """What it needs to be started: keys, "--user", "--plan", "--allow-burst"."""
    last: bool
    """True when it runs after all others, because it disturbs them."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """A function that judges every exchange of the run, whichever check made it."""

    name: str
    clauses: tuple[str, ...]
    look: WatcherFunction

    def __call__(self, exchange: Exchange, judge: Judge) -> None:
        self.look(exchange, judge)


def covers(
    *clauses: str, profile: str = "quick", needs: tuple[Key | str, ...] = (), last: bool = False
) -> pytest.MarkDecorator:
    """Mark a check with the clauses that it may judge.

    `profile` is the smallest one that runs it. `needs` are keys of the run and options without which it is not
    started (`Key.OTHER`, "--user", "--plan", "--allow-burst"). What needs "--allow-burst" or is `last` runs at the end.
    """
    plan = Plan(clauses, Profile(profile), needs, last or "--allow-burst" in needs)
    return pytest.mark.covers(plan)


def watches(*clauses: str) -> Callable[[WatcherFunction], Watcher]:
    """Make a watcher of a function of (exchange, judge), which may decide these clauses."""

    def made(look: WatcherFunction) -> Watcher:
        return Watcher(f"{look.__module__.rpartition('.')[2]}::{look.__name__}", clauses, look)

    return made


def plan_of(marks: Iterator[pytest.Mark]) -> Plan | None:
    """What the nearest marker says; None for a test that is no check."""
    mark = next(marks, None)
    if mark is None or not isinstance(mark.args[0], Plan):
        return None
    return mark.args[0]


TRAFFIC_NOTE = f"what --only names is looked for in all responses: the checks of the profile {Profile.QUICK} make some"
"""Shown before a run whose checks are chosen by `makes_traffic`."""


def only_watched(selected: Collection[str], plans: Iterable[Plan], watchers: Iterable[Watcher]) -> bool:
    """True when no check of the smallest profile covers any of these clauses, and watchers look for all of them.

    Otherwise nothing would be sent, or in a larger profile far more than is needed to look at.
    """
    decided = {clause for plan in plans if makes_traffic(plan) for clause in plan.clauses}
    watched = {clause for watcher in watchers for clause in watcher.clauses}
    return set(selected) <= watched - decided


def makes_traffic(plan: Plan) -> bool:
    """True when a check is one of the cheapest: they run when all kinds of responses are wanted."""
    return plan.profile is Profile.QUICK and bool(plan.clauses)


def citations(folders: Iterable[Path]) -> dict[str, list[str]]:
    """Clause id to the names of its checks, of these folders; read from the markers, without a run."""
    found: dict[str, list[str]] = {}
    watchers: dict[str, Watcher] = {}
    for module in _modules(folders):
        for name, value in inspect.getmembers(module):
            if isinstance(value, Watcher):
                watchers[value.name] = value
            elif inspect.isfunction(value) and value.__module__ == module.__name__ and name.startswith("test"):
                _cite(found, f"{module.__name__.rpartition('.')[2]}::{name}", _cited(value))
    for watcher in watchers.values():
        _cite(found, watcher.name, watcher.clauses)
    return found


def _modules(folders: Iterable[Path]) -> Iterator[ModuleType]:
    for folder in folders:
        package = folder.name
        for parent in folder.parents:
            if not (parent / "__init__.py").exists():
                break
            package = f"{parent.name}.{package}"
        for file in sorted(folder.glob("test_*.py")):
            yield importlib.import_module(f"{package}.{file.stem}")


def _cite(found: dict[str, list[str]], check: str, clauses: Iterable[str]) -> None:
    for clause in clauses:
        found.setdefault(clause, []).append(check)


def _cited(function: object) -> tuple[str, ...]:
    marks: list[pytest.Mark] = getattr(function, "pytestmark", [])
    plan = plan_of(mark for mark in marks if mark.name == MARK)
    return () if plan is None else plan.clauses
