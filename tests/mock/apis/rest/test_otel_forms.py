"""OTLP/JSON is ProtoJSON: what is absent, null or the default is the same, and a number may be a string.

The forms of each message follow from the contract's schemas, so no field can be forgotten. otlp_pdata.json was written
by ptrace.JSONMarshaler of the collector's Go module go.opentelemetry.io/collector/pdata v1.71.0, November 2026: a span
with values at their edges, and one with nothing but ids.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.mock.apis.rest.desk import validator
from tests.mock.apis.rest.world import CONTRACT, World, span, trace

TRACE, SPAN = "5b8efff798038103d269b633813fc60c", "eee19b7ec3c1b174"
START = 1_773_482_400_000_000_000
"""2026-03-14T10:00:00Z in nanoseconds."""
_SCHEMAS = CONTRACT.document["components"]["schemas"]
_ONE_OF = _SCHEMAS["OtlpAnyValue"]
"""The message whose fields have no default: which of them is there says what it is."""
_ABSENT = object()

_TEXTS = st.sampled_from(["", "a", "\u00fc"])
_BIG = st.integers(-(2**63), 2**63 - 1) | st.integers(-2, 2)
_VALUES: st.SearchStrategy[dict[str, Any]] = st.recursive(
    st.just({})
    | _TEXTS.map(lambda text: {"stringValue": text})
    | st.booleans().map(lambda truth: {"boolValue": truth})
    | _BIG.map(lambda number: {"intValue": number})
    | st.sampled_from([0.0, 0.1, -1e300, 5e-324, "NaN", "-Infinity"]).map(lambda number: {"doubleValue": number})
    | st.just({"bytesValue": "AAE="}),
    lambda inner: (
        st.lists(inner, max_size=2).map(lambda values: {"arrayValue": {"values": values}})
        | st.lists(st.fixed_dictionaries({"key": _TEXTS, "value": inner}), max_size=2).map(
            lambda values: {"kvlistValue": {"values": values}}
        )
    ),
    max_leaves=4,
)
_ATTRIBUTES = st.lists(
    st.fixed_dictionaries(
        {"key": st.sampled_from(["", "k", "gen_ai.usage.input_tokens", "ai.model"]), "value": _VALUES}
    ),
    max_size=3,
)
_SPANS = st.fixed_dictionaries(
    {"traceId": st.just(TRACE), "spanId": st.sampled_from([SPAN, SPAN[:-1] + "a"])},
    optional={
        "parentSpanId": st.just(SPAN),
        "name": _TEXTS,
        "kind": st.integers(0, 5),
        "flags": st.integers(0, 2**32 - 1),
        "startTimeUnixNano": st.sampled_from([0, 1, START]),
        "endTimeUnixNano": st.sampled_from([0, 1, START + 10**9]),
        "attributes": _ATTRIBUTES,
        "events": st.lists(
            st.fixed_dictionaries(
                {}, optional={"name": _TEXTS, "timeUnixNano": st.just(START), "attributes": _ATTRIBUTES}
            ),
            max_size=2,
        ),
        "links": st.lists(
            st.fixed_dictionaries({}, optional={"traceId": st.just(TRACE), "spanId": st.just(SPAN)}), max_size=2
        ),
        "status": st.fixed_dictionaries({}, optional={"code": st.integers(0, 2), "message": _TEXTS}),
    },
)
_REQUESTS = st.fixed_dictionaries(
    {
        "resourceSpans": st.lists(
            st.fixed_dictionaries(
                {
                    "resource": st.fixed_dictionaries({"attributes": _ATTRIBUTES}),
                    "scopeSpans": st.lists(
                        st.fixed_dictionaries(
                            {"spans": st.lists(_SPANS, max_size=2)},
                            optional={"scope": st.fixed_dictionaries({"name": _TEXTS, "version": _TEXTS})},
                        ),
                        max_size=2,
                    ),
                }
            ),
            max_size=2,
        )
    }
)


def solid(schema: Any) -> Any:
    """What a schema says when the value is not null; its first form."""
    while "$ref" in schema or "oneOf" in schema:
        schema = schema["oneOf"][0] if "oneOf" in schema else _SCHEMAS[schema["$ref"].rsplit("/", 1)[-1]]
    return schema


def default_of(schema: Any) -> Any:
    kinds = solid(schema)["type"]
    defaults = {"string": "", "integer": 0, "number": 0.0, "boolean": False, "array": [], "object": {}}
    return defaults[kinds if isinstance(kinds, str) else kinds[0]]


def respelled(draw: st.DrawFn, schema: Any, value: Any) -> Any:
    """The same value in one of its forms."""
    shape = solid(schema)
    if isinstance(value, dict):
        fields = {
            name: form(draw, inner, value.get(name, _ABSENT), optional=name not in shape.get("required", ()))
            if shape is not _ONE_OF
            else member(draw, inner, value.get(name, _ABSENT))
            for name, inner in shape["properties"].items()
        }
        return {name: inner for name, inner in fields.items() if inner is not _ABSENT}
    if isinstance(value, list):
        return [respelled(draw, shape["items"], item) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return draw(st.sampled_from([value, str(value)]))
    if "0-9a-fA-F" in shape.get("pattern", ""):
        return draw(st.sampled_from([value, value.upper()]))
    return value


def form(draw: st.DrawFn, schema: Any, value: Any, *, optional: bool) -> Any:
    """A field of a message, or its absence."""
    default = default_of(schema)
    if not optional or value not in (_ABSENT, default):
        return respelled(draw, schema, value)
    forms = [_ABSENT, None, default]
    if default == 0:
        forms.append("0")
    pattern = solid(schema).get("pattern", "")
    if "{16}" in pattern or "{32}" in pattern:
        forms.append("0" * (16 if "{16}" in pattern else 32))
    return draw(st.sampled_from(forms))


def member(draw: st.DrawFn, schema: Any, value: Any) -> Any:
    return draw(st.sampled_from([_ABSENT, None])) if value is _ABSENT else respelled(draw, schema, value)


@st.composite
def spellings(draw: st.DrawFn) -> tuple[Any, Any]:
    """One request in two forms."""
    request = draw(_REQUESTS)
    schema = {"$ref": "#/components/schemas/OtlpExportRequest"}
    return request, respelled(draw, schema, request)


def stored(request: Mapping[str, Any]) -> Any:
    """What is kept of a request that the contract allows."""
    validator(CONTRACT, "ingestOtlpTraces", "request").validate(request)
    world = World()
    accepted = world.call("ingestOtlpTraces", request)
    return accepted, world.listed(), world.detail(TRACE)


@given(spellings())
@settings(max_examples=200, deadline=None)
def test_every_form_of_a_request_is_the_same(both: tuple[Any, Any]) -> None:
    request, other = both
    assert stored(request) == stored(other)


def test_what_the_collector_writes_is_stored_as_it_was_meant() -> None:
    request = json.loads((Path(__file__).parent / "otlp_pdata.json").read_text(encoding="utf-8"))
    _, (listed,), detail = stored(request)
    root, bare = sorted(detail["spans"], key=lambda each: str(each["id"]))

    assert (listed["name"], listed["status"], listed["totalTokens"]) == ("root", "ERROR", 1250)
    assert listed["tags"] == ["service.name:agent"]
    assert listed["metadata"] == {"service.name": "agent", "nothing": None}
    assert root["metadata"] == {
        "": "empty key",
        "text": "",
        "no": False,
        "zero": 0,
        "least": -(2**63),
        "most": 2**63 - 1,
        "zero.double": 0,
        "tenth": 0.1,
        "huge": 1e300,
        "nan": "NaN",
        "infinite": "-Infinity",
        "nothing": None,
        "bytes": "AAH/",
        "list": [None],
        "map": {"": None},
        "otel.events": [
            {"name": "", "timeUnixNano": "0", "attributes": {}},
            {"name": "retry", "timeUnixNano": "1773482401000000000", "attributes": {}},
        ],
        "otel.links": [{"traceId": "", "spanId": "", "attributes": {}}],
    }
    assert (bare["name"], bare["parent"], bare["endTime"]) == ("", root["id"], None)
    assert bare["startTime"] == "2026-03-14T10:00:02.600Z"  # when it was received


_SPELLINGS = (str, str.upper, str.title)


@pytest.mark.parametrize("first", _SPELLINGS)
@pytest.mark.parametrize("then", _SPELLINGS)
def test_ids_are_the_same_in_any_letter_case_from_any_way_in(first: Any, then: Any) -> None:
    """One trace, opened natively or over OTLP, to which all ways lead."""
    exported = {"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": then(TRACE), "spanId": then(SPAN)}]}]}]}
    native = [trace(first(TRACE)), span(first(SPAN[:-1] + "a"), of=then(TRACE), parentSpanId=first(SPAN))]
    for otlp_first in (True, False):
        world = World()
        for otlp in (otlp_first, not otlp_first):
            if otlp:
                world.call("ingestOtlpTraces", exported)
            else:
                world.ingest(*native)
        score = {"traceId": first(TRACE), "spanId": then(SPAN), "evaluatorName": "e", "value": 1}
        answer = world.call("createScore", score)

        (listed,) = world.listed()
        assert listed["id"] == (TRACE if otlp_first else first(TRACE))
        assert (listed["spanCount"], listed["scoreCount"]) == (2, 1)
        assert (answer["traceId"], answer["spanId"]) == (score["traceId"], score["spanId"])
        detail = world.detail(then(TRACE))
        assert {each["id"]: each["parent"] for each in detail["spans"]} == {SPAN: None, SPAN[:-1] + "a": SPAN}


def test_other_ids_are_told_apart_by_letter_case() -> None:
    world = World()
    world.ingest(trace("abc"), trace("ABC"), trace("g" * 32), trace("G" * 32))

    assert len(world.ids()) == 4


@pytest.mark.parametrize("missing", ["traceId", "spanId"])
@pytest.mark.parametrize("value", [_ABSENT, None, "", "0", "zeros", "g"])
def test_a_span_without_an_id_is_refused(missing: str, value: Any) -> None:
    ids: dict[str, Any] = {"traceId": TRACE, "spanId": SPAN}
    length = len(ids[missing])
    ids[missing] = {"zeros": "0" * length, "g": "g" * length}.get(value, value)
    sent = {name: id_ for name, id_ in ids.items() if id_ is not _ABSENT}

    body = {"resourceSpans": [{"scopeSpans": [{"spans": [sent]}]}]}
    assert not validator(CONTRACT, "ingestOtlpTraces", "request").is_valid(body)
