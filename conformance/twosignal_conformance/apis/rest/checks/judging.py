"""Judgements that many checks make of one exchange: its status, a refusal with the status of a cause."""

from __future__ import annotations

import httpx
from twosignal_contract import Contract

from twosignal_conformance.apis.rest.checks import responses
from twosignal_conformance.apis.rest.checks.data import Json, TestData
from twosignal_conformance.engine.api_client import ApiClient, Exchange
from twosignal_conformance.engine.judgement import Judge


def judge_response(judge: Judge, clause: str, exchange: Exchange, holds: bool, expected: str) -> bool:
    """Judge something that the status of a response shows; `expected` is a phrase."""
    return judge.check(clause, holds, expected=expected, actual=f"status {exchange.status}", evidence=exchange)


def judge_status(judge: Judge, clause: str, exchange: Exchange, *statuses: int, what: str = "") -> bool:
    """Judge that a response has one of these statuses; `what` says what was sent, where that is not plain."""
    expected = f"status {' or '.join(map(str, sorted(statuses)))}{f' for {what}' if what else ''}"
    return judge_response(judge, clause, exchange, exchange.status in statuses, expected)


def judge_cause(client: ApiClient, judge: Judge, clause: str, exchange: Exchange, cause: str, what: str) -> bool:
    """Judge that what was sent is refused with the status of a cause in x-errors."""
    return judge_status(judge, clause, exchange, client.contract.error(cause).status, what=what)


def judge_refusals(
    client: ApiClient, judge: Judge, clause: str, bodies: dict[str, Json], *, cause: str = "invalid-value"
) -> list[Exchange]:
    """Judge that a batch is refused with the status of a cause, for each body; its name says what is wrong with it."""
    status = client.contract.error(cause).status
    exchanges = []
    for flaw, body in bodies.items():
        exchange = client.call("ingestTraces", json=body)
        exchanges.append(exchange)
        judge_status(judge, clause, exchange, status, what=flaw)
    return exchanges


def judge_accepted(judge: Judge, clause: str, exchange: Exchange, what: str) -> bool:
    """Judge that a batch with something in it is accepted."""
    return judge_response(judge, clause, exchange, exchange.ok, f"{what} is accepted")


def typed(contract: Contract, kind: str, body: Json, data: TestData) -> Json:
    """A batch of one event that claims a type, "TraceCreateEvent" or "SpanCreateEvent", whatever its body is."""
    return {"batch": [data.event(body, type=contract.schema(kind)["properties"]["type"]["const"])]}


def judge_invalid(client: ApiClient, judge: Judge, exchange: Exchange, clause: str, what: str) -> None:
    """Refused at all, and with the status of what is not valid: the clauses `<clause>.refused` and `.status`.

    A 404 decides neither: the operation is not served, or the trace of a score was looked for before the rest of it.
    """
    if exchange.status == client.contract.error("unknown-resource").status:
        return
    status = client.contract.error("invalid-value").status
    refused = judge_response(
        judge,
        f"{clause}.refused",
        exchange,
        responses.refused(exchange) or exchange.status == httpx.codes.INTERNAL_SERVER_ERROR,
        f"a refusal of {what}",
    )
    if refused:
        judge_status(judge, f"{clause}.status", exchange, status, what=what)
        _judge_validation_code(client, judge, exchange)


def _judge_validation_code(client: ApiClient, judge: Judge, exchange: Exchange) -> None:
    row, error = client.contract.error("invalid-value"), responses.error_of(client, exchange)
    if exchange.status == row.status and error is not None:
        judge.check(
            "errors.validation.code", error.code == row.code, expected=row.code, actual=error.code, evidence=exchange
        )
