"""OTLP/JSON: spans become those of native ingestion, and their traces show from the first span on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mock.apis.rest.world import World, trace

TRACE, ROOT, CHILD = "5B8EFFF798038103D269B633813FC60C", "EEE19B7EC3C1B174", "eee19b7ec3c1b175"
SECOND = 1_000_000_000
START = 1_773_482_400 * SECOND
"""2026-03-14T10:00:00Z in nanoseconds."""


def attributes(**values: Any) -> list[dict[str, Any]]:
    return [{"key": key.replace("__", "."), "value": value} for key, value in values.items()]


def span(span_id: str = ROOT, start: int = 0, end: int | None = 1, **fields: Any) -> dict[str, Any]:
    """A span from second `start` to second `end` of the minute."""
    times = {"startTimeUnixNano": str(START + start * SECOND)}
    if end is not None:
        times["endTimeUnixNano"] = str(START + end * SECOND)
    return {"traceId": TRACE, "spanId": span_id, "name": "step", **times, **fields}


def export(*spans: dict[str, Any], resource: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"resourceSpans": [{"resource": {"attributes": resource or []}, "scopeSpans": [{"spans": list(spans)}]}]}


def sent(*exports: dict[str, Any]) -> World:
    world = World()
    for body in exports:
        world.call("ingestOtlpTraces", body)
    return world


def only(world: World) -> dict[str, Any]:
    (found,) = world.listed()
    return found


def only_span(world: World) -> dict[str, Any]:
    (found,) = world.detail(TRACE.lower())["spans"]
    return dict(found)


@pytest.mark.parametrize(
    ("body", "accepted"),
    [
        ({}, 0),
        ({"resourceSpans": []}, 0),
        ({"resourceSpans": [{}]}, 0),
        ({"resourceSpans": [{"scopeSpans": [{}]}]}, 0),
        (export(span(ROOT), span(CHILD)), 2),
        (export(span(ROOT), span(ROOT)), 2),
    ],
)
def test_an_answer_counts_the_spans(body: dict[str, Any], accepted: int) -> None:
    assert World().call("ingestOtlpTraces", body) == {"accepted": accepted}


def test_a_trace_has_the_lower_case_id_and_the_times_of_its_spans() -> None:
    found = only(sent(export(span(CHILD, 3, 9, parentSpanId=ROOT), span(ROOT, 2, 8))))

    assert found["id"] == TRACE.lower()
    assert found["startTime"] == "2026-03-14T10:00:02.000Z"
    assert (found["endTime"], found["durationMs"], found["spanCount"]) == ("2026-03-14T10:00:09.000Z", 7000, 2)


NAMES = {
    "its root": ([span(CHILD, 1, parentSpanId=ROOT, name="child"), span(ROOT, 2, name="root")], "root"),
    "the earliest of several roots": ([span(ROOT, 2, name="late"), span(CHILD, 1, name="early")], "early"),
    "the earliest span without a root": (
        [span(ROOT, 2, name="late", parentSpanId=CHILD), span("1" * 16, 1, name="early", parentSpanId=CHILD)],
        "early",
    ),
}


@pytest.mark.parametrize("named_by", NAMES)
@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
@pytest.mark.parametrize("together", [False, True], ids=["one export each", "together"])
def test_a_trace_is_named_by(named_by: str, *, turned: bool, together: bool) -> None:
    spans, name = NAMES[named_by]
    ordered = spans[::-1] if turned else spans
    exports = [export(*ordered)] if together else [export(each) for each in ordered]

    assert only(sent(*exports))["name"] == name


def test_a_span_that_is_exported_again_is_not_stored_again() -> None:
    body = export(span(attributes=attributes(gen_ai__usage__input_tokens={"intValue": 5})))

    assert (only(sent(body, body))["spanCount"], only(sent(body, body))["totalTokens"]) == (1, 5)


@pytest.mark.parametrize("end", [{}, {"endTimeUnixNano": 0}, {"endTimeUnixNano": "0"}], ids=str)
def test_a_span_without_an_end_is_open_and_so_is_its_trace(end: dict[str, Any]) -> None:
    open_span = span(end=None) | end
    found = only(sent(export(open_span, span(CHILD, 0, 5))))

    assert (found["endTime"], found["durationMs"]) == (None, 0)


def test_nanoseconds_are_cut_to_milliseconds_and_come_as_number_or_text() -> None:
    found = only(
        sent(export(span() | {"startTimeUnixNano": START + 1_999_999, "endTimeUnixNano": f"{START + 2_999_999}"}))
    )

    assert (found["startTime"], found["endTime"]) == ("2026-03-14T10:00:00.001Z", "2026-03-14T10:00:00.002Z")


@pytest.mark.parametrize(
    ("kind", "model", "type_"),
    [
        (None, None, "CUSTOM"),
        (0, None, "CUSTOM"),
        (1, None, "CHAIN"),
        (2, None, "AGENT"),
        (3, None, "TOOL"),
        (4, None, "CUSTOM"),
        (5, None, "CUSTOM"),
        (3, "gen_ai.request.model", "LLM"),
        (None, "ai.model", "LLM"),
    ],
)
def test_the_type_of_a_span_is_that_of_its_kind_unless_it_names_a_model(
    kind: int | None, model: str | None, type_: str
) -> None:
    fields: dict[str, Any] = {} if kind is None else {"kind": kind}
    if model is not None:
        fields["attributes"] = [{"key": model, "value": {"stringValue": "gpt-4o"}}]
    found = only_span(sent(export(span(**fields))))

    assert (found["type"], found.get("model")) == (type_, None if model is None else "gpt-4o")


@pytest.mark.parametrize(
    ("names", "values", "tokens"),
    [
        (("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"), ({"intValue": 3}, {"intValue": "4"}), 7),
        (("ai.prompt_tokens", "ai.completion_tokens"), ({"intValue": 3}, {"doubleValue": 4.0}), 7),
        (("gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens"), ({"intValue": 3}, {"intValue": 4}), 7),
        (("gen_ai.usage.prompt_tokens", "gen_ai.usage.input_tokens"), ({"intValue": 3}, {"doubleValue": None}), 3),
        (("ai.prompt_tokens", "other"), ({"intValue": 3}, {"intValue": 4}), 3),
        (("ai.prompt_tokens", "ai.completion_tokens"), ({"intValue": -1}, {"intValue": "9223372036854775807"}), 0),
        (("ai.prompt_tokens", "ai.completion_tokens"), ({"stringValue": "many"}, {"boolValue": True}), 0),
        (("ai.prompt_tokens", "ai.completion_tokens"), ({}, {"doubleValue": "NaN"}), 0),
    ],
)
def test_attributes_count_as_tokens_when_they_are_such_numbers(
    names: tuple[str, str], values: tuple[dict[str, Any], dict[str, Any]], tokens: int
) -> None:
    sent_attributes = [{"key": name, "value": value} for name, value in zip(names, values, strict=True)]
    world = sent(export(span(attributes=sent_attributes)))

    assert only(world)["totalTokens"] == tokens


@pytest.mark.parametrize(
    ("value", "cost"),
    [
        ({"doubleValue": 0.1}, "0.1"),
        ({"intValue": 2}, "2"),
        ({"stringValue": "0.25"}, "0.25"),
        ({"stringValue": "1e-999999999"}, "0"),
        ({"stringValue": "free"}, "0"),
        ({"doubleValue": -1}, "0"),
        ({"doubleValue": "Infinity"}, "0"),
    ],
    ids=str,
)
def test_a_cost_attribute_is_the_cost_of_the_span(value: dict[str, Any], cost: str) -> None:
    world = sent(export(span(attributes=[{"key": "gen_ai.usage.cost", "value": value}])))

    assert only(world)["totalCost"] == cost


def test_an_error_status_makes_the_trace_an_error() -> None:
    world = sent(
        export(span(status={"code": 2, "message": "boom"}), span(CHILD, status={"code": 1, "message": "fine"}))
    )
    messages = {found["id"]: found.get("errorMessage") for found in world.detail(TRACE.lower())["spans"]}

    assert only(world)["status"] == "ERROR"
    assert messages == {ROOT.lower(): "boom", CHILD: None}


def test_resource_attributes_become_metadata_and_tags() -> None:
    resource = attributes(
        service__name={"stringValue": "agent"}, replicas={"intValue": "3"}, live={"boolValue": True}, empty={}
    )
    found = only(sent(export(span(), resource=resource)))

    assert found["metadata"] == {"service.name": "agent", "replicas": 3, "live": True, "empty": None}
    assert found["tags"] == ["service.name:agent", "replicas:3", "live:true"]


def test_the_resource_of_the_span_that_names_the_trace_has_the_last_word_and_tags_add_up() -> None:
    front = export(span(ROOT, 0), resource=attributes(name={"stringValue": "front"}))
    back = export(span(CHILD, 1, parentSpanId=ROOT), resource=attributes(name={"stringValue": "back"}))
    for exports in ((front, back), (back, front)):
        found = only(sent(*exports))
        assert found["metadata"] == {"name": "front"}
        assert sorted(found["tags"]) == ["name:back", "name:front"]


def test_a_long_attribute_is_cut_to_the_length_of_a_tag() -> None:
    world = sent(export(span(), resource=attributes(key={"stringValue": "x" * 5000})))
    longest = world.contract.document["components"]["schemas"]["Tag"]["maxLength"]

    assert [len(tag) for tag in only(world)["tags"]] == [longest]
    assert world.ids(tags=only(world)["tags"]) == [TRACE.lower()]


def test_everything_else_of_a_span_is_kept_in_its_metadata() -> None:
    found = only_span(
        sent(
            export(
                span(
                    attributes=attributes(
                        gen_ai__system={"stringValue": "openai"},
                        nested={
                            "kvlistValue": {
                                "values": attributes(list={"arrayValue": {"values": [{"intValue": "1"}, {}]}}),
                            }
                        },
                        raw={"bytesValue": "AAE="},
                        huge={"intValue": "9999999999999999999"},
                    ),
                    events=[{"name": "retry", "timeUnixNano": str(START), "attributes": attributes(n={"intValue": 1})}],
                    links=[{"traceId": TRACE, "spanId": ROOT}],
                )
            )
        )
    )

    assert found["metadata"] == {
        "gen_ai.system": "openai",
        "nested": {"list": [1, None]},
        "raw": "AAE=",
        "huge": "9999999999999999999",
        "otel.events": [{"name": "retry", "timeUnixNano": str(START), "attributes": {"n": 1}}],
        "otel.links": [{"traceId": TRACE.lower(), "spanId": ROOT.lower(), "attributes": {}}],
    }


def test_a_native_trace_create_says_better_and_keeps_the_place() -> None:
    world = sent(export(span(name="root"), resource=attributes(service={"stringValue": "a"})))
    world.ingest(trace(TRACE.lower(), "native", startTime="2026-03-14T09:00:00Z", tags=["mine"], metadata={"k": 1}))
    world.call("ingestOtlpTraces", export(span(CHILD, -600, 0, name="earlier root")))

    found = only(world)
    assert (found["name"], found["startTime"]) == ("native", "2026-03-14T09:00:00.000Z")
    assert (found["tags"], found["metadata"], found["spanCount"]) == (["mine"], {"service": "a", "k": 1}, 2)


def test_a_trace_moves_in_the_list_and_its_tags_with_it_when_an_earlier_span_comes() -> None:
    world = sent(export(span(ROOT, 5), resource=attributes(service={"stringValue": "a"})))
    world.ingest(trace("between", startTime="2026-03-14T10:00:03Z", tags=["service:a"]))
    assert world.ids(tags=["service:a"]) == [TRACE.lower(), "between"]

    world.call("ingestOtlpTraces", export(span(CHILD, 1, parentSpanId=ROOT)))
    assert world.ids(tags=["service:a"]) == world.ids() == ["between", TRACE.lower()]


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        (export(span(ROOT), span(CHILD)), tuple(f"{TRACE}:{span_id}".lower() for span_id in (ROOT, CHILD))),
        ({"resourceSpans": [None, {"scopeSpans": [{"spans": [None, {"traceId": 1}, {"spanId": "s"}]}, 5]}]}, ()),
        ({"resourceSpans": {}}, ()),
        (None, ()),
        ([], ()),
        ("text", ()),
    ],
)
def test_span_keys_are_found_in_whatever_came(body: object, keys: tuple[str, ...]) -> None:
    find = World().operations["ingestOtlpTraces"].attempt_keys

    assert find is not None
    assert find(body) == keys
