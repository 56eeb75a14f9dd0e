"""Full batches: all of what was accepted is there, in walks far longer than those of other checks."""

from __future__ import annotations

from datetime import timedelta

from twosignal_conformance.apis.rest.checks import ApiClient, Judge, TestData, actions, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.responses import is_integer, moment
from twosignal_conformance.apis.rest.checks.walks import Walk, judge_walks, walk_all

_SPACING = timedelta(seconds=1)
"""Between the starts of traces that start one after another: told apart by a server that keeps whole seconds."""

_TOGETHER = 3
"""Traces that start at the same time: pages end between them."""

_UNEVEN = 37
"""A limit that divides no full batch."""

_TOKENS = 3


@covers("traces.batch.accepted-count", "traces.fields.span-count", "traces.fields.total-tokens-sum")
def test_every_span_of_a_full_batch_is_counted(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace and as many spans as fit."""
    group = Group(client, judge, data, "full")
    trace = group.trace()
    spans = [group.span(trace, usage={"totalTokens": _TOKENS}) for _ in range(_most(client) - 1)]
    exchange = group.ingest(trace, *spans)
    accepted = responses.accepted(exchange)
    judge.require(is_integer(accepted), "the response has no integer accepted")
    judge.check(
        "traces.batch.accepted-count",
        accepted == _most(client),
        expected=f"accepted {_most(client)}",
        actual=f"accepted {accepted}",
        evidence=exchange,
    )
    group.verify(
        Expect.value("traces.fields.span-count", trace, "spanCount", len(spans)),
        Expect.value("traces.fields.total-tokens-sum", trace, "totalTokens", len(spans) * _TOKENS),
    )


@covers(
    "traces.batch.visible",
    "traces.list.order.newest-first",
    "traces.list.walk.complete",
    "traces.list.walk.no-repeat",
    "traces.list.walk.ends",
    "traces.list.walk.same-set",
    "traces.list.walk.same-order",
    "traces.list.walk.filters",
    profile="standard",
)
def test_walks_through_a_full_batch_of_traces(client: ApiClient, judge: Judge, data: TestData) -> None:
    """As many traces as fit into a batch, in no order, walked through with the largest limit and with an odd one."""
    name, first = data.name("long"), data.time() - _most(client) * _SPACING / _TOGETHER
    traces = [
        data.trace(name=f"{name} {number}", startTime=data.stamp(first + number // _TOGETHER * _SPACING))
        for number in range(_most(client))
    ]
    # Every step comes once: 7 has no divisor in common with the size of a batch.
    actions.ingest(client, judge, data, *(traces[number * 7 % len(traces)] for number in range(len(traces))))
    most = client.contract.parameter("listTraces", "limit").maximum
    limits, query = (most, _UNEVEN), {"name": name}
    wanted = {trace["id"] for trace in traces}

    def count() -> int:
        return len(wanted & _ids(walk_all(client, [most], len(traces), query)))

    client.settle(count, until=lambda seen: seen == len(traces))
    walks = walk_all(client, limits, len(traces), query)
    judge.require(walks, "the query was refused")
    _judge_visible(client, judge, traces, _ids(walks))
    starts = [moment(row.get("startTime")) for page in walks[0].pages for row in responses.traces(page)]
    known = [start for start in starts if start is not None]
    judge.check(
        "traces.list.order.newest-first",
        known == sorted(known, reverse=True),
        expected="the newest first on every page",
        actual="newest first" if known == sorted(known, reverse=True) else "another order",
        evidence=walks[0].pages,
    )
    judge_walks(judge, walks, wanted)


def _judge_visible(client: ApiClient, judge: Judge, traces: list[Json], shown: set[str]) -> None:
    """What no walk shows is asked for by its name: then it is the walk that loses it."""
    missing = [trace for trace in traces if trace["id"] not in shown]
    row, page = actions.look_up(client, (missing or traces)[0])
    judge.check(
        "traces.batch.visible",
        row is not None,
        expected=f"all {len(traces)} traces of a batch that was accepted",
        actual=f"{len(missing)} of them are not in the list",
        evidence=page,
    )


def _ids(walks: list[Walk]) -> set[str]:
    return {str(name) for walk in walks for name in walk.ids}


def _most(client: ApiClient) -> int:
    """Events of a full batch."""
    return client.contract.payload_limits["ingestTraces"].events or 1
