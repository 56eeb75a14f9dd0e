"""Walks over pages while traces come and move: each trace that was there when a walk began is shown once.

A listed trace moves when its start does: an earlier span comes over OTLP, or the trace-create comes after the spans.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from twosignal_mock.engine.api import ApiError

from tests.mock.apis.rest.world import World, trace

_BEGIN = 1_773_482_400
"""2026-03-14T10:00:00Z in seconds."""
_TRACES = 12
_FILTERS: Sequence[dict[str, Any]] = (
    {},
    {"tags": ["service.name:agent"]},
    {"tags": ["service.name:agent", "region:eu"]},
    {"name": "ag"},
    {"name": "agent", "tags": ["region:eu"]},
    {"status": "OK"},
)


class Change(NamedTuple):
    """What comes between two pages."""

    native: bool
    """A trace-create; else a span over OTLP."""
    trace: int
    second: int


def id_of(number: int) -> str:
    return f"{number + 1:032x}"


def export(world: World, number: int, second: int) -> None:
    """Sends a span that begins at a second."""
    span = {
        "traceId": id_of(number),
        "spanId": f"{second + 1:016x}",
        "name": "agent",
        "startTimeUnixNano": str((_BEGIN + second) * 10**9),
        "endTimeUnixNano": str((_BEGIN + second) * 10**9 + 1),
    }
    attributes = [
        {"key": key, "value": {"stringValue": text}} for key, text in (("service.name", "agent"), ("region", "eu"))
    ]
    group = {"resource": {"attributes": attributes}, "scopeSpans": [{"spans": [span]}]}
    world.call("ingestOtlpTraces", {"resourceSpans": [group]})


def change(world: World, what: Change) -> None:
    if what.native:
        start = f"2026-03-14T10:{what.second // 60:02d}:{what.second % 60:02d}Z"
        world.ingest(trace(id_of(what.trace), "agent", startTime=start))
    else:
        export(world, what.trace, what.second)


def filled() -> World:
    """Every fifth second has a trace; each but the first has moved once."""
    world = World()
    for number in range(_TRACES):
        export(world, number, 5 * number + 2)
        export(world, number, 5 * number)
    return world


_CHANGES = st.builds(Change, st.booleans(), st.integers(0, _TRACES + 3), st.integers(0, 70))


@given(
    limit=st.integers(1, 5),
    filters=st.sampled_from(_FILTERS),
    between=st.lists(st.lists(_CHANGES, max_size=4), max_size=12),
    backwards=st.booleans(),
)
@settings(max_examples=150, deadline=None)
@example(limit=3, filters={}, between=[[Change(native=False, trace=11, second=0)]], backwards=False)
@example(limit=3, filters={}, between=[[Change(native=True, trace=0, second=70)]], backwards=False)
@example(limit=3, filters={}, between=[[Change(native=True, trace=9, second=0)]], backwards=False)
@example(limit=2, filters=_FILTERS[2], between=[[], [Change(native=False, trace=10, second=1)]], backwards=False)
def test_a_walk_shows_once_what_was_there_when_it_began(
    limit: int, filters: dict[str, Any], between: list[list[Change]], backwards: bool
) -> None:
    world = filled()
    there = world.ids(**filters)
    page, seen = world.page(limit=limit, **filters), []
    for changes in [*between, *[[]] * 20]:
        seen += [row["id"] for row in page["traces"]]
        for what in reversed(changes) if backwards else changes:
            change(world, what)
        if page["nextCursor"] is None:
            break
        page = world.page(limit=limit, cursor=page["nextCursor"], **filters)

    assert [id_ for id_ in seen if id_ in there] == there
    assert len(seen) == len(set(seen))
    starts = [row["startTime"] for row in world.listed(**filters)]
    assert starts == sorted(starts, reverse=True)


def test_walks_that_began_at_different_times_do_not_disturb_each_other() -> None:
    world = filled()
    walks = []
    for number in range(_TRACES):
        first = world.page(limit=4)
        walks.append((world.ids(), first))
        export(world, number, 5 * number - 5 + 70 * (number == 0))

    for there, first in walks:
        page, seen = first, [row["id"] for row in first["traces"]]
        while page["nextCursor"] is not None:
            page = world.page(limit=4, cursor=page["nextCursor"])
            seen += [row["id"] for row in page["traces"]]
        assert seen == there


def test_a_date_holds_for_a_whole_walk() -> None:
    world = filled()
    dates: dict[str, Any] = {"startDate": "2026-03-14T10:00:18Z", "endDate": "2026-03-14T10:00:42Z"}
    there, first = world.ids(**dates), world.page(limit=2, **dates)
    export(world, 5, 0)

    rest = world.ids(cursor=first["nextCursor"], **dates)
    assert [row["id"] for row in first["traces"]] + rest == there
    assert world.ids(**dates) == [id_ for id_ in there if id_ != id_of(5)]


@pytest.mark.parametrize("moves", ["true", "-1", "0", "1.0", "99", str(2**70), '"1"', "null"])
def test_a_cursor_with_a_count_that_no_response_gave_is_refused(moves: str) -> None:
    world = filled()
    text = base64.urlsafe_b64encode(f'{{"id":"{id_of(1)}","moves":{moves}}}'.encode()).decode().rstrip("=")

    with pytest.raises(ApiError) as refused:
        world.page(cursor=text)
    assert refused.value.values["place"] == "cursor"
