"""Error bodies are templates of the document: rendering, and other statuses, codes and messages."""

from __future__ import annotations

import pytest
from twosignal_contract import ErrorTemplate, load_contract

CONTRACT = load_contract()


def template(body: object) -> ErrorTemplate:
    return ErrorTemplate("a-cause", 400, body, "/error/code", "/error/message")


@pytest.mark.parametrize(
    ("body", "values", "expected"),
    [
        ("Unauthorized", {}, "Unauthorized"),
        ({"error": "{place}: {problem}"}, {"place": "limit", "problem": "is 0"}, {"error": "limit: is 0"}),
        ({"count": "{count}", "told": "{count} of them"}, {"count": 3}, {"count": 3, "told": "3 of them"}),
        ({"allowed": "{allowed}"}, {"allowed": ["GET", None]}, {"allowed": ["GET", None]}),
        (
            [{"code": -32600, "data": None}, "{why}"],
            {"why": "{no template}"},
            [{"code": -32600, "data": None}, "{no template}"],
        ),
        ({"text": "{{x}} is {x}"}, {"x": 1}, {"text": "{x} is 1"}),
        ({"text": "{{x}}"}, {}, {"text": "{x}"}),
    ],
    ids=["a text", "a message", "a lone placeholder keeps its type", "also a list", "deep", "braces", "braces alone"],
)
def test_a_body_is_filled_in(body: object, values: dict[str, object], expected: object) -> None:
    assert template(body).body(values) == expected


def test_the_names_that_a_body_needs_are_known() -> None:
    assert template({"a": "{x} and {y}", "b": ["{z}", "{{no}}"]}).placeholders == {"x", "y", "z"}


def test_a_missing_value_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        template({"a": "{x}"}).body({})
    with pytest.raises(KeyError):
        template({"a": "x: {x}"}).body({})


def test_code_and_message_stand_where_the_document_says() -> None:
    for cause, row in CONTRACT.errors.items():
        written = CONTRACT.document["x-errors"][cause]
        assert (row.cause, row.status, row.template) == (cause, written["status"], written["body"])
        assert (row.code, row.message) == (written["body"]["error"]["code"], written["body"]["error"]["message"])


def test_a_body_with_another_status_code_and_message_is_the_same_otherwise() -> None:
    row = template({"error": {"code": "A", "message": "{x}", "more": "{x}"}, "data": None})
    other = row.having(status=418, code="B", message="50 {percent}")
    assert (other.status, other.code) == (418, "B")
    assert other.body({"x": 1}) == {"error": {"code": "B", "message": "50 {percent}", "more": 1}, "data": None}
    assert row.having() == row
    assert row.body({"x": 1}) == {"error": {"code": "A", "message": 1, "more": 1}, "data": None}
