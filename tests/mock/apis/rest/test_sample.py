"""The sample: requests that keep to the contract, the same for the same seed, stored by the ordinary operations."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from twosignal_mock.apis.rest.sample import AGENTS, PRICES, generate
from twosignal_mock.engine.api import SampleRequest

from tests.mock.apis.rest.desk import NOON, Desk, the_contract, validator

COUNT = 300


def most_events() -> int:
    outline = the_contract().operation("ingestTraces")
    assert outline.payload_limit is not None
    assert outline.payload_limit.events is not None
    return outline.payload_limit.events


def groups(count: int = COUNT, seed: int = 7, most: int | None = None) -> list[list[SampleRequest]]:
    contract = the_contract()
    ingest = contract.operation("ingestTraces")
    assert ingest.payload_limit is not None
    limit = replace(ingest.payload_limit, events=most or most_events())
    operations = {**contract.operations, ingest.id: replace(ingest, payload_limit=limit)}
    return [list(group) for group in generate(replace(contract, operations=operations), count, str(seed), NOON)]


def sample(count: int = COUNT, seed: int = 7, most: int | None = None) -> list[SampleRequest]:
    return [request for group in groups(count, seed, most) for request in group]


def bodies(requests: list[SampleRequest], kind: str) -> list[dict[str, Any]]:
    """What the events of a kind hold."""
    batches = (request.body["batch"] for request in requests if request.operation_id == "ingestTraces")
    return [event["body"] for batch in batches for event in batch if event["type"] == kind]


def test_every_request_keeps_to_the_contract() -> None:
    requests = sample()
    assert {request.operation_id for request in requests} == {"ingestTraces", "createScore"}
    for request in requests:
        validator(the_contract(), request.operation_id, "request").validate(request.body)


def test_the_same_seed_gives_the_same_bytes() -> None:
    first, again = (json.dumps([vars_of(request) for request in sample()]) for _ in range(2))
    assert first == again
    assert first != json.dumps([vars_of(request) for request in sample(seed=8)])


def vars_of(request: SampleRequest) -> list[object]:
    return [request.operation_id, request.body, request.received]


@pytest.mark.parametrize("count", [0, 1, 2, 10, COUNT])
def test_there_are_as_many_traces_as_asked_for(count: int) -> None:
    assert len({body["id"] for body in bodies(sample(count), "trace-create")}) == count


@pytest.mark.parametrize("most", [40, 100])
def test_a_batch_holds_whole_traces_and_no_more_events_than_allowed(most: int) -> None:
    for request in sample(most=most):
        if request.operation_id == "ingestTraces":
            batch = request.body["batch"]
            assert len(batch) <= most
            created = {event["body"]["id"] for event in batch if event["type"] == "trace-create"}
            assert {event["body"]["traceId"] for event in batch if event["type"] == "span-create"} == created


def test_every_parent_is_a_span_of_the_same_trace_and_every_trace_has_one_root() -> None:
    spans = bodies(sample(), "span-create")
    places = {span["id"]: span["traceId"] for span in spans}
    assert len(places) == len(spans)
    assert all(places[span["parentSpanId"]] == span["traceId"] for span in spans if span["parentSpanId"])
    roots = Counter(span["traceId"] for span in spans if span["parentSpanId"] is None)
    assert set(roots.values()) == {1}


def test_nothing_happens_after_now_or_long_before() -> None:
    requests = sample(2000)
    assert all(request.received <= NOON for request in requests)
    instants = [
        span[field] for span in bodies(requests, "span-create") for field in ("startTime", "endTime") if field in span
    ]
    assert "2026-03-07" <= min(instants) < "2026-03-09"
    assert "2026-03-14T11:5" < max(instants) < "2026-03-14T12:00:00.000Z"


def test_it_shows_something_of_everything() -> None:
    requests = sample()
    spans = bodies(requests, "span-create")
    assert {span["type"] for span in spans} == {"AGENT", "LLM", "TOOL", "RETRIEVAL", "CHAIN"}
    assert {body["name"] for body in bodies(requests, "trace-create")} >= {agent.name for agent in AGENTS}
    assert any(span["status"] == "ERROR" and span["errorMessage"] for span in spans)
    assert any("endTime" not in span for span in spans)
    assert any(span.get("cost") for span in spans)
    scores = [request.body for request in requests if request.operation_id == "createScore"]
    assert {score["label"] for score in scores} == {"pass", "fail"}
    assert any("spanId" in score for score in scores)


def test_what_a_call_of_a_model_used_adds_up() -> None:
    used = [span["usage"] for span in bodies(sample(), "span-create") if "usage" in span]
    assert all(row["totalTokens"] == row["promptTokens"] + row["completionTokens"] for row in used)


def test_every_model_has_a_price() -> None:
    assert {model for agent in AGENTS for model in agent.models} <= set(PRICES)


def depth(spans: list[dict[str, Any]]) -> int:
    parents = {span["id"]: span["parentSpanId"] for span in spans}

    def above(span: str | None) -> int:
        return 0 if span is None else 1 + above(parents.get(span))

    return max(map(above, parents))


SHOWN: dict[str, Callable[[dict[str, Any], list[dict[str, Any]]], bool]] = {
    "a run that goes on": lambda trace, _: trace["endTime"] is None,
    "an empty name": lambda trace, _: trace["name"] == "",
    "a long name": lambda trace, _: len(trace["name"]) == 1000,
    "no tags": lambda trace, _: trace["tags"] == [],
    "one tag": lambda trace, _: len(trace["tags"]) == 1,
    "many spans": lambda trace, _: trace["spanCount"] > 200,
    "a deep tree": lambda _, spans: depth(spans) > 30,
    "an error without an end": lambda _, spans: any(
        span["status"] == "ERROR" and "endTime" not in span and len(span["errorMessage"]) > 1000 for span in spans
    ),
    "a huge cost": lambda trace, _: float(trace["totalCost"]) > 1000 and trace["totalTokens"] > 1_000_000,
    "no cost": lambda trace, spans: trace["totalCost"] == "0" and any(span.get("cost") == 0 for span in spans),
    "a failed run": lambda trace, _: trace["status"] == "ERROR",
}
"""What a listed trace and its spans show, by edge."""


@pytest.mark.parametrize(("count", "least"), [(10, 4), (100, len(SHOWN)), (400, len(SHOWN))])
@pytest.mark.parametrize("seed", [0, 7])
async def test_pages_meet_every_edge_among_the_newest_traces(count: int, least: int, seed: int) -> None:
    desk = await Desk.open()
    requests = sample(count, seed)
    for request in requests:
        desk.now = request.received
        await desk.ask(request.operation_id, request.body)
    desk.now = NOON
    traces = (await desk.ask("listTraces", limit=100))["data"]["traces"]
    spans = bodies(requests, "span-create")
    mine = {trace["id"]: [span for span in spans if span["traceId"] == trace["id"]] for trace in traces}
    missing = [edge for edge, shows in SHOWN.items() if not any(shows(row, mine[row["id"]]) for row in traces)]
    assert len(SHOWN) - len(missing) >= least, missing
    usual = sum(1 for trace in traces if trace["name"] in {agent.name for agent in AGENTS})
    assert usual >= 0.7 * len(traces), "the sample is still what a team would see"


def test_times_are_uneven_few_at_night_and_some_in_bursts() -> None:
    starts = sorted(body["startTime"] for body in bodies(sample(2000), "trace-create"))
    night = sum(start[11:13] < "05" for start in starts) / len(starts)
    assert 0 < night < 0.12
    minutes = Counter(start[:16] for start in starts)
    assert max(minutes.values()) > 20


async def test_stored_traces_are_listed_with_what_they_add_up_to() -> None:
    desk = await Desk.open()
    requests = sample(60)
    for request in requests:
        desk.now = request.received
        await desk.ask(request.operation_id, request.body)
    desk.now = NOON
    traces = (await desk.ask("listTraces", limit=100))["data"]["traces"]
    spans = bodies(requests, "span-create")
    scores = Counter(request.body["traceId"] for request in requests if request.operation_id == "createScore")
    assert len(traces) == 60
    for trace in traces:
        mine = [span for span in spans if span["traceId"] == trace["id"]]
        assert trace["spanCount"] == len(mine)
        assert trace["totalTokens"] == sum(span.get("usage", {}).get("totalTokens", 0) for span in mine)
        assert trace["scoreCount"] == scores[trace["id"]]
        assert (trace["status"] == "ERROR") is any(span["status"] == "ERROR" for span in mine)
        assert trace["startTime"] <= trace["createdAt"]
