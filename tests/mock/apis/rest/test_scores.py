"""Scores: answered as sent, counted in their trace, refused for what is not there."""

from __future__ import annotations

from typing import Any

import pytest
from twosignal_mock.engine.api import ApiError

from tests.mock.apis.rest.world import World, span, trace


def world_with_spans() -> World:
    world = World()
    world.ingest(trace("t"), trace("other"), span("s", event="e"), span("s2", of="other"), span("w", of="waiting"))
    world.ingest(trace("theirs"), project=2)
    return world


def score(**fields: Any) -> dict[str, Any]:
    return {"traceId": "t", "evaluatorName": "accuracy", "value": 0.92, **fields}


@pytest.mark.parametrize(
    "sent",
    [
        {"value": 0.5, "label": "pass", "reasoning": "because", "spanId": "s"},
        {"value": 0, "label": "", "reasoning": "\u00e9\U0001f600", "spanId": None},
        {"value": 1.0, "label": None, "reasoning": None, "spanId": "e"},
    ],
    ids=str,
)
def test_a_score_is_answered_as_it_was_sent(sent: dict[str, Any]) -> None:
    answer = world_with_spans().call("createScore", score(**sent))

    assert answer == score(**sent) | {"id": "id-1"}


def test_what_was_not_sent_is_null() -> None:
    answer = world_with_spans().call("createScore", score())

    assert answer == score() | {"id": "id-1", "spanId": None, "label": None, "reasoning": None}


def test_every_score_counts_in_its_trace_the_same_one_again_too() -> None:
    world = world_with_spans()
    for body in (score(), score(), score(spanId="s"), score(spanId="e")):
        world.call("createScore", body)

    assert {found["id"]: found["scoreCount"] for found in world.listed()} == {"t": 4, "other": 0}
    detail = world.detail("t")["scores"]
    assert [(found["id"], found["spanId"]) for found in detail] == [
        ("id-1", None),
        ("id-2", None),
        ("id-3", "s"),
        ("id-4", "e"),
    ]


def test_a_score_stays_counted_when_its_trace_is_sent_again() -> None:
    world = world_with_spans()
    world.call("createScore", score())
    world.ingest(trace("t", at="2026-03-15T10:00:00Z"), span("late"))

    assert world.detail("t")["scoreCount"] == 1


@pytest.mark.parametrize(
    ("body", "resource", "name"),
    [
        (score(traceId="unknown"), "trace", "unknown"),
        (score(traceId="theirs"), "trace", "theirs"),
        (score(traceId="waiting", spanId="w"), "trace", "waiting"),
        (score(spanId="unknown"), "span", "unknown"),
        (score(spanId="s2"), "span", "s2"),
        (score(spanId=""), "span", ""),
    ],
    ids=["unknown trace", "of another project", "not listed yet", "unknown span", "of another trace", "empty span"],
)
def test_a_score_of_what_is_not_there_is_refused_and_not_counted(
    body: dict[str, Any], resource: str, name: str
) -> None:
    world = world_with_spans()
    with pytest.raises(ApiError) as refused:
        world.call("createScore", body)

    assert (refused.value.cause, refused.value.values) == ("unknown-resource", {"resource": resource, "id": name})
    assert {found["scoreCount"] for found in world.listed()} == {0}


def test_a_trace_can_be_scored_once_it_shows() -> None:
    world = World(lag=500)
    world.ingest(trace())
    with pytest.raises(ApiError):
        world.call("createScore", score())
    world.now += 500

    assert world.ids() == ["t"]
    assert world.call("createScore", score())["traceId"] == "t"


@pytest.mark.parametrize(
    ("body", "resource"),
    [(score(), "trace"), (score(traceId="0c5e3c5c-8a51-4c51-9b0a-4b6a1f0d2e10", spanId="s"), "span")],
)
def test_a_server_that_wants_uuids_refuses_other_identifiers(body: dict[str, Any], resource: str) -> None:
    with pytest.raises(ApiError) as refused:
        World(identifiers="uuid").call("createScore", body)

    assert (refused.value.cause, refused.value.values) == ("invalid-identifier", {"resource": resource})
