"""What a batch of events leaves behind; each test is named for the rule of the contract that it holds."""

from __future__ import annotations

from typing import Any

import pytest
from twosignal_mock.engine.api import ApiError

from tests.mock.apis.rest.world import World, span, trace


def only(world: World) -> dict[str, Any]:
    (found,) = world.listed()
    return found


def test_an_answer_counts_the_events_of_its_batch() -> None:
    assert World().ingest(trace(), span(), span("s2")) == {"accepted": 3}


def test_a_trace_with_nothing_but_id_and_name_has_a_value_for_every_field() -> None:
    world = World()
    world.ingest(trace("t", "agent", at="2026-03-14T10:00:00.1234567Z"))

    assert only(world) == {
        "id": "t",
        "name": "agent",
        "status": "OK",
        "startTime": "2026-03-14T10:00:00.123Z",
        "endTime": None,
        "durationMs": 0,
        "totalCost": "0",
        "totalTokens": 0,
        "tags": [],
        "metadata": {},
        "spanCount": 0,
        "scoreCount": 0,
        "createdAt": "2026-03-14T10:00:02.600Z",
    }


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("2026-03-14T10:00:00Z", "2026-03-14T10:00:00.000Z"),
        ("2026-03-14T10:00:00+00:00", "2026-03-14T10:00:00.000Z"),
        ("2026-03-14T10:00:00.5Z", "2026-03-14T10:00:00.500Z"),
        ("2026-03-14T10:00:00.999999999+00:00", "2026-03-14T10:00:00.999Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
        ("2299-12-31T23:59:59.999Z", "2299-12-31T23:59:59.999Z"),
    ],
)
def test_a_timestamp_is_answered_as_the_same_instant_cut_to_milliseconds(sent: str, answered: str) -> None:
    world = World()
    world.ingest(trace(startTime=sent, endTime=sent))

    assert (only(world)["startTime"], only(world)["endTime"]) == (answered, answered)


def test_a_day_that_the_calendar_does_not_have_is_refused_with_its_place() -> None:
    world = World()
    with pytest.raises(ApiError) as refused:
        world.ingest(trace("fine"), trace("t", startTime="2026-02-30T10:00:00Z"))

    assert (refused.value.cause, refused.value.values["place"]) == ("invalid-value", "batch[1].body.startTime")
    assert world.listed() == []


def test_such_a_day_is_refused_in_an_event_that_is_known_already_too() -> None:
    world = World()
    event = trace("t")
    world.ingest(event)
    with pytest.raises(ApiError, match="invalid-value"):
        world.ingest({**event, "body": {**event["body"], "endTime": "2026-02-30T10:00:00Z"}})


# --- idempotence ------------------------------------------------------------------------------------------------------


def test_a_batch_that_is_sent_again_is_accepted_and_stored_once() -> None:
    world = World()
    batch = [trace(tags=["a"]), span("s1", cost=0.1, usage={"totalTokens": 5}), span(None, cost=0.2)]

    assert [world.ingest(*batch) for _ in range(3)] == [{"accepted": 3}] * 3
    assert (only(world)["spanCount"], only(world)["totalCost"], only(world)["totalTokens"]) == (2, "0.3", 5)


def test_an_event_that_stands_twice_in_a_batch_counts_twice_and_is_stored_once() -> None:
    world = World()
    event = span(cost=1)

    assert world.ingest(trace(), event, event) == {"accepted": 3}
    assert only(world)["spanCount"] == 1


def test_of_two_events_with_one_id_the_first_stays() -> None:
    world = World()
    world.ingest(trace("t", "first", event="e"))

    assert world.ingest(trace("t", "second", event="e", at="2026-03-14T11:00:00Z")) == {"accepted": 1}
    assert world.ingest(span("s", event="e")) == {"accepted": 1}
    assert (only(world)["name"], only(world)["spanCount"]) == ("first", 0)


def test_of_two_events_for_one_span_the_first_stays() -> None:
    world = World()
    world.ingest(trace(), span("s", cost=1), span("s", cost=2, status="ERROR"))

    assert (only(world)["spanCount"], only(world)["totalCost"], only(world)["status"]) == (1, "1", "OK")


def test_the_same_ids_in_another_project_are_other_things() -> None:
    world = World()
    events = [trace("t", event="e1"), span("s", event="e2")]
    world.ingest(*events, project=1)
    world.ingest(*events, project=2)

    assert [world.listed(project=project)[0]["spanCount"] for project in (1, 2)] == [1, 1]
    assert world.listed(project=3) == []


def test_the_same_span_id_in_another_trace_is_another_span() -> None:
    world = World()
    world.ingest(trace("a"), trace("b"), span("s", of="a"), span("s", of="b"))

    assert [found["spanCount"] for found in world.listed()] == [1, 1]


# --- merging ----------------------------------------------------------------------------------------------------------

