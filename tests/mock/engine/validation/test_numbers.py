"""Numbers never change silently: a number comes back as it was sent, or is refused with its place."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twosignal_mock.engine.api import ApiError
from twosignal_mock.engine.validation import CompiledOperation

from tests.mock.engine.validation.conftest import Said, decode_body

Operations = dict[str, CompiledOperation]

_INTEGERS = st.integers().map(str) | st.integers(-(10**30), 10**30).map(str)
_DECIMALS = st.builds(
    "{}{}.{}{}".format,
    st.sampled_from(["", "-"]),
    st.integers(0, 10**22),
    st.integers(0, 10**40),
    st.just("") | st.integers(-400, 300).map("e{}".format) | st.integers(-330, -300).map("E{}".format),
)
_WHOLE = st.builds("{}{}{}".format, st.integers(1, 10**20), st.sampled_from(["e", "E+"]), st.integers(0, 9))
_SPACES = st.sampled_from(["", " ", "\n", "\t "])


def places(space: str, number: str) -> dict[str, str]:
    """A number in each place where a trace or a span may have any value, and what surrounds it."""
    span = '"traceId":"t","name":"n","type":"LLM"'
    bodies = {
        "body.metadata.a": f'"trace-create","body":{{"id":"t","name":"n","metadata":{{"a":{space}{number}}}}}',
        "body.input[1]": f'"span-create","body":{{{span},"input":["{number}",{space}{number}{space}]}}',
        "body.output.deep[0].x": f'"span-create","body":{{{span},"output":{{"deep":[{{"x":{number}{space}}}]}}}}',
    }
    event = '{{"batch":[{{"id":"e","timestamp":"2026-01-31T12:00:00.000Z","type":{}}}]}}'
    return {place: event.format(body) for place, body in bodies.items()}


def is_held(number: str) -> bool:
    """Whether 64 bits hold a number."""
    if number.lstrip("-").isdecimal():
        return len(number) < 30 and -(2**63) <= int(number) < 2**64
    return Fraction(repr(float(number))) == Fraction(number)


def exact(value: Any, path: str) -> Any:
    """The value at a path, written as JSON and read exactly."""
    for step in path.replace("[", ".").replace("]", "").split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return Decimal(orjson.dumps(value).decode())


@given(_INTEGERS | _DECIMALS | _WHOLE, _SPACES)
@settings(max_examples=400, deadline=None)
@example("18446744073709551615", "")
@example("18446744073709551616", "")
@example("-9223372036854775809", " ")
@example("0.1000000000000000055511151231257827", "")
@example("1e-400", "")
@example("-1.5E-320", "")
@example("1234567890123457e5", "")
@example("1e-9999", "")
@example("9" * 5000, "")
def test_a_number_comes_back_as_sent_or_is_refused_with_its_place(
    operations: Operations, number: str, space: str
) -> None:
    for place, body in places(space, number).items():
        try:
            value, _ = decode_body(operations["ingestTraces"], body.encode())
        except ApiError as error:
            refused = error
        else:
            assert exact(value["batch"][0], place) == Decimal(number)
            continue
        if refused.cause != "malformed-json":  # what overflows a double is refused as no JSON
            assert refused.values["place"] == f"batch[0].{place}"
            assert not is_held(number)


@pytest.mark.parametrize("number", ["12345678901234567890123", "0.12345678901234567890", "1e-400"])
def test_a_text_that_looks_like_a_number_is_a_text(operations: Operations, number: str) -> None:
    for text in (number, f"[{number}]", f"a, {number}", f"id-{number}"):
        (body,) = [body for place, body in places("", orjson.dumps(text).decode()).items() if "metadata" in place]
        value, _ = decode_body(operations["ingestTraces"], body.encode())
        assert value["batch"][0]["body"]["metadata"]["a"] == text


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        (
            "createScore",
            b'{"traceId":"t","evaluatorName":"e","value":0.12345678901234567890}',
            "value: is 0.12345678901234567890, which 64 bits cannot hold; send it as a string, or with fewer digits",
        ),
        (
            "ingestTraces",
            b'{"batch":[{"id":"e","type":"span-create","timestamp":"2026-01-31T12:00:00.000Z",'
            b'"body":{"traceId":"t","name":"n","type":"LLM","cost":0.00123456789012345678901}}]}',
            "batch[0].body.cost: is 0.00123456789012345678901, which 64 bits cannot hold; send it as a string, "
            "or with fewer digits",
        ),
    ],
)
def test_a_cost_and_a_score_are_refused_rather_than_rounded(
    operations: Operations, said: Said, operation: str, body: bytes, message: str
) -> None:
    assert said(lambda: decode_body(operations[operation], body)).endswith(message)


def test_an_exponent_beyond_any_bound_is_refused(operations: Operations) -> None:
    for body in places("", "1e-99999999999999999999").values():
        with pytest.raises(ApiError):
            decode_body(operations["ingestTraces"], body.encode())


def test_a_double_of_protojson_is_the_nearest_one(operations: Operations) -> None:
    attribute = b'{"key":"k","value":{"doubleValue":0.1000000000000000055511}}'
    body = b'{"resourceSpans":[{"resource":{"attributes":[' + attribute + b"]}}]}"
    decode_body(operations["ingestOtlpTraces"], body)
