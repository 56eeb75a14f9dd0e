"""The envelopes of responses, of errors and of successes: of what is asked here, and of all that the suite meets."""

from __future__ import annotations

import httpx

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, Key, TestData, covers, responses, watches
from twosignal_conformance.apis.rest.checks.judging import judge_status

_JSON = "application/json"

_OF_HTTP = frozenset(
    {
        httpx.codes.PROXY_AUTHENTICATION_REQUIRED,
        httpx.codes.REQUEST_TIMEOUT,
        httpx.codes.LENGTH_REQUIRED,
        httpx.codes.REQUEST_URI_TOO_LONG,
        httpx.codes.EXPECTATION_FAILED,
        httpx.codes.MISDIRECTED_REQUEST,
        httpx.codes.UPGRADE_REQUIRED,
        httpx.codes.REQUEST_HEADER_FIELDS_TOO_LARGE,
    }
)
"""Statuses that libraries and gateways give before an API is asked, and that no operation documents."""


def _is_error(exchange: Exchange) -> bool:
    """True when a documented operation refused a request; gateways and libraries of HTTP speak for themselves."""
    status = exchange.status or 0
    if status in _OF_HTTP:
        return False
    return (
        exchange.operation_id is not None
        and exchange.method != "HEAD"
        and (httpx.codes.is_client_error(status) or status == httpx.codes.INTERNAL_SERVER_ERROR)
    )


@watches("errors.internal.absent")
def no_internal_error(exchange: Exchange, judge: Judge) -> None:
    """Of all that the suite sends, nothing meets a 500."""
    if exchange.status is None:
        return
    bad = exchange.status == httpx.codes.INTERNAL_SERVER_ERROR
    judge.check(
        "errors.internal.absent",
        not bad,
        expected=f"no {int(httpx.codes.INTERNAL_SERVER_ERROR)}",
        actual=f"status {exchange.status}",
        evidence=exchange if bad else (),
    )


@watches("errors.envelope.error", "errors.envelope.code", "errors.envelope.message", "errors.envelope.content-type")
def errors_have_their_envelope(exchange: Exchange, judge: Judge) -> None:
    """Every refusal of a documented operation."""
    if _is_error(exchange):
        _judge_envelope(judge, exchange)


@watches("errors.success.content-type", "errors.success.no-error")
def successes_are_json_without_error(exchange: Exchange, judge: Judge) -> None:
    """Every success of a documented operation."""
    if exchange.operation_id is not None and exchange.ok and exchange.method != "HEAD":
        _judge_success(judge, exchange)


@covers(
    "errors.envelope.error",
    "errors.envelope.code",
    "errors.envelope.message",
    "errors.envelope.content-type",
    "errors.validation.place",
    "errors.not-found.status",
    "errors.not-found.code",
)
def test_errors_of_each_kind_have_their_envelope(client: ApiClient, judge: Judge, data: TestData) -> None:
    """No key, a wrong parameter, a broken body, an unknown template and an unknown endpoint."""
    contract = client.contract
    wrong = client.call("listTraces", query={"limit": contract.parameter("listTraces", "limit").minimum - 1})
    unknown = client.call("getPromptTemplates", query={"name": data.tag("unknown")})
    for exchange in (
        client.call("listTraces", key=Key.NONE),
        wrong,
        client.call("ingestTraces", content=b'{"batch": ['),
        unknown,
    ):
        if _is_error(exchange):
            _judge_envelope(judge, exchange)
    error = responses.error_of(client, wrong)
    if error is not None:
        named = "limit" in error.message
        judge.observe("errors.validation.place", f"{'yes' if named else 'no'}: {error.message}", evidence=wrong)
    row = contract.error("unknown-endpoint")
    base = contract.operation("getHealth").path.rpartition("/")[0]
    exchange = client.request("GET", f"{base}/nothing-{data.hex(8)}", key=Key.MAIN)
    judge_status(judge, "errors.not-found.status", exchange, row.status)
    if exchange.status == row.status:
        _judge_envelope(judge, exchange)
    for missing in (exchange, unknown):
        error = responses.error_of(client, missing)
        if missing.status == row.status and error is not None:
            judge.observe("errors.not-found.code", error.code, evidence=missing)


@covers("errors.success.content-type", "errors.success.no-error")
def test_successes_are_json_without_error(client: ApiClient, judge: Judge) -> None:
    """Health, a page and a decision; what else the suite sends is looked at as it comes."""
    for exchange in (
        client.call("getHealth"),
        client.call("listTraces", query={"limit": 1}),
        client.call("routeModel", json={"input": "Hello"}),
    ):
        if exchange.ok:
            _judge_success(judge, exchange)


def _judge_envelope(judge: Judge, exchange: Exchange) -> None:
    error = exchange.at("error")
    held = judge.check(
        "errors.envelope.error",
        isinstance(error, dict),
        expected='a JSON object with an object "error"',
        actual=exchange.text,
        evidence=exchange,
    )
    for name in ("code", "message") if held else ():
        value = exchange.at("error", name)
        judge.check(
            f"errors.envelope.{name}",
            isinstance(value, str),
            expected=f'a string "{name}"',
            actual=value,
            evidence=exchange,
        )
    _judge_media_type(judge, exchange, "errors.envelope.content-type")


def _judge_success(judge: Judge, exchange: Exchange) -> None:
    _judge_media_type(judge, exchange, "errors.success.content-type")
    if isinstance(exchange.json, dict):
        judge.check(
            "errors.success.no-error",
            exchange.json.get("error") is None,
            expected='no "error", or null',
            actual=exchange.json.get("error"),
            evidence=exchange,
        )


def _judge_media_type(judge: Judge, exchange: Exchange, clause: str) -> None:
    judge.check(
        clause,
        exchange.media_type == _JSON,
        expected=f"Content-Type {_JSON}",
        actual=exchange.media_type or "no Content-Type",
        evidence=exchange,
    )