EARLY, LATE = "2026-03-14T10:00:00.000001Z", "2026-03-14T10:00:00.000002Z"


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "out of order"])
def test_of_two_values_the_later_event_wins_whatever_the_order_of_arrival(order: tuple[int, int]) -> None:
    world = World()
    events = [
        trace(name="old", at=EARLY, endTime="2026-03-14T11:00:00Z", tags=["a", "b"], metadata={"x": 1, "y": {"p": 1}}),
        trace(name="new", at=LATE, endTime="2026-03-14T12:00:00Z", tags=["c"], metadata={"y": {"q": None}, "z": 3}),
    ]
    for index in order:
        world.ingest(events[index])

    assert only(world)["name"] == "new"
    assert only(world)["endTime"] == "2026-03-14T12:00:00.000Z"
    assert only(world)["tags"] == ["c"]
    assert only(world)["metadata"] == {"x": 1, "y": {"q": None}, "z": 3}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "out of order"])
def test_what_a_later_event_does_not_say_stays(order: tuple[int, int]) -> None:
    world = World()
    events = [
        trace(name="old", at=EARLY, endTime="2026-03-14T11:00:00Z", tags=["a"], metadata={"x": 1}, sessionId="s1"),
        trace(name="new", at=LATE, endTime=None, tags=None, metadata=None),
    ]
    for index in order:
        world.ingest(events[index])

    assert (only(world)["name"], only(world)["tags"], only(world)["metadata"]) == ("new", ["a"], {"x": 1})
    assert only(world)["endTime"] == "2026-03-14T11:00:00.000Z"
    assert world.detail("t")["sessionId"] == "s1"


def test_tags_can_be_replaced_by_none() -> None:
    world = World()
    world.ingest(trace(at=EARLY, tags=["a"]), trace(at=LATE, tags=[]))

    assert only(world)["tags"] == []
    assert world.ids(tags=["a"]) == []


def test_the_place_in_the_order_stays_with_the_first_event() -> None:
    world = World()
    world.ingest(trace("a", startTime="2026-03-14T10:00:01Z"), trace("b", startTime="2026-03-14T10:00:02Z"))
    world.ingest(trace("a", at="2026-03-14T12:00:00Z", startTime="2026-03-14T10:00:03Z"))

    assert world.ids() == ["b", "a"]
    assert world.listed()[1]["startTime"] == "2026-03-14T10:00:01.000Z"


def test_each_tag_stands_once_in_the_order_of_sending() -> None:
    world = World()
    world.ingest(trace(tags=["b", "a", "b", "a,b"]))

    assert only(world)["tags"] == ["b", "a", "a,b"]


# --- spans before their trace, parents --------------------------------------------------------------------------------


def test_spans_wait_for_their_trace_and_count_once_it_is_there() -> None:
    world = World()
    world.ingest(span("s1", cost=0.5), span("s2", status="ERROR"))
    assert world.listed() == []

    world.now += 1000
    world.ingest(trace(tags=["a"]))
    assert (only(world)["spanCount"], only(world)["totalCost"], only(world)["status"]) == (2, "0.5", "ERROR")
    assert only(world)["createdAt"] == "2026-03-14T10:00:02.600Z"
    assert world.ids(tags=["a"]) == ["t"]


def test_a_parent_is_a_span_by_id_else_the_span_of_an_event() -> None:
    world = World()
    world.ingest(
        trace(),
        span("child", parentSpanId="root-event"),
        span("grandchild", parentSpanId="child"),
        span("root", event="root-event"),
        span("orphan", parentSpanId="never sent"),
        span(None, event="own-event", parentSpanId="root"),
    )

    parents = {found["id"]: found["parent"] for found in world.detail("t")["spans"]}
    assert parents == {"root": None, "child": "root", "grandchild": "child", "orphan": None, "own-event": "root"}


def test_a_detail_shows_a_span_as_it_was_sent() -> None:
    world = World()
    sent: dict[str, Any] = {
        "parentSpanId": "p",
        "name": "answer",
        "type": "LLM",
        "startTime": "2026-03-14T10:00:00.100Z",
        "endTime": "2026-03-14T10:00:02.500Z",
        "input": [1, {"a": None}],
        "output": "text \U0001f600",
        "model": "gpt-4o",
        "modelParameters": {"temperature": 0},
        "usage": {"promptTokens": 3, "cachedTokens": 1},
        "cost": 1e-7,
        "errorMessage": "no",
        "status": "ERROR",
        "metadata": {"k": "v"},
    }
    world.ingest(trace(), span("s", **sent))

    (found,) = world.detail("t")["spans"]
    assert found == sent | {
        "id": "s",
        "traceId": "t",
        "eventId": found["eventId"],
        "parent": None,
        "durationMs": 2400,
        "totalTokens": 3,
        "cost": "0.0000001",
    }


def test_a_trace_that_nobody_sent_has_no_detail() -> None:
    assert World().detail("t") is None


