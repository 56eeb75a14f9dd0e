"""Judges what a client already did with a mock: every request, every retry, of one sandbox."""

from __future__ import annotations

from twosignal_contract import Contract

from twosignal_conformance.clients._case import Case
from twosignal_conformance.clients._mock import Mocks
from twosignal_conformance.clients._playing import count, read_links
from twosignal_conformance.clients._ruling import rule
from twosignal_conformance.clients._timelines import all_timelines
from twosignal_conformance.clients.rules import DECIDED
from twosignal_conformance.engine.api_client import Budget, Secrets
from twosignal_conformance.engine.judgement import Judge, Outcome, Register, ScenarioRun

CHECK = "journal::everything"

WINDOW = 10.0
"""Seconds, beyond the wait that was asked for, in which the same request is a retry; later it is a new call."""

_UNKNOWN = "it cannot be told from a journal: give the client a scenario with the command `client`"
_NOT_SEEN = "nothing in the journal came to it"

_BY_SCENARIO = frozenset(
    {
        "client.delivery.nothing-lost",
        "client.delivery.not-doubled",
        "client.delivery.shutdown",
        "client.answers.unknown-fields",
        "client.answers.unknown-values",
        "client.answers.error-envelope",
        "client.answers.odd-body",
        "client.paging.ends",
        "client.paging.complete",
        "client.sessions.refresh",
        "client.timestamps.true",
    }
)
"""Clauses for which one must know what the client was asked to do."""


def judge_journal(
    mocks: Mocks, api_key: str, law: Contract, register: Register, secrets: Secrets, sent: Budget
) -> ScenarioRun:
    """Have everything judged that the sandbox of a key saw; ControlError when the mock knows no such key.

    What is given back is all that was sent, for the report.
    """
    register.cite(CHECK, DECIDED)
    control = mocks.require(law)
    secrets.learn(api_key, "$TWOSIGNAL_API_KEY")
    links = read_links(control, {"api_key": api_key}, law, window=WINDOW)
    count(links, sent)
    judge = Judge(CHECK, DECIDED, register, secrets)
    if links:
        rule(Case(law, links), judge, [clause for clause in DECIDED if clause not in _BY_SCENARIO])
    for clause in DECIDED:
        judge.untested(clause, _UNKNOWN if clause in _BY_SCENARIO else _NOT_SEEN)
    seconds = links[-1].attempt.ended - links[0].attempt.started if links else 0.0
    lines = tuple(line.hidden(secrets.hide) for line in all_timelines("journal", links))
    why = f"{len(links)} requests that the mock has of this key"
    return ScenarioRun("journal", "journal", why, Outcome.DONE, seconds, timelines=lines)
