"""JSON bodies: what is let through, what is refused, and how well the refusal names the place."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.api import ApiError
from twosignal_mock.engine.validation import DEEPEST, CompiledOperation, Schemas, compile_operation

from tests.mock.engine.validation.conftest import Said, decode_body

Operations = dict[str, CompiledOperation]

AT = "2026-01-31T12:00:00.000Z"
TRACE: dict[str, Any] = {"id": "t", "name": "n"}
SPAN: dict[str, Any] = {"traceId": "t", "name": "n", "type": "LLM"}


def event(body: object, kind: object = "span-create", **changes: object) -> dict[str, Any]:
    return {"id": "e", "type": kind, "timestamp": AT, "body": body} | changes


def batch(*events: object) -> dict[str, Any]:
    return {"batch": list(events)}


def decode(operations: Operations, name: str, body: object) -> Any:
    return decode_body(operations[name], body if isinstance(body, bytes) else json.dumps(body).encode())[0]


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        ("ingestTraces", [], "body: is an array of 0 items; expected an object"),
        ("ingestTraces", {}, "batch: is missing; expected an array"),
        ("ingestTraces", batch(), "batch: is an array of 0 items; expected an array of at least 1 item"),
        ("ingestTraces", batch(7), "batch[0]: is 7; expected an object"),
        ("ingestTraces", batch({}), "batch[0].type: is missing; expected one of trace-create, span-create"),
        (
            "ingestTraces",
            batch(event(TRACE, "trace-create"), event(TRACE, "trace-update")),
            'batch[1].type: is "trace-update"; expected one of trace-create, span-create',
        ),
        ("ingestTraces", batch(event({}, None)), "batch[0].type: is null; expected one of trace-create, span-create"),
        (
            "ingestTraces",
            batch(event({"id": "t"}, "trace-create")),
            "batch[0].body.name: is missing; expected a string",
        ),
        ("ingestTraces", batch(event(SPAN | {"name": 1})), "batch[0].body.name: is 1; expected a string of "),
        ("ingestTraces", batch(event(SPAN | {"type": "LMM"})), 'batch[0].body.type: is "LMM"; expected one of AGENT, '),
        (
            "ingestTraces",
            batch(event(SPAN | {"usage": {"promptTokens": -1}})),
            "batch[0].body.usage.promptTokens: is -1; expected an integer from 0 to ",
        ),
        (
            "ingestTraces",
            batch(event(SPAN | {"status": "FAIL"})),
            'batch[0].body.status: is "FAIL"; expected one of OK',
        ),
        (
            "ingestTraces",
            batch(event(SPAN, timestamp="2026-02-30T00:00:00Z")),
            'batch[0].timestamp: is "2026-02-30T00:00:00Z"; expected an instant in UTC',
        ),
        (
            "ingestTraces",
            batch(event(SPAN | {"startTime": "2026-01-01T00:00:00+01:00"})),
            "batch[0].body.startTime: is ",
        ),
        ("ingestTraces", batch(event(SPAN | {"traceId": "t" * 201})), "batch[0].body.traceId: is a string of 201 "),
        ("ingestTraces", batch(event(SPAN | {"traceId": ""})), "batch[0].body.traceId: is empty; expected a string of"),
        (
            "createScore",
            {"traceId": "t", "evaluatorName": "x", "value": 1.5},
            "value: is 1.5; expected a number from ",
        ),
        (
            "createScore",
            {"traceId": "t", "evaluatorName": "x", "value": "1"},
            'value: is "1"; expected a number ',
        ),
        (
            "validateOutput",
            {"output": 1, "evaluators": [{"type": "NOPE"}]},
            'evaluators[0].type: is "NOPE"; expected one of CONTAINS, REGEX_MATCH, ',
        ),
        (
            "validateOutput",
            {"output": 1, "evaluators": [{"type": "CONTAINS", "config": {"value": 3}}]},
            "evaluators[0].config.value: is 3; expected a string or an array",
        ),
        (
            "ingestOtlpTraces",
            {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "zz"}]}]}]},
            'resourceSpans[0].scopeSpans[0].spans[0].traceId: is "zz"; expected 16 bytes in hexadecimal digits',
        ),
    ],
)
def test_a_refusal_names_the_place_what_came_and_what_was_expected(
    operations: Operations, said: Said, operation: str, body: object, message: str
) -> None:
    assert said(lambda: decode(operations, operation, body)).startswith(message)


def test_a_place_far_into_a_large_batch_is_found(operations: Operations, said: Said) -> None:
    events = [event(SPAN, id=f"e{number}") for number in range(900)]
    events[777]["body"] = SPAN | {"cost": -1}
    assert said(lambda: decode(operations, "ingestTraces", batch(*events))).startswith("batch[777].body.cost: is -1;")


@pytest.mark.parametrize("secret", ["pass", "x" * 2000])
def test_a_refusal_never_quotes_a_secret(operations: Operations, said: Said, secret: str) -> None:
    message = said(lambda: decode(operations, "refreshSession", {"refresh_token": secret + "\u0001" * 5000}))
    assert secret not in message


def test_a_refusal_quotes_no_more_than_a_line(operations: Operations, said: Said) -> None:
    message = said(lambda: decode(operations, "ingestTraces", batch(event(SPAN | {"type": "L" * 5000}))))
    assert len(message) < 400


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "it is empty"),
        (b"{", "unexpected end"),
        (b"{} {}", "unexpected content"),
        (b'{"batch": NaN}', "unexpected character"),
        (b'{"batch": -Infinity}', ""),
        (b'{"batch": 1e400}', "infinity"),
        (b'{"batch": "\xff"}', "UTF-8"),
        (b'{"batch": "\xed\xa0\x80"}', "UTF-8"),
        (b'{"batch": "\\ud800"}', "surrogate"),
        (b'{"batch": "\\ude00"}', "surrogate"),
        (b'\xef\xbb\xbf{"batch": []}', "BOM"),
        (b'{"batch": "a\x00"}', "control character"),
        (b'{"batch": ["a", {"b": "c\\u0000"}]}', "batch[1].b holds the character U+0000"),
        (b'{"a\\u0000": 1}', "U+0000"),
        (b"[" * 10_000 + b"]" * 10_000, "depth"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "nested deeper"),
        (b'{"a":' * (DEEPEST + 1) + b"1" + b"}" * (DEEPEST + 1), "nested deeper"),
        (b"[" * (DEEPEST + 1) + b" " * 20_000 + b"]" * (DEEPEST + 1), "nested deeper"),
    ],
)
def test_what_is_not_readable_json_is_refused_as_such(
    operations: Operations, contract: Contract, raw: bytes, problem: str
) -> None:
    with pytest.raises(ApiError) as caught:
        decode(operations, "ingestTraces", raw)
    assert caught.value.cause == "malformed-json"
    assert problem in str(caught.value.values["problem"])
    assert contract.errors[caught.value.cause].status == 400


def test_the_deepest_body_that_is_let_through_can_be_answered_again(operations: Operations) -> None:
    value: object = 1
    for _ in range(DEEPEST - 5):  # the rest is the way to the metadata
        value = {"a": value}
    sent = batch(event(TRACE | {"metadata": {"a": value}}, "trace-create"))
    body = decode(operations, "ingestTraces", sent)
    assert orjson.loads(orjson.dumps([body])) == [sent]


def test_an_escaped_backslash_before_u0000_is_no_nul(operations: Operations) -> None:
    body = decode(operations, "routeModel", b'{"input": "\\\\u0000"}')
    assert body == {"input": "\\u0000"}


def test_of_a_key_that_stands_twice_the_last_one_counts(operations: Operations) -> None:
    assert decode(operations, "routeModel", b'{"input": 1, "input": "two"}') == {"input": "two"}


def test_text_beyond_ascii_comes_through_unchanged(operations: Operations) -> None:
    text = "na\u00efve \U0001f600 \u2028"
    assert decode(operations, "routeModel", {"input": text}) == {"input": text}


def test_a_batch_is_counted_before_its_events_are_looked_at(
    operations: Operations, contract: Contract, said: Said
) -> None:
    outline = contract.operation("ingestTraces")
    assert outline.payload_limit is not None
    most = outline.payload_limit.events
    assert most is not None
    assert f"{most + 1} events" in said(lambda: decode(operations, "ingestTraces", batch(*range(most + 1))))
    assert "batch[0]" in said(lambda: decode(operations, "ingestTraces", batch(*range(most))))


def test_every_example_of_the_contract_is_let_through(operations: Operations, contract: Contract) -> None:
    checked = 0
    for operation in operations.values():
        node = contract.document["paths"][operation.path][operation.method.lower()]
        for content in node.get("requestBody", {}).get("content", {}).values():
            for example in content["examples"].values():
                decode(operations, operation.id, example["value"])
                checked += 1
    assert checked > 8


def test_a_required_field_is_optional_where_that_is_said_and_nowhere_else(contract: Contract) -> None:
    operation, schemas = contract.operation("routeModel"), Schemas(contract)
    whole, relaxed = (
        compile_operation(schemas, operation, optional=optional)
        for optional in (frozenset[str](), frozenset({"input"}))
    )
    assert decode_body(relaxed, b'{"configName": "a"}')[0] == {"configName": "a"}
    for body in (b"{}", b'{"configName": 5}', b'{"input": 5}'):
        with pytest.raises(ApiError):
            decode_body(whole, body)
        if body != b"{}":
            with pytest.raises(ApiError):
                decode_body(relaxed, body)