# --- what spans add up to ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("costs", "total"),
    [
        ([], "0"),
        ([None], "0"),
        ([0], "0"),
        ([0.0, 0], "0"),
        ([0.1, 0.2], "0.3"),
        ([0.1] * 10, "1"),
        ([100], "100"),
        ([1e9, 1e-9], "1000000000.000000001"),
        ([1e-7], "0.0000001"),
        ([5e-324, 1e9], "1000000000." + "0" * 323 + "5"),
        ([1.50, 2.25], "3.75"),
    ],
    ids=str,
)
def test_the_total_cost_is_the_exact_sum_in_plain_digits(costs: list[float | None], total: str) -> None:
    world = World()
    world.ingest(trace(), *(span(str(index), cost=cost) for index, cost in enumerate(costs)))

    assert only(world)["totalCost"] == total


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        (None, 0),
        ({}, 0),
        ({"promptTokens": 3, "completionTokens": 4}, 7),
        ({"promptTokens": 3}, 3),
        ({"promptTokens": None, "completionTokens": 4, "totalTokens": None}, 4),
        ({"promptTokens": 3, "completionTokens": 4, "totalTokens": 100}, 100),
        ({"promptTokens": 3, "completionTokens": 4, "totalTokens": 0}, 0),
        ({"promptTokens": 3, "cachedTokens": 2}, 3),
        ({"totalTokens": 5.0}, 5),
    ],
    ids=str,
)
def test_the_tokens_of_a_span_are_its_total_else_prompt_and_completion(
    usage: dict[str, Any] | None, tokens: int
) -> None:
    world = World()
    world.ingest(trace(), span(usage=usage))

    assert only(world)["totalTokens"] == tokens


@pytest.mark.parametrize(
    ("own", "spans", "end", "duration"),
    [
        (None, [], None, 0),
        ("10:00:05", [], "10:00:05", 5000),
        ("10:00:05", ["10:00:09", None], "10:00:05", 5000),
        (None, ["10:00:01", "10:00:03", "10:00:02"], "10:00:03", 3000),
        (None, ["10:00:03", None], None, 0),
        (None, ["09:00:00"], "09:00:00", 0),
    ],
    ids=str,
)
def test_a_trace_ends_with_its_own_end_else_with_its_last_span_once_none_is_open(
    own: str | None, spans: list[str | None], end: str | None, duration: int
) -> None:
    def instant(time: str | None) -> str | None:
        return time and f"2026-03-14T{time}.000Z"

    world = World()
    world.ingest(trace(endTime=instant(own)), *(span(str(n), endTime=instant(time)) for n, time in enumerate(spans)))

    assert (only(world)["endTime"], only(world)["durationMs"]) == (instant(end), duration)


def test_a_trace_with_an_error_stays_one_whatever_comes_after() -> None:
    world = World()
    world.ingest(trace(), span("s1", status="OK"))
    assert only(world)["status"] == "OK"

    world.ingest(span("s2", status="ERROR"))
    world.ingest(span("s3", status="OK"), trace(at="2027-01-01T00:00:00Z"))
    assert only(world)["status"] == "ERROR"
    assert (world.ids(status="ERROR"), world.ids(status="OK")) == (["t"], [])


# --- settings ---------------------------------------------------------------------------------------------------------

UUID = "0c5e3c5c-8a51-4c51-9b0a-4b6a1f0d2e10"


@pytest.mark.parametrize(
    ("event", "resource"),
    [
        (trace("trace-1"), "trace"),
        (span(UUID, of="trace-1"), "trace"),
        (span("span-1", of=UUID), "span"),
        (trace(UUID), None),
        (span(UUID, of=UUID), None),
        (span(None, of=UUID), None),
    ],
    ids=["trace", "trace of a span", "span", "uuid", "uuids", "no span id"],
)
def test_a_server_that_wants_uuids_refuses_other_identifiers(event: dict[str, Any], resource: str | None) -> None:
    world = World(identifiers="uuid")
    if resource is None:
        assert world.ingest(event) == {"accepted": 1}
    else:
        with pytest.raises(ApiError) as refused:
            world.ingest(event)
        assert (refused.value.cause, refused.value.values) == ("invalid-identifier", {"resource": resource})


def test_a_trace_shows_when_the_lag_is_over() -> None:
    world = World(lag=500)
    world.ingest(trace())
    shown = []
    for _ in range(3):
        shown.append(world.ids())
        world.now += 250

    assert shown == [[], [], ["t"]]


@pytest.mark.parametrize(
    ("body", "ids"),
    [
        ({"batch": [{"id": "a"}, {"id": "b"}]}, ("a", "b")),
        ({"batch": [{"id": 1}, None, [], {"id": "b"}, {}]}, ("b",)),
        ({"batch": {"id": "a"}}, ()),
        ({}, ()),
        ([], ()),
        (None, ()),
        ("batch", ()),
    ],
    ids=str,
)
def test_event_ids_are_found_in_whatever_came(body: object, ids: tuple[str, ...]) -> None:
    keys = World().operations["ingestTraces"].attempt_keys

    assert keys is not None
    assert keys(body) == ids


def test_health_says_what_the_contract_says() -> None:
    constant = World().contract.document["components"]["schemas"]["Health"]["properties"]["status"]["const"]

    assert World().call("getHealth") == {"status": constant}
