"""Scenarios: what a command is asked to do, how the mock is set up for it, and which clauses it is made for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twosignal_contract import Contract, hint

from twosignal_conformance.engine.judgement import scenario_check

Json = Any

Value = Callable[[Any, Contract], Json]
"""Makes a part of a scenario from the contract."""

TIME_LIMIT = 60.0
"""Seconds that a command may take for one scenario; the documented waits of the longest take some 15."""

MOST_REQUESTS = 10_000
"""Requests that a command may send for one scenario: thrice those of a client that sends each event by itself."""


class ScenarioError(ValueError):
    """--scenario names a scenario that does not exist."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a sandbox of the mock is told before the command starts."""

    plan: str | None = None
    """Without it the fastest of the contract, so that only faults limit."""
    faults: Sequence[Json] = ()
    """In the words of the control API."""
    dialects: Mapping[str, str] = field(default_factory=dict)
    state: Mapping[str, Json] = field(default_factory=dict)
    """What is stored beforehand, in words of the API."""
    clock: float | None = None
    """Seconds by which the server's clock is ahead; None when it is right."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table."""

    name: str
    why: str
    """What it shows, in one sentence."""
    kind: str
    setup: Setup
    do: Sequence[Json]
    clauses: tuple[str, ...]
    """Ids of the clauses that it is made for, beside those that every request is judged by."""
    only: bool = False
    """True when it decides nothing beside `clauses`, because its setup is too odd for the rest."""
    shown: tuple[str, ...] = ()
    """Ids of the clauses that are kept when the command comes to its end and no request breaks them."""
    delivers: bool = True
    """True when a client that does as documented delivers everything."""
    expect: Sequence[Json] = ()
    """Results, in part, of a client that copes with the responses."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """More variables for the command."""
    base_path: str = ""
    """What TWOSIGNAL_BASE_URL ends in, beside the address."""
    limit: float = TIME_LIMIT
    """Seconds that the command may take."""
    most: int = MOST_REQUESTS
    """Requests after which the command is ended, because it goes round in a circle."""

    @property
    def check(self) -> str:
        """Its name among checks."""
        return scenario_check(self.name)

    @property
    def message(self) -> Json:
        """What the command gets on standard input."""
        return {"name": self.name, "kind": self.kind, "do": list(self.do)}


def read_scenarios(table: Path, values: Mapping[str, Value], contract: Contract) -> dict[str, Scenario]:
    """All scenarios of a table by name, in its order; sizes and bounds in them are the contract's."""
    return {row["name"]: _scenario(_made(row, values, contract)) for row in _rows(table)}


def made_for(table: Path) -> dict[str, list[str]]:
    """Check of each scenario of a table to the clauses that it is made for."""
    return {scenario_check(row["name"]): row.get("clauses", []) for row in _rows(table)}


def choose(wanted: Sequence[str], table: Mapping[str, Scenario]) -> list[Scenario]:
    """The scenarios that are named, by their names or the beginnings of these; all when none is."""
    if not wanted:
        return list(table.values())
    chosen: set[str] = set()
    for name in wanted:
        found = {name} if name in table else {key for key in table if key.startswith(name)}
        if not found:
            close = hint(name, table)
            raise ScenarioError(f"--scenario {name}: no scenario has this name or begins so{close}; see --list")
        chosen |= found
    return [row for row in table.values() if row.name in chosen]


def _rows(table: Path) -> list[Json]:
    rows: list[Json] = json.loads(table.read_text(encoding="utf-8"))["scenarios"]
    return rows


def _scenario(row: Mapping[str, Json]) -> Scenario:
    fields = dict(row)
    fields["setup"] = Setup(**fields.pop("setup", {}))
    for name in ("clauses", "shown"):
        fields[name] = tuple(fields.get(name, ()))
    return Scenario(**fields)


def _made(value: Json, values: Mapping[str, Value], contract: Contract) -> Json:
    """The value; `{"make": {NAME: DETAIL}}` at any depth in it is what NAME makes of the contract."""
    match value:
        case {"make": order}:
            ((name, detail),) = order.items()
            return values[name](detail, contract)
        case dict():
            return {key: _made(item, values, contract) for key, item in value.items()}
        case list():
            return [_made(item, values, contract) for item in value]
    return value
