"""Which scenarios decide which clauses."""

from __future__ import annotations

from twosignal_conformance.clients._scenario import Scenario, made_for
from twosignal_conformance.clients.rules import DECIDED

EVERY_REQUEST = "scenario::every-request"
"""Who decides what no scenario is made for: each request of each of them shows it."""


def citations() -> dict[str, list[str]]:
    """Clause id to the names of what decides it: the scenarios made for it, else every request."""
    found: dict[str, list[str]] = {}
    for check, clauses in made_for().items():
        for clause in clauses:
            found.setdefault(clause, []).append(check)
    return {clause: found.get(clause, [EVERY_REQUEST]) for clause in DECIDED}


def clauses_of(scenario: Scenario) -> tuple[str, ...]:
    """The clauses that a scenario may decide."""
    return scenario.clauses if scenario.only else tuple(dict.fromkeys((*scenario.clauses, *DECIDED)))
