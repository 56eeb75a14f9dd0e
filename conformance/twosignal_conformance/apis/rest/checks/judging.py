"""Judgements that many checks make of one exchange: its status, a refusal with the status of a cause."""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge


def judge_status(judge: Judge, clause: str, exchange: Exchange, *statuses: int) -> bool:
    """Judge that a response has one of these statuses."""
    return judge.check(
        clause,
        exchange.status in statuses,
        expected=f"status {' or '.join(map(str, sorted(statuses)))}",
        actual=f"status {exchange.status}",
        evidence=exchange,
    )


def judge_cause(client: ApiClient, judge: Judge, clause: str, exchange: Exchange, cause: str, what: str) -> bool:
    """Judge that what was sent is refused with the status of a cause in x-errors."""
    status = client.contract.error(cause).status
    return judge.check(
        clause,
        exchange.status == status,
        expected=f"status {status} for {what}",
        actual=f"status {exchange.status}",
        evidence=exchange,
    )
