"""Universes: what belongs to a project beside its rows. A part of the engine, it knows not what the API is about."""

from twosignal_mock.universes._clock import (
    Clock,
    ClockError,
    ClockKind,
    ClockStart,
    instant_text,
    parse_clock,
    parse_instant,
)
from twosignal_mock.universes._fault import ErrorCatalogue, Fault, FaultKind, FaultPhase, RetryAfterForm
from twosignal_mock.universes._faults import FaultError, FaultRule, Faults
from twosignal_mock.universes._ids import IdSource
from twosignal_mock.universes._journal import Attempt, Entry, Journal
from twosignal_mock.universes._ledger import Ledger, LedgerEntry, Outcome
from twosignal_mock.universes._rate import RateVerdict, RateWindow
from twosignal_mock.universes._redaction import redact_header, redact_json, redact_query, redact_text
from twosignal_mock.universes._rendering import render_account, render_entry
from twosignal_mock.universes._universe import Universe, Universes

__all__ = [
    "Attempt",
    "Clock",
    "ClockError",
    "ClockKind",
    "ClockStart",
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
    "Ledger",
    "LedgerEntry",
    "Outcome",
    "RateVerdict",
    "RateWindow",
    "RetryAfterForm",
    "Universe",
    "Universes",
    "instant_text",
    "parse_clock",
    "parse_instant",
    "redact_header",
    "redact_json",
    "redact_query",
    "redact_text",
    "render_account",
    "render_entry",
]
