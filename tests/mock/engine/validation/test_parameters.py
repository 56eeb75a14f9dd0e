"""Query parameters: converted by the contract's types, defaults filled in, refused with the place."""

from __future__ import annotations

from typing import Any

import pytest
from twosignal_contract import Contract, Parameter
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
        (b"limit=7&limit=8", "limit: is sent 2 times; expected once"),
        (b"limit=7&limit=7", "limit: is sent 2 times; expected once"),
        (b"name=a&x=1&n%61me=b&name=c", "name: is sent 3 times; expected once"),
        (b"tags=a&tags=b", "tags: is sent 2 times; expected once"),
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


def declared(name: str, where: str, *, required: bool = False, **value: Any) -> Parameter:
    """A parameter as a contract has it."""
    return Parameter(name, where, required, "", value["schema"], None, None, value)


def test_other_types_and_styles_are_read_too(contract: Contract, said: Said) -> None:
    known = [
        declared("ratio", "query", required=True, schema={"type": "number"}),
        declared("deep", "query", schema={"type": "boolean"}),
        declared("ids", "query", schema={"type": "array", "items": {"type": "integer"}}),
        declared("thing", "path", required=True, schema={"type": "string"}),
    ]
    parameters = Parameters(Schemas(contract), known)
    found = parameters.decode(b"ratio=2.5e1&deep=true&ids=1&ids=2", {"thing": "x"})
    assert found == {"ratio": 25.0, "deep": True, "ids": [1, 2], "thing": "x"}
    assert said(lambda: parameters.decode(b"", {"thing": "x"})) == "ratio: is missing; expected a number"
    assert said(lambda: parameters.decode(b"ratio=1&deep=maybe", {"thing": "x"})).startswith('deep: is "maybe"; ')


def test_each_parameter_is_read_from_its_own_place(contract: Contract, said: Said) -> None:
    parameters = Parameters(
        Schemas(contract),
        [
            declared("thing", "path", required=True, schema={"type": "string"}),
            declared("X-Wanted", "header", required=True, schema={"type": "integer"}),
            declared("kinds", "header", schema={"type": "array", "items": {"type": "string"}}),
            declared("theme", "cookie", schema={"enum": ["dark", "light"], "default": "light"}),
            declared("Accept", "header", schema={"type": "integer"}),
        ],
    )
    headers = {b"x-wanted": b"7", b"kinds": b"a,b", b"cookie": b"other=1; theme=dark", b"accept": b"text/csv"}
    elsewhere = b"thing=query&X-Wanted=8&theme=light"
    found = parameters.decode(elsewhere, {"thing": "path"}, headers)
    assert found == {"thing": "path", "X-Wanted": 7, "kinds": ["a", "b"], "theme": "dark"}
    without = {b"x-wanted": b"7"}
    assert parameters.decode(elsewhere, {"thing": "path"}, without) == {
        "thing": "path",
        "X-Wanted": 7,
        "theme": "light",
    }
    assert said(lambda: parameters.decode(elsewhere, {"thing": "path"})) == "X-Wanted: is missing; expected an integer"
    wrong = {**without, b"cookie": b"theme=grey"}
    assert said(lambda: parameters.decode(b"", {"thing": "path"}, wrong)).startswith(
        'theme: is "grey"; expected one of'
    )
