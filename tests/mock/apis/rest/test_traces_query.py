"""What GET /traces shows: order, pages, cursors and every filter, compared with a plain look at all traces."""

from __future__ import annotations

import base64
import itertools
from typing import Any

import pytest
from twosignal_mock.engine.api import ApiError

from tests.mock.apis.rest.world import World, span, trace


def walk(world: World, limit: int, **filters: Any) -> list[str]:
    """The ids of all pages."""
    ids: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = world.page(limit=limit, **filters, **cursor)
        assert len(page["traces"]) <= limit
        ids += [found["id"] for found in page["traces"]]
        if page["nextCursor"] is None:
            return ids
        assert len(page["traces"]) == limit
        cursor = {"cursor": page["nextCursor"]}


def at(second: int) -> str:
    return f"2026-03-14T10:00:{second:02d}.000Z"


def filled(count: int = 24) -> World:
    """Traces t00, t01, ... of seconds 0, 0, 0, 1, 1, 1, ...; every second one tagged even, every third failed."""
    world = World()
    for number in range(count):
        tags = [tag for tag, every in (("even", 2), ("third", 3), ("fourth", 4)) if number % every == 0]
        name = f"{'Alpha' if number % 2 else 'beta'}_{number}%"
        world.ingest(trace(f"t{number:02d}", name, startTime=at(number // 3), tags=tags))
        if number % 3 == 0:
            world.ingest(span(of=f"t{number:02d}", status="ERROR"))
    return world


NEWEST_FIRST = sorted((f"t{number:02d}" for number in range(24)), key=lambda id_: (-(int(id_[1:]) // 3), id_))


def test_traces_are_listed_newest_first_and_then_by_id() -> None:
    assert filled().ids() == NEWEST_FIRST


@pytest.mark.parametrize("limit", [1, 2, 5, 23, 24, 25, 100])
def test_a_walk_shows_every_trace_once_in_the_same_order_whatever_the_limit(limit: int) -> None:
    assert walk(filled(), limit) == NEWEST_FIRST


FILTERS: dict[str, tuple[dict[str, Any], Any]] = {
    "name": ({"name": "beta"}, lambda n: n % 2 == 0),
    "name with case": ({"name": "alpha"}, lambda n: False),
    "name with a percent sign": ({"name": "1%"}, lambda n: n % 10 == 1),
    "name with an underscore": ({"name": "a_1"}, lambda n: n == 1 or 10 <= n < 20),
    "name with a star": ({"name": "*"}, lambda n: False),
    "empty name": ({"name": ""}, lambda n: True),
    "status OK": ({"status": "OK"}, lambda n: n % 3 != 0),
    "status ERROR": ({"status": "ERROR"}, lambda n: n % 3 == 0),
    "one tag": ({"tags": ["even"]}, lambda n: n % 2 == 0),
    "all tags": ({"tags": ["even", "third"]}, lambda n: n % 6 == 0),
    "three tags": ({"tags": ["fourth", "third", "even"]}, lambda n: n % 12 == 0),
    "the same tag twice": ({"tags": ["third", "third"]}, lambda n: n % 3 == 0),
    "part of a tag": ({"tags": ["eve"]}, lambda n: False),
    "empty tags": ({"tags": ["", "even", ""]}, lambda n: n % 2 == 0),
    "nothing but empty tags": ({"tags": [""]}, lambda n: True),
    "start": ({"startDate": at(3)}, lambda n: n // 3 > 3),
    "start within a millisecond": ({"startDate": "2026-03-14T10:00:03.0009Z"}, lambda n: n // 3 > 3),
    "start just before": ({"startDate": "2026-03-14T10:00:02.999Z"}, lambda n: n // 3 >= 3),
    "end": ({"endDate": at(3)}, lambda n: n // 3 < 3),
    "end within a millisecond": ({"endDate": "2026-03-14T10:00:03.0000001+00:00"}, lambda n: n // 3 <= 3),
    "start and end": ({"startDate": at(1), "endDate": at(5)}, lambda n: 1 < n // 3 < 5),
    "start after end": ({"startDate": at(5), "endDate": at(1)}, lambda n: False),
    "tag and status": ({"tags": ["even"], "status": "ERROR"}, lambda n: n % 6 == 0),
    "everything": (
        {"tags": ["even"], "status": "OK", "name": "beta", "startDate": at(0), "endDate": at(7)},
        lambda n: n % 2 == 0 and n % 3 != 0 and 0 < n // 3 < 7,
    ),
}


@pytest.mark.parametrize("limit", [2, 100])
@pytest.mark.parametrize("named", FILTERS)
def test_a_walk_with_filters_shows_the_traces_that_pass_all_of_them(named: str, limit: int) -> None:
    filters, passes = FILTERS[named]

    assert walk(filled(), limit, **filters) == [id_ for id_ in NEWEST_FIRST if passes(int(id_[1:]))]


def test_a_query_that_matches_nothing_is_an_empty_last_page() -> None:
    assert World().call("listTraces", limit=50) == {"data": {"traces": [], "nextCursor": None}, "error": None}


def test_traces_ingested_during_a_walk_neither_repeat_nor_hide_older_ones() -> None:
    world = filled()
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    for number in itertools.count():
        page = world.page(limit=3, **cursor)
        seen += [found["id"] for found in page["traces"]]
        world.ingest(trace(f"new{number}", startTime=at(59)), trace(f"old{number}", startTime=at(0)))
        if page["nextCursor"] is None or number > 20:
            break
        cursor = {"cursor": page["nextCursor"]}

    assert [id_ for id_ in seen if id_.startswith("t")] == NEWEST_FIRST
    assert len(seen) == len(set(seen))


# --- cursors ----------------------------------------------------------------------------------------------------------


def cursor_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def test_an_empty_cursor_asks_for_the_first_page() -> None:
    world = filled()
    assert world.page(limit=5, cursor="") == world.page(limit=5)
    assert world.page(limit=5)["nextCursor"]


def test_a_cursor_is_that_of_the_documentation() -> None:
    world = World()
    world.ingest(trace("trace-abc-123", startTime=at(9)), trace("older", startTime=at(1)))

    assert world.page(limit=1)["nextCursor"] == "eyJpZCI6InRyYWNlLWFiYy0xMjMifQ"


@pytest.mark.parametrize("trace_id", ["t/\U0001f600?", "a" * 200, 'quote"\\', "\u00e9"])
def test_any_identifier_makes_a_cursor_that_works(trace_id: str) -> None:
    world = World()
    world.ingest(trace(trace_id, startTime=at(9)), trace("older", startTime=at(1)))

    assert walk(world, 1) == [trace_id, "older"]


def test_a_cursor_with_other_filters_goes_on_after_its_trace() -> None:
    world = filled()
    cursor = world.page(limit=5)["nextCursor"]

    assert world.ids(cursor=cursor, tags=["even"]) == [id_ for id_ in NEWEST_FIRST[5:] if int(id_[1:]) % 2 == 0]
    assert world.ids(cursor=cursor, endDate=at(2)) == [id_ for id_ in NEWEST_FIRST if int(id_[1:]) < 6]


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "!!!",
        "%00",
        "a",
        "\u00e9",
        "=" * 4,
        cursor_of("[]"),
        cursor_of("null"),
        cursor_of("{}"),
        cursor_of('{"id":1}'),
        cursor_of('{"id":null}'),
        cursor_of('{"id":"t00","more":1}'),
        cursor_of('{"id": "t00"}'),
        cursor_of('{"id":"t00"}') + "=",
        cursor_of('{"id":"unknown"}'),
        cursor_of('{"id":"waiting"}'),
        cursor_of("[" * 2000),
        base64.urlsafe_b64encode(b"\xff\xfe").decode().rstrip("="),
    ],
)
def test_a_cursor_that_no_answer_gave_is_refused(cursor: str) -> None:
    world = filled(3)
    world.ingest(span(of="waiting"))

    with pytest.raises(ApiError) as refused:
        world.page(cursor=cursor)
    assert (refused.value.cause, refused.value.values["place"]) == ("invalid-value", "cursor")


def test_a_cursor_of_another_project_is_refused() -> None:
    world = filled(3)
    world.ingest(trace("theirs"), project=2)

    with pytest.raises(ApiError):
        world.page(project=2, cursor=world.page(limit=1)["nextCursor"])
