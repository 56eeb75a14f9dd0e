"""Sandboxes: what belongs to a project beside its rows. A part of the engine, it knows not what the API is about."""

from twosignal_mock.engine.sandbox._clock import (
    RANGE,
    Clock,
    ClockError,
    ClockKind,
    ClockStart,
    instant_text,
    parse_clock,
    parse_instant,
)
from twosignal_mock.engine.sandbox._delays import Delay, DelayError
from twosignal_mock.engine.sandbox._dropped import DROPPED_ENTRIES, Dropped, DroppedSandboxes
from twosignal_mock.engine.sandbox._fault import (
    ErrorCatalogue,
    Fault,
    FaultKind,
    FaultPhase,
    RetryAfterForm,
    wait_values,
)
from twosignal_mock.engine.sandbox._fault_rules import LATENCY, FaultError, FaultRule, Faults
from twosignal_mock.engine.sandbox._journal import BODIES_LIMIT, BODY_LIMIT, KEY_SIZE, Attempt, Entry, Journal
from twosignal_mock.engine.sandbox._journal_query import NO_STATUS, JournalQuery, NearMiss, near_misses, shown
from twosignal_mock.engine.sandbox._key_places import key_places
from twosignal_mock.engine.sandbox._ledger import LEDGER_SIZE, Ledger, LedgerEntry, Outcome
from twosignal_mock.engine.sandbox._rate import RateVerdict, RateWindow
from twosignal_mock.engine.sandbox._redaction import Redaction, key_end
from twosignal_mock.engine.sandbox._rendering import render_account, render_entry
from twosignal_mock.engine.sandbox._sandbox import JOURNAL_SIZE, IdSource, Sandbox, Sandboxes
from twosignal_mock.engine.sandbox._workers import Workers

__all__ = [
    "BODIES_LIMIT",
    "BODY_LIMIT",
    "DROPPED_ENTRIES",
    "JOURNAL_SIZE",
    "KEY_SIZE",
    "LATENCY",
    "LEDGER_SIZE",
    "NO_STATUS",
    "RANGE",
    "Attempt",
    "Clock",
    "ClockError",
    "ClockKind",
    "ClockStart",
    "Delay",
    "DelayError",
    "Dropped",
    "DroppedSandboxes",
    "Entry",
    "ErrorCatalogue",
    "Fault",
    "FaultError",
    "FaultKind",
    "FaultPhase",
    "FaultRule",
    "Faults",
    "IdSource",
    "Journal",
    "JournalQuery",
    "Ledger",
    "LedgerEntry",
    "NearMiss",
    "Outcome",
    "RateVerdict",
    "RateWindow",
    "Redaction",
    "RetryAfterForm",
    "Sandbox",
    "Sandboxes",
    "Workers",
    "instant_text",
    "key_end",
    "key_places",
    "near_misses",
    "parse_clock",
    "parse_instant",
    "render_account",
    "render_entry",
    "shown",
    "wait_values",
]
