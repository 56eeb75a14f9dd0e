"""Judges clients: gives a command scenarios to do against the mock, and reads from its journal what the client did.

The judge never imports the mock; it starts `twosignal-mock` as a process of its own, or is told the address of one.
"""

from twosignal_conformance.clients._citing import citations, clauses_of
from twosignal_conformance.clients._control import Control, ControlError
from twosignal_conformance.clients._journal import WINDOW, judge_journal
from twosignal_conformance.clients._mock import Mocks
from twosignal_conformance.clients._program import NOT_SUPPORTED
from twosignal_conformance.clients._reporting import (
    Ballot,
    clauses_about_clients,
    register_for,
    report_of,
)
from twosignal_conformance.clients._running import AT_ONCE, judge_command
from twosignal_conformance.clients._scenario import (
    TIME_LIMIT,
    Scenario,
    ScenarioError,
    choose,
    scenario_schema,
    scenarios,
)
from twosignal_conformance.clients._waits import DATE_TOLERANCE, TOLERANCE, WAITS
from twosignal_conformance.clients.rules import DECIDED

__all__ = [
    "AT_ONCE",
    "DATE_TOLERANCE",
    "DECIDED",
    "NOT_SUPPORTED",
    "TIME_LIMIT",
    "TOLERANCE",
    "WAITS",
    "WINDOW",
    "Ballot",
    "Control",
    "ControlError",
    "Mocks",
    "Scenario",
    "ScenarioError",
    "choose",
    "citations",
    "clauses_about_clients",
    "clauses_of",
    "judge_command",
    "judge_journal",
    "register_for",
    "report_of",
    "scenario_schema",
    "scenarios",
]
