"""Scenarios: what a command is asked to do, and the world in which it does it. The table is scenarios.json."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from twosignal_contract import Contract, hint

from twosignal_conformance.clients._making import make

Json = Any

TIME_LIMIT = 60.0
"""Seconds that a command may take for one scenario; the documented waits of the longest take some 15."""


CHECK = "scenario"
"""Beginning of the names of checks."""


class ScenarioError(ValueError):
    """A scenario that --scenario names and that is not there."""


@dataclass(frozen=True, slots=True)
class World:
    """What a sandbox of the mock is told before the command starts."""

    plan: str | None = None
    """None: the fastest of the contract, so that only faults limit."""
    faults: Sequence[Json] = ()
    dialects: Mapping[str, str] = field(default_factory=dict)
    routing_configs: Mapping[str, Json] = field(default_factory=dict)
    traces: int = 0
    """So many traces are stored beforehand, `seed-trace-1` and so on."""
    clock: float | None = None
    """Seconds by which the server's clock is ahead; None: it is right."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the table."""

    name: str
    why: str
    """What it shows, in one sentence."""
    kind: str
    world: World
    do: Sequence[Json]
    clauses: tuple[str, ...]
    """Ids of the clauses that it is made for, beside those that every request is judged by."""
    only: bool = False
    """Whether it decides nothing beside `clauses`: its world is too odd for the rest."""
    shown: tuple[str, ...] = ()
    """Ids of the clauses that are kept when the command comes to its end and no request breaks them."""
    delivers: bool = True
    """Whether a client that does as documented delivers everything."""
    expect: Sequence[Json] = ()
    """Results, in part, of a client that lives with what it was answered."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """More variables for the command."""
    base_path: str = ""
    """What TWOSIGNAL_BASE_URL ends in, beside the address."""
    limit: float = TIME_LIMIT
    """Seconds that the command may take."""

    @property
    def check(self) -> str:
        """Its name in reports."""
        return check_of(self.name)

    @property
    def message(self) -> Json:
        """What the command gets on standard input: scenario.schema.json."""
        return {"name": self.name, "kind": self.kind, "do": list(self.do)}


def check_of(name: str) -> str:
    """A scenario's name in reports."""
    return f"{CHECK}::{name}"


def scenario_schema() -> Json:
    """The JSON Schema of what a command gets."""
    return json.loads(_read("scenario.schema.json"))


def scenarios(law: Contract) -> dict[str, Scenario]:
    """All scenarios by name, in the order of the table; sizes and bounds in them are the contract's."""
    return {row["name"]: _scenario(make(row, law)) for row in _table()}


def choose(wanted: Sequence[str], table: Mapping[str, Scenario]) -> list[Scenario]:
    """The scenarios that are named, by their names or the beginnings of these; all when none is."""
    if not wanted:
        return list(table.values())
    chosen: dict[str, Scenario] = {}
    for name in wanted:
        found = [table[name]] if name in table else [row for key, row in table.items() if key.startswith(name)]
        if not found:
            close = hint(name, table)
            raise ScenarioError(f"--scenario {name}: no scenario has this name or begins so{close}; see --list")
        chosen.update((row.name, row) for row in found)
    return [row for row in table.values() if row.name in chosen]


def made_for() -> dict[str, list[str]]:
    """Check of each scenario to the clauses that it is made for."""
    return {f"{CHECK}::{row['name']}": row.get("clauses", []) for row in _table()}


def names_in(traces: Sequence[Json]) -> Iterator[tuple[str, str]]:
    """("trace" or "span", name) of everything that an `emit` records."""
    for trace in traces:
        yield "trace", trace["name"]
        stack = list(trace.get("spans", ()))
        while stack:
            span = stack.pop()
            yield "span", span["name"]
            stack.extend(span.get("spans", ()))


@cache
def _table() -> list[Json]:
    rows: list[Json] = json.loads(_read("scenarios.json"))["scenarios"]
    return rows


def _read(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


def _scenario(row: Mapping[str, Json]) -> Scenario:
    fields = dict(row)
    fields["world"] = World(**fields.pop("world", {}))
    for name in ("clauses", "shown"):
        fields[name] = tuple(fields.get(name, ()))
    return Scenario(**fields)
