"""Other spellings of a field: brought to the contract's own, refused when they differ, known as a dialect says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.api import Spelling
from twosignal_mock.engine.validation import CompiledOperation

from tests.mock.engine.validation.conftest import Said, decode_body

AT = "2026-01-31T12:00:00.000Z"
CAMEL = {"traceId": "t", "name": "n", "type": "LLM", "startTime": AT, "endTime": AT, "parentSpanId": "p"}
SNAKE = {"trace_id": "t", "name": "n", "type": "LLM", "start_time": AT, "end_time": AT, "parent_span_id": "p"}

Operations = dict[str, CompiledOperation]
Spelled = Callable[[Spelling], Operations]


def read(operations: Operations, body: dict[str, Any], raw: bytes | None = None) -> tuple[Any, bool]:
    event = {"id": "e", "type": "span-create", "timestamp": AT, "body": body}
    value, respelled = decode_body(operations["ingestTraces"], raw or json.dumps({"batch": [event]}).encode())
    return value["batch"][0]["body"], respelled


def test_the_other_spelling_is_brought_to_the_own_one(operations: Operations) -> None:
    assert read(operations, SNAKE) == (CAMEL, True)


def test_the_own_spelling_stays(operations: Operations) -> None:
    assert read(operations, CAMEL) == (CAMEL, False)


def test_a_spelling_written_with_escapes_is_met_as_well(operations: Operations) -> None:
    text = json.dumps({"batch": [{"id": "e", "type": "span-create", "timestamp": AT, "body": SNAKE}]})
    raw = text.replace("_", "\\u005f").encode()
    assert read(operations, {}, raw) == (CAMEL, True)


def test_two_spellings_with_one_value_count_as_one(operations: Operations) -> None:
    assert read(operations, CAMEL | SNAKE) == (CAMEL, True)


@pytest.mark.parametrize("other", ["u", None])
def test_two_spellings_that_differ_are_refused(operations: Operations, said: Said, other: object) -> None:
    message = said(lambda: read(operations, CAMEL | {"trace_id": other}))
    assert message.startswith("batch[0].body: traceId and trace_id are two spellings")


def test_true_and_1_differ(operations: Operations, said: Said) -> None:
    both = CAMEL | {"modelParameters": {"stream": True}, "model_parameters": {"stream": 1}}
    assert "modelParameters and model_parameters" in said(lambda: read(operations, both))


def test_fields_inside_free_values_are_left_alone(operations: Operations) -> None:
    free = {"input": {"trace_id": 1}, "metadata": {"start_time": 2}}
    assert read(operations, CAMEL | free)[0] == CAMEL | free


def test_a_refusal_of_the_other_spelling_names_the_own_one(operations: Operations, said: Said) -> None:
    assert said(lambda: read(operations, SNAKE | {"trace_id": 7})).startswith("batch[0].body.traceId: is 7;")


def test_canonical_alone_does_not_know_the_other_spelling(spelled: Spelled, said: Said) -> None:
    operations = spelled(Spelling.CANONICAL)
    assert read(operations, CAMEL) == (CAMEL, False)
    assert said(lambda: read(operations, SNAKE)).startswith("batch[0].body.traceId: is missing;")


def test_aliases_alone_do_not_know_the_own_spelling(spelled: Spelled, said: Said) -> None:
    operations = spelled(Spelling.ALIASES)
    assert read(operations, SNAKE)[0] == CAMEL
    assert said(lambda: read(operations, CAMEL)).startswith("batch[0].body.traceId: is missing;")


def test_every_alias_of_the_contract_is_understood(operations: Operations, contract: Contract) -> None:
    properties = contract.document["components"]["schemas"]["SpanBody"]["properties"]
    aliases = {other: own for own, part in properties.items() for other in part.get("x-aliases", ())}
    assert aliases
    for other, own in aliases.items():
        value = CAMEL.get(own, {} if own == "modelParameters" else "x")
        body = {name: inner for name, inner in CAMEL.items() if name != own} | {other: value}
        assert read(operations, body)[0][own] == value
