"""What holds for any trace, any order and any repetition of its events: compared with a plain recomputation."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.mock.apis.rest.world import World, span, trace

_TRACES = ("t1", "t2", "t3")
_MILLISECONDS = st.integers(min_value=0, max_value=59_999)
_COSTS = st.none() | st.integers(0, 10**9) | st.floats(0, 1e9) | st.decimals(0, 1, places=6).map(float)
_TOKENS = st.none() | st.integers(0, 10**9)


def instant(milliseconds: int) -> str:
    return f"2026-03-14T10:00:{milliseconds // 1000:02d}.{milliseconds % 1000:03d}Z"


@st.composite
def spans(draw: st.DrawFn, index: int) -> dict[str, Any]:
    start = draw(_MILLISECONDS)
    end = draw(st.none() | st.integers(start, 59_999))
    usage = st.fixed_dictionaries({}, optional={"promptTokens": _TOKENS, "totalTokens": _TOKENS})
    return span(
        f"s{index}",
        of=draw(st.sampled_from(_TRACES)),
        event=f"e{index}",
        startTime=instant(start),
        endTime=None if end is None else instant(end),
        cost=draw(_COSTS),
        usage=draw(st.none() | usage),
        status=draw(st.sampled_from([None, "OK", "ERROR"])),
    )


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[list[dict[str, Any]]]]:
    """Events, and the batches in which they arrive: in any order, some again."""
    events = [
        trace(trace_id, trace_id, event=f"event of {trace_id}", startTime=instant(draw(_MILLISECONDS)))
        for trace_id in _TRACES
    ]
    events += [draw(spans(index)) for index in range(draw(st.integers(0, 8)))]
    arriving = draw(st.permutations(events + draw(st.lists(st.sampled_from(events), max_size=5))))
    cuts = sorted(draw(st.lists(st.integers(0, len(arriving)), max_size=4)))
    edges = [0, *cuts, len(arriving)]
    batches = [list(arriving[first:last]) for first, last in itertools.pairwise(edges)]
    return events, [batch for batch in batches if batch]


def expected(events: list[dict[str, Any]], trace_id: str) -> dict[str, Any]:
    """What the trace must show, said as plainly as possible."""
    (own,) = (event["body"] for event in events if event["body"]["id"] == trace_id)
    mine = [event["body"] for event in events if event["body"].get("traceId") == trace_id]
    cost = sum(Fraction(repr(body["cost"])) for body in mine if body["cost"] is not None)
    usages = [body["usage"] or {} for body in mine]
    ends = [body["endTime"] for body in mine]
    return {
        "startTime": own["startTime"],
        "endTime": None if not ends or None in ends else max(ends),
        "spanCount": len(mine),
        "status": "ERROR" if any(body["status"] == "ERROR" for body in mine) else "OK",
        "totalTokens": sum(
            usage["totalTokens"] if usage.get("totalTokens") is not None else usage.get("promptTokens") or 0
            for usage in usages
        ),
        "totalCost": cost,
    }


@given(histories())
def test_a_trace_adds_up_whatever_the_order_and_repetition_of_its_events(
    history: tuple[list[dict[str, Any]], list[list[dict[str, Any]]]],
) -> None:
    events, batches = history
    world = World()
    for batch in batches:
        assert world.ingest(*batch) == {"accepted": len(batch)}
    listed = {found["id"]: found for found in world.listed()}

    for trace_id in _TRACES:
        wanted = expected(events, trace_id)
        found = {name: listed[trace_id][name] for name in wanted}
        assert "E" not in found["totalCost"].upper()
        assert found | {"totalCost": Fraction(found["totalCost"])} == wanted


@st.composite
def merges(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """trace-create events of one trace with different timestamps, by time and as they arrive."""
    values = st.integers(0, 9)
    metadata = st.none() | st.dictionaries(st.sampled_from("abc"), values | st.none())
    events = [
        trace(
            name=str(draw(values)),
            at=f"2026-03-14T10:00:00.{index:06d}Z",
            metadata=draw(metadata),
            tags=draw(st.none() | st.lists(st.sampled_from("xyz"), unique=True)),
            endTime=draw(st.none() | _MILLISECONDS.map(instant)),
        )
        for index in range(draw(st.integers(1, 5)))
    ]
    return events, list(draw(st.permutations(events)))


@given(merges())
def test_merging_gives_the_same_whatever_the_order_of_arrival(
    merge: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    by_time, arriving = merge
    world = World()
    for event in arriving:
        world.ingest(event)
    wanted: dict[str, Any] = {"endTime": None, "tags": [], "metadata": {}}
    for event in by_time:
        body = event["body"]
        wanted["name"] = body["name"]
        wanted |= {name: body[name] for name in ("endTime", "tags") if body[name] is not None}
        wanted["metadata"] = wanted["metadata"] | (body["metadata"] or {})

    (found,) = world.listed()
    assert {name: found[name] for name in wanted} == wanted
    for tag in "xyz":
        assert bool(world.ids(tags=[tag])) == (tag in wanted["tags"])


@st.composite
def trees(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Spans of one trace; each but the first is the child of one before it."""
    made: list[dict[str, Any]] = []
    for index in range(draw(st.integers(1, 6))):
        start = draw(_MILLISECONDS) if index else 0
        end = draw(st.none() | st.integers(start, 59_999))
        made.append(
            {
                "id": f"{index + 1:016x}",
                "parent": None if index == 0 else draw(st.sampled_from(made))["id"],
                "start": start,
                "end": end,
                "tokens": draw(st.none() | st.integers(0, 1000)),
                "failed": draw(st.booleans()),
            }
        )
    return made


def _native(node: dict[str, Any]) -> dict[str, Any]:
    return span(
        node["id"],
        of="a" * 32,
        name=node["id"],
        parentSpanId=node["parent"],
        startTime=instant(node["start"]),
        endTime=None if node["end"] is None else instant(node["end"]),
        usage=None if node["tokens"] is None else {"promptTokens": node["tokens"]},
        status="ERROR" if node["failed"] else "OK",
    )


def _otlp(node: dict[str, Any]) -> dict[str, Any]:
    def nanoseconds(milliseconds: int) -> str:
        return str((1_773_482_400_000 + milliseconds) * 1_000_000)

    tokens = {"key": "gen_ai.usage.input_tokens", "value": {"intValue": node["tokens"]}}
    return {
        "traceId": "A" * 32,
        "spanId": node["id"],
        "parentSpanId": node["parent"] or "",
        "name": node["id"],
        "startTimeUnixNano": nanoseconds(node["start"]),
        "endTimeUnixNano": "0" if node["end"] is None else nanoseconds(node["end"]),
        "attributes": [] if node["tokens"] is None else [tokens],
        "status": {"code": 2 if node["failed"] else 1},
    }


@given(trees(), st.randoms())
def test_the_same_tree_sent_natively_and_as_otlp_reads_back_the_same(tree: list[dict[str, Any]], random: Any) -> None:
    native, otlp = World(), World()
    native.ingest(trace("a" * 32, tree[0]["id"], startTime=instant(0)), *map(_native, tree))
    random.shuffle(tree)
    for node in tree:
        otlp.call("ingestOtlpTraces", {"resourceSpans": [{"scopeSpans": [{"spans": [_otlp(node)]}]}]})

    assert otlp.listed() == native.listed()
