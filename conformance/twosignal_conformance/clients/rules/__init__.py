"""What is asked of clients, one module for each area: pure functions from what a client did to what is said of it."""

from twosignal_conformance.clients.rules import (
    _answers,
    _batches,
    _delivery,
    _paging,
    _requests,
    _retry,
    _sessions,
    _spans,
    _timestamps,
)

RULES = tuple(
    rule
    for module in (_requests, _timestamps, _retry, _delivery, _batches, _spans, _paging, _sessions, _answers)
    for rule in module.RULES.rows
)
"""All rules, in the order in which they speak."""

DECIDED = tuple(dict.fromkeys(clause for rule in RULES for clause in rule.clauses))
"""Ids of the clauses that some rule decides."""

__all__ = ["DECIDED", "RULES"]
