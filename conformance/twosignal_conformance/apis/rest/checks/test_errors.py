"""What must be refused at every operation, with which status and code; the envelope is in `test_envelopes`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, Key, TestData, actions, covers
from twosignal_conformance.apis.rest.checks.judging import judge_invalid

_LARGE_HEADER = 100_000
"""Bytes: common servers take 8,000 to 64,000 for all headers together."""


@covers("errors.malformed.refused", "errors.malformed.status", "errors.validation.code")
def test_a_body_that_is_not_json_is_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """At every operation with a body, broken off; at one of them in more ways."""
    bodies = [(name, b'{"broken": ') for name in _bodies(client, data)]
    bodies += [("routeModel", body) for body in (b"input=Hello", b'{"input": "Hello"} {}')]
    for name, body in bodies:
        exchange = client.call(name, content=body)
        judge_invalid(client, judge, exchange, "errors.malformed", f"{body.decode()!r} for {name}")


@covers("errors.missing-field.refused", "errors.missing-field.status", "errors.validation.code")
def test_a_body_without_a_required_field_is_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A valid body of each operation without each field that its schema requires."""
    for name, body in _bodies(client, data).items():
        for field in _schema(client, name).get("required", ()):
            short = {key: value for key, value in body.items() if key != field}
            exchange = client.call(name, json=short)
            judge_invalid(client, judge, exchange, "errors.missing-field", f"{name} without {field}")


@covers("errors.method.refused", "errors.method.allow", "errors.media-type.refused", profile="standard")
def test_odd_methods_and_media_types(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A method that health does not have, and a batch that says it is text."""
    path = client.contract.operation("getHealth").path
    exchange = client.request("PATCH", path, key=Key.NONE)
    judge.observe("errors.method.refused", _told(exchange), evidence=exchange)
    judge.observe("errors.method.allow", exchange.header("Allow") or "no Allow", evidence=exchange)
    headers = {"Content-Type": "text/plain"}
    exchange = client.call("ingestTraces", json=data.batch(data.trace()), headers=headers)
    judge.observe("errors.media-type.refused", _told(exchange), evidence=exchange)


@covers("errors.headers.refused", profile="standard")
def test_headers_too_large(client: ApiClient, judge: Judge) -> None:
    """A header of a size that no proxy lets through."""
    exchange = client.attempt("getHealth", headers={"X-Conformance": "." * _LARGE_HEADER})
    told = exchange.problem if exchange.status is None else _told(exchange)
    judge.observe("errors.headers.refused", told, evidence=exchange)


@covers("errors.payload.code", profile="standard")
def test_the_code_of_a_body_too_large(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A score with a reasoning that is longer than a whole body may be."""
    limit = client.contract.payload_limits["createScore"].refused_above
    exchange = client.attempt("createScore", json=data.score(data.id(), reasoning="." * limit))
    judge.require(exchange.status == client.contract.error("body-too-large").status, f"it met {_told(exchange)}")
    judge.observe("errors.payload.code", _told(exchange), evidence=exchange)


def _bodies(client: ApiClient, data: TestData) -> dict[str, dict[str, Any]]:
    """A valid body for each operation that needs the key and takes one."""
    requests = actions.valid_requests(client.contract, data)
    return {name: options["json"] for name, options in requests.items() if "json" in options}


def _schema(client: ApiClient, operation_id: str) -> Mapping[str, Any]:
    """Of an operation's request body."""
    body = client.contract.operation(operation_id).request_body
    return body.media_type.schema if body is not None else {}


def _told(exchange: Exchange) -> str:
    code = exchange.at("error", "code")
    return f"status {exchange.status}" + (f", code {code}" if code else "")
