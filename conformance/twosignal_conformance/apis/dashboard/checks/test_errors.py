"""What an error looks like, and what has one."""

from __future__ import annotations

from typing import Any

import httpx

from twosignal_conformance.apis.dashboard.checks import ApiClient, Desk, Exchange, Judge, TestData, covers, watches
from twosignal_conformance.apis.dashboard.checks.desk import DATASETS
from twosignal_conformance.engine.api_client import member

_OF_THE_API = frozenset({httpx.codes.BAD_REQUEST, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.CONFLICT})
"""Statuses that say something about a call; those of a gateway or a library of HTTP are left out, and of a 401 the
published clients read no body."""


@watches("errors.shape.message", "errors.shape.code", "errors.shape.superjson", "errors.server.absent")
def look(exchange: Exchange, judge: Judge) -> None:
    """Every refusal of a procedure says why, for people and for programs; none is an error of the server."""
    if exchange.operation_id is None or exchange.status is None:
        return
    wanted = exchange.status != httpx.codes.INTERNAL_SERVER_ERROR
    judge.check("errors.server.absent", wanted, expected="no 500", actual=exchange.status, evidence=exchange)
    if exchange.status not in _OF_THE_API:
        return
    enveloped = isinstance(exchange.at("error", "json"), dict)
    error = exchange.at("error", "json") if enveloped else exchange.at("error")
    expected = "the error in error.json"
    judge.check("errors.shape.superjson", enveloped, expected=expected, actual=exchange.text, evidence=exchange)
    for clause, steps in (("errors.shape.message", ("message",)), ("errors.shape.code", ("data", "code"))):
        found = member(error, *steps)
        place = ".".join(steps)
        judge.check(
            clause, isinstance(found, str), expected=f"a text as {place}", actual=exchange.text, evidence=exchange
        )


@covers("errors.procedure.unknown", "errors.shape.details")
def test_what_does_not_exist_is_not_found(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A procedure that nobody knows, and a thing that nobody has."""
    desk = Desk(client, judge, data)
    base = client.contract.operation(DATASETS.list).path.rpartition("/")[0]
    exchange = client.request("GET", f"{base}/{data.tag('procedure')}.list")
    desk.check_cause("errors.procedure.unknown", exchange, "unknown-endpoint", "an unknown procedure")
    procedure = "dataset.delete"
    exchange = desk.call(procedure, {"id": data.id()})
    wanted: Any = client.contract.error("unknown-resource").body(
        dict.fromkeys(client.contract.error("unknown-resource").placeholders, procedure)
    )
    error = exchange.at("error", "json")
    details = {name: member(error, "data", name) for name in ("code", "httpStatus", "path")}
    details["code number"] = member(error, "code")
    expected = {**wanted["error"]["json"]["data"], "path": procedure, "code number": wanted["error"]["json"]["code"]}
    desk.check("errors.shape.details", details == expected, str(expected), details, exchange)
