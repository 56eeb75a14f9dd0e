"""Judges clients: gives a command scenarios to do against the mock, and reads from its journal what the client did.

The judge never imports the mock; it starts `twosignal-mock` as a process of its own, or is told the address of one.
What only one API knows of its clients, it hands over as a ClientApi.
"""

from twosignal_conformance.clients._api import Case, ClientApi, Rule, RuleResult, RuleTable, StoredState, each
from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._chains import Item, Link, Traits, chains
from twosignal_conformance.clients._client_run import (
    ClientRun,
    citations,
    clauses_about_clients,
    clauses_of,
    register_of,
)
from twosignal_conformance.clients._control import Control, ControlError, Sandbox
from twosignal_conformance.clients._journal import WINDOW, judge_all, judge_journal
from twosignal_conformance.clients._mock import Mocks
from twosignal_conformance.clients._program import NOT_SUPPORTED, OUTPUT_LIMIT, Ended, Programs
from twosignal_conformance.clients._scenario import (
    MOST_REQUESTS,
    TIME_LIMIT,
    Scenario,
    ScenarioError,
    Setup,
    Value,
    choose,
    read_scenarios,
)
from twosignal_conformance.clients._scenario_runner import AT_ONCE, judge_command
from twosignal_conformance.clients._schemas import Schemas
from twosignal_conformance.clients._timelines import all_timelines
from twosignal_conformance.clients._verdicts import why_undecided
from twosignal_conformance.clients._waits import DATE_TOLERANCE, TOLERANCE, Wait, WaitKind

__all__ = [
    "AT_ONCE",
    "DATE_TOLERANCE",
    "MOST_REQUESTS",
    "NOT_SUPPORTED",
    "OUTPUT_LIMIT",
    "TIME_LIMIT",
    "TOLERANCE",
    "WINDOW",
    "Attempt",
    "Case",
    "ClientApi",
    "ClientRun",
    "Control",
    "ControlError",
    "Ended",
    "Item",
    "Link",
    "Mocks",
    "Programs",
    "Rule",
    "RuleResult",
    "RuleTable",
    "Sandbox",
    "Scenario",
    "ScenarioError",
    "Schemas",
    "Setup",
    "StoredState",
    "Traits",
    "Value",
    "Wait",
    "WaitKind",
    "all_timelines",
    "chains",
    "choose",
    "citations",
    "clauses_about_clients",
    "clauses_of",
    "each",
    "judge_all",
    "judge_command",
    "judge_journal",
    "read_scenarios",
    "register_of",
    "why_undecided",
]
