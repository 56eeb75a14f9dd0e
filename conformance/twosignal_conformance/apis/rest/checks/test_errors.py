"""What must be refused at every operation, with which status and code; the envelope is in `test_envelopes`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from twosignal_conformance.apis.rest.checks import Exchange, Judge, Key, Target, World, answers, decides, steps

_LARGE_HEADER = 100_000
"""Bytes: common servers take 8,000 to 64,000 for all headers together."""

_WRONG = {"string": 5, "number": "half", "integer": "one", "boolean": "yes", "array": "text", "object": "text"}
"""For each JSON type a value of another one that nobody could take for it."""


@decides("errors.malformed.refused", "errors.malformed.status", "errors.validation.code")
def test_a_body_that_is_not_json_is_refused(target: Target, judge: Judge, world: World) -> None:
    """At every operation with a body, broken off; at one of them in more ways."""
    bodies = [(name, b'{"broken": ') for name in _bodies(target, world)]
    bodies += [("routeModel", body) for body in (b"input=Hello", b'{"input": "Hello"} {}')]
    for name, body in bodies:
        exchange = target.call(name, content=body)
        _judge_refusal(target, judge, exchange, "errors.malformed", f"{body.decode()!r} for {name}")


@decides("errors.missing-field.refused", "errors.missing-field.status", "errors.validation.code")
def test_a_body_without_a_required_field_is_refused(target: Target, judge: Judge, world: World) -> None:
    """A valid body of each operation without each field that its schema requires."""
    for name, body in _bodies(target, world).items():
        for field in _schema(target, name).get("required", ()):
            short = {key: value for key, value in body.items() if key != field}
            exchange = target.call(name, json=short)
            _judge_refusal(target, judge, exchange, "errors.missing-field", f"{name} without {field}")


@decides("errors.wrong-type.refused", "errors.wrong-type.status", "errors.validation.code", profile="standard")
def test_a_field_of_another_type_is_refused(target: Target, judge: Judge, world: World) -> None:
    """A valid body of each operation with a value of another JSON type in each required field; and a name inside."""
    for name, body in _bodies(target, world).items():
        for field, value in _wrong_values(target, _schema(target, name)):
            exchange = target.call(name, json={**body, field: value})
            _judge_refusal(target, judge, exchange, "errors.wrong-type", f"{field} {value!r} for {name}")
    trace = world.trace(name=_WRONG["string"])
    exchange = target.call("ingestTraces", json=world.batch(trace))
    _judge_refusal(target, judge, exchange, "errors.wrong-type", f"a trace with the name {trace['name']!r}")


@decides("errors.method.refused", "errors.method.allow", "errors.media-type.refused", profile="standard")
def test_odd_methods_and_media_types(target: Target, judge: Judge, world: World) -> None:
    """A method that health does not have, and a batch that says it is text."""
    path = target.contract.operation("getHealth").path
    exchange = target.request("PATCH", path, key=Key.NONE)
    judge.observe("errors.method.refused", _told(exchange), evidence=exchange)
    judge.observe("errors.method.allow", exchange.header("Allow") or "no Allow", evidence=exchange)
    headers = {"Content-Type": "text/plain"}
    exchange = target.call("ingestTraces", json=world.batch(world.trace()), headers=headers)
    judge.observe("errors.media-type.refused", _told(exchange), evidence=exchange)


@decides("errors.headers.refused", profile="standard")
def test_headers_too_large(target: Target, judge: Judge) -> None:
    """A header of a size that no proxy lets through."""
    exchange = target.attempt("getHealth", headers={"X-Conformance": "." * _LARGE_HEADER})
    told = exchange.problem if exchange.status is None else _told(exchange)
    judge.observe("errors.headers.refused", told, evidence=exchange)


@decides("errors.payload.code", profile="standard")
def test_the_code_of_a_body_too_large(target: Target, judge: Judge, world: World) -> None:
    """A score with a reasoning that is longer than a whole body may be."""
    limit = target.contract.payload_limits["createScore"].refused_above
    exchange = target.attempt("createScore", json=world.score(world.id(), reasoning="." * limit))
    judge.require(exchange.status == target.contract.error("body-too-large").status, f"it met {_told(exchange)}")
    judge.observe("errors.payload.code", _told(exchange), evidence=exchange)


def _bodies(target: Target, world: World) -> dict[str, dict[str, Any]]:
    """A valid body for each operation that needs the key and takes one."""
    requests = steps.valid_requests(target.contract, world)
    return {name: options["json"] for name, options in requests.items() if "json" in options}


def _schema(target: Target, operation_id: str) -> Mapping[str, Any]:
    """Of an operation's request body."""
    body = target.contract.operation(operation_id).request_body
    return body.media_type.schema if body is not None else {}


def _wrong_values(target: Target, schema: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for field in schema.get("required", ()):
        kind = target.contract.resolve(schema["properties"][field]).get("type")
        if isinstance(kind, str):
            yield field, _WRONG[kind]


def _judge_refusal(target: Target, judge: Judge, exchange: Exchange, clause: str, what: str) -> None:
    """Refused at all, and with the status of what is not valid: two clauses.

    A 404 decides neither: the operation is not served, or the trace of a score was looked for before the rest of it.
    """
    if exchange.status == target.contract.error("unknown-resource").status:
        return
    status = target.contract.error("invalid-value").status
    refused = judge.that(
        f"{clause}.refused",
        answers.refused(exchange) or exchange.status == httpx.codes.INTERNAL_SERVER_ERROR,
        expected=f"a refusal of {what}",
        actual=f"status {exchange.status}",
        evidence=exchange,
    )
    if refused:
        judge.that(
            f"{clause}.status",
            exchange.status == status,
            expected=f"status {status} for {what}",
            actual=f"status {exchange.status}",
            evidence=exchange,
        )
        _judge_validation_code(target, judge, exchange)


def _judge_validation_code(target: Target, judge: Judge, exchange: Exchange) -> None:
    row, error = target.contract.error("invalid-value"), answers.error_of(target, exchange)
    if exchange.status == row.status and error is not None:
        judge.that(
            "errors.validation.code", error.code == row.code, expected=row.code, actual=error.code, evidence=exchange
        )


def _told(exchange: Exchange) -> str:
    code = exchange.at("error", "code")
    return f"status {exchange.status}" + (f", code {code}" if code else "")
