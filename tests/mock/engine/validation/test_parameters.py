"""Query parameters: converted by the contract's types, defaults filled in, refused with the place."""

from __future__ import annotations

from typing import Any

import pytest
from twosignal_contract import Contract
from twosignal_mock.engine.validation import CompiledOperation, Parameters, Schemas

from tests.mock.engine.validation.conftest import Said

Operations = dict[str, CompiledOperation]


def parameter(contract: Contract, name: str) -> dict[str, Any]:
    known: list[dict[str, Any]] = contract.document["paths"]["/api/v1/traces"]["get"]["parameters"]
    return next(each for each in known if each["name"] == name)


def test_defaults_are_the_contracts(operations: Operations, contract: Contract) -> None:
    default = parameter(contract, "limit")["schema"]["default"]
    assert operations["listTraces"].parameters.decode(b"") == {"limit": default}


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        (b"limit=7", "limit", 7),
        (b"limit=7&limit=8", "limit", 8),
        (b"name=a%20b+c", "name", "a b c"),
        (b"name=", "name", ""),
        (b"name=caf%C3%A9", "name", "caf\u00e9"),
        (b"status=ERROR", "status", "ERROR"),
        (b"tags=a,b", "tags", ["a", "b"]),
        (b"tags=a%2Cb", "tags", ["a", "b"]),
        (b"tags=", "tags", []),
        (b"startDate=2026-01-31T12:00:00Z", "startDate", "2026-01-31T12:00:00Z"),
        (b"startDate=2026-01-31T12:00:00+00:00", "startDate", "2026-01-31T12:00:00+00:00"),
        (b"startDate=2026-01-31T12:00:00%2B00:00", "startDate", "2026-01-31T12:00:00+00:00"),
    ],
)
def test_a_value_is_converted(operations: Operations, query: bytes, name: str, value: object) -> None:
    assert operations["listTraces"].parameters.decode(query)[name] == value


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (b"limit=0", "limit: is 0; expected an integer from {least} to {most}"),
        (b"limit=101", "limit: is 101; expected an integer from {least} to {most}"),
        (b"limit=ten", 'limit: is "ten"; expected an integer from {least} to {most}'),
        (b"limit=1.5", 'limit: is "1.5"; expected an integer from {least} to {most}'),
        (b"limit=", "limit: is empty; expected an integer from {least} to {most}"),
        (b"limit=" + b"9" * 5000, "limit: is a string of 5000 characters ("),
        (b"limit=%D9%A1", 'limit: is "\u0661"; expected an integer'),
        (b"status=ok", 'status: is "ok"; expected one of OK, ERROR'),
        (b"tags=" + b"x" * 201, "tags[0]: is a string of 201 characters ("),
        (b"startDate=yesterday", 'startDate: is "yesterday"; expected an instant in UTC'),
        (b"endDate=2026-01-31T12:00:00", 'endDate: is "2026-01-31T12:00:00"; expected an instant in UTC'),
        (b"cursor=", "cursor: is empty; expected a string of 1 to "),
        (b"name=%FF", "query: is not valid UTF-8"),
    ],
)
def test_a_refusal_names_the_parameter(
    operations: Operations, contract: Contract, said: Said, query: bytes, message: str
) -> None:
    schema = parameter(contract, "limit")["schema"]
    expected = message.format(least=schema["minimum"], most=schema["maximum"])
    assert said(lambda: operations["listTraces"].parameters.decode(query)).startswith(expected)


def test_unknown_parameters_are_ignored(operations: Operations) -> None:
    assert operations["getHealth"].parameters.decode(b"limit=x&a[]=1&&=") == {}


def test_other_types_and_styles_are_read_too(said: Said) -> None:
    known: list[dict[str, Any]] = [
        {"name": "ratio", "in": "query", "required": True, "schema": {"type": "number"}},
        {"name": "deep", "in": "query", "schema": {"type": "boolean"}},
        {"name": "ids", "in": "query", "schema": {"type": "array", "items": {"type": "integer"}}},
        {"name": "thing", "in": "path", "required": True, "schema": {"type": "string"}},
    ]
    parameters = Parameters(Schemas({}), known)
    found = parameters.decode(b"ratio=2.5e1&deep=true&ids=1&ids=2", {"thing": "x"})
    assert found == {"ratio": 25.0, "deep": True, "ids": [1, 2], "thing": "x"}
    assert said(lambda: parameters.decode(b"", {"thing": "x"})) == "ratio: is missing; expected a number"
    assert said(lambda: parameters.decode(b"ratio=1&deep=maybe", {"thing": "x"})).startswith('deep: is "maybe"; ')
