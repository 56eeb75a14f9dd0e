"""All that is shown of traces, recomputed from what was sent: lists, actions, edges and events have one source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from tests.mock.apis.appsignal.service import SECOND, TEN, Service, instant, serving
from tests.mock.apis.appsignal.traffic import CALL, Called, Traffic, ranges

pytestmark = pytest.mark.anyio

SEEDS = range(2)
MILLISECOND = 1_000_000


async def happened(service: Service, seed: int) -> Traffic:
    """Two sites, one of which has two services, and thirty traces."""
    first, second = await service.site(), await service.site()
    random = Random(seed)  # noqa: S311 - a case has to repeat, not to be secret
    traffic = Traffic(random, [(first, "shop"), (first, "mail"), (second, "billing")])
    for _ in range(30):
        traffic.trace()
    await traffic.send(service)
    return traffic


def within(calls: Sequence[Called], site: str, since: int, until: int) -> list[Called]:
    return [call for call in calls if call.site == site and since <= call.start <= until]


def numbers(calls: Sequence[Called]) -> dict[tuple[str, str], Any]:
    """The numbers of each action."""
    groups: dict[tuple[str, str], list[Called]] = {}
    for call in calls:
        groups.setdefault((call.namespace, call.action), []).append(call)
    return {
        key: (
            pytest.approx(sum(call.duration for call in each) / len(each) / MILLISECOND),
            len(each),
            pytest.approx(100 * sum(call.failed for call in each) / len(each)),
            any(call.npo for call in each),
        )
        for key, each in groups.items()
    }


@pytest.mark.parametrize("seed", SEEDS)
async def test_actions_count_the_calls_of_a_range(seed: int) -> None:
    async with serving() as service:
        traffic = await happened(service, seed)
        site = traffic.services[0][0]
        for since, until in ranges(traffic):
            body: dict[str, Any] = {"site_id": site, "from": instant(since), "to": instant(until)}
            calls = within(traffic.calls, site, since, until)
            rows = await service.ask("listActions", body)
            shown = [(row["namespace"], row["action"]) for row in rows]
            assert shown == sorted(shown)
            assert {
                (row["namespace"], row["action"]): (row["mean"], row["throughput"], row["error_rate"], row["has_npo"])
                for row in rows
            } == numbers(calls)
            filtered = await service.ask("listActions", body | {"revision": "a", "namespaces": ["shop/web"]})
            chosen = [call for call in calls if (call.revision, call.namespace) == ("a", "shop/web")]
            assert {row["action"]: row["throughput"] for row in filtered} == Counter(call.action for call in chosen)


@pytest.mark.parametrize("seed", SEEDS)
async def test_edges_count_the_calls_between_actions(seed: int) -> None:
    async with serving() as service:
        traffic = await happened(service, seed)
        sites = sorted({site for site, _ in traffic.services})
        for since, until in ranges(traffic):
            span = {"from": instant(since), "to": instant(until)}
            called = [call for call in traffic.calls if since <= call.start <= until and call.caller is not None]
            for site in sites:
                shown = await service.ask("listSiteEdges", {"site_id": site, **span})
                upstream, downstream = Counter[str](), Counter[str]()
                internal = Counter[tuple[str, str]]()
                for call in called:
                    assert call.caller is not None
                    if call.site == site == call.caller[0]:
                        internal[call.caller[2], call.namespace] += 1
                    elif call.site == site:
                        upstream[call.caller[1]] += 1
                    elif call.caller[0] == site:
                        downstream[call.service] += 1
                assert {each["service"]: each["count"] for each in shown["upstream"]} == upstream
                assert {each["service"]: each["count"] for each in shown["downstream"]} == downstream
                assert {
                    (each["namespace"], each["called_namespace"]): each["count"] for each in shown["internal"]
                } == internal
            body = {"site_ids": sites, "namespace": "shop/web", "action_name": "Job", **span}
            around = await service.ask("listActionEdges", body)
            me = ("shop/web", "Job")
            upward = Counter(call.caller[1:] for call in called if (call.namespace, call.action) == me and call.caller)
            down = Counter(
                (call.service, call.namespace, call.action)
                for call in called
                if call.caller is not None and call.caller[2:] == me
            )
            for group, expected in (("upstream", upward), ("downstream", down)):
                assert {
                    (each["service"], each["namespace"], each["action_name"]): each["count"] for each in around[group]
                } == expected


@pytest.mark.parametrize("seed", SEEDS)
async def test_slow_events_count_queries_by_their_text_without_literals(seed: int) -> None:
    async with serving() as service:
        traffic = await happened(service, seed)
        site = traffic.services[0][0]
        for since, until in ranges(traffic):
            body: dict[str, Any] = {"site_ids": [site], "from": instant(since), "to": instant(until)}
            asked = [each for each in traffic.queries if each.site == site and since <= each.start <= until]
            total = sum(each.duration for each in asked)
            rows = await service.ask("listSlowEvents", body)
            assert [row["impact"] for row in rows] == sorted((row["impact"] for row in rows), reverse=True)
            assert {row["name"]: row["count"] for row in rows} == Counter(each.name for each in asked)
            for row in rows:
                own = [each for each in asked if each.name == row["name"]]
                time = sum(each.duration for each in own)
                assert row["body"] == (None if row["name"] == CALL else f"{row['name']} WHERE id = ? AND name = ?")
                assert row["mean"] == pytest.approx(time / len(own) / MILLISECOND)
                assert row["impact"] == pytest.approx(100 * time / total)
                actions = await service.ask("listSlowEventActions", body | {"digest": row["digest"]})
                assert {(each["namespace"], each["action_name"]): each["count"] for each in actions} == Counter(
                    (each.namespace, each.action) for each in own
                )


@pytest.mark.parametrize("seed", SEEDS)
async def test_lists_show_every_call_and_every_error_in_order_whatever_the_pages(seed: int) -> None:
    async with serving() as service:
        traffic = await happened(service, seed)
        sites = sorted({site for site, _ in traffic.services})
        everything: dict[str, dict[tuple[int, str], tuple[Called, int | None]]] = {
            "listPerformanceTraces": {(call.start, call.span): (call, call.duration) for call in traffic.calls},
            "listErrorTraces": {(call.start, span): (call, None) for call, span in traffic.raised},
        }
        for operation, expected in everything.items():
            for order in ("ASC", "DESC"):
                rows = await walk(service, operation, {"site_ids": sites}, order, per_page=30)
                assert [row["span_id"] for row in rows] == [
                    span for _, span in sorted(expected, reverse=order == "DESC")
                ]
                for row in rows:
                    call, duration = next(each for (_, span), each in expected.items() if span == row["span_id"])
                    assert (row["site_id"], row["trace_id"]) == (call.site, call.trace)
                    assert (row["namespace"], row["action_name"]) == (call.namespace, call.action)
                    assert (row["revision"], row["has_npo"]) == (call.revision, call.npo)
                    assert row["tags"] == {"region": call.region}
                    assert duration is None or row["duration"] == duration / MILLISECOND


async def walk(
    service: Service, operation: str, body: dict[str, Any], order: str, per_page: int
) -> list[dict[str, Any]]:
    """All rows, page by page as the vendor's clients do: the boundary instant comes again, a short page is the last."""
    rows: dict[str, dict[str, Any]] = {}
    cursor: dict[str, Any] = {"time": None}
    while True:
        pagination = {"per_page": per_page, "order": order, "cursor": cursor}
        page = await service.ask(operation, body | {"pagination": pagination})
        rows |= {row["span_id"]: row for row in page if row["span_id"] not in rows}
        if len(page) < per_page:
            return list(rows.values())
        assert cursor["time"] is None or page[0]["time"] == cursor["time"], "the boundary comes again"
        assert page[-1]["time"] != cursor["time"], "fewer than a page share an instant"
        cursor = {"time": page[-1]["time"]}


FILTERS: dict[str, tuple[dict[str, Any], Any]] = {
    "action": ({"action_name": "Job"}, lambda call: call.action == "Job"),
    "namespace": ({"namespace": "shop/web"}, lambda call: call.namespace == "shop/web"),
    "duration": ({"duration": 1500.5}, lambda call: call.duration >= 1_500_500_000),
    "the other spelling of duration": ({"duration_ms": 1500.5}, lambda call: call.duration >= 1_500_500_000),
    "a tag": ({"query": "tag.region=eu"}, lambda call: call.region == "eu"),
    "a word of a tag's value": ({"query": "EU"}, lambda call: call.region == "eu"),
    "words of action and namespace": (
        {"query": "users MAIL/"},
        lambda call: "/users" in call.action and "mail/" in call.namespace,
    ),
    "words that nobody has": ({"query": "tag.region=eu nothing"}, lambda call: False),
    "from and to": (
        {"from": instant(TEN + 1800 * SECOND), "to": instant(TEN + 3600 * SECOND)},
        lambda call: TEN + 1800 * SECOND <= call.start <= TEN + 3600 * SECOND,
    ),
    "ttl": ({"ttl": 5400}, lambda call: call.start >= TEN + 1800 * SECOND),
    "null filters": (
        {"action_name": None, "namespace": None, "digests": None, "query": None, "ttl": None},
        lambda call: True,
    ),
    "no digest": ({"digests": []}, lambda call: False),
}


@pytest.mark.parametrize("cursor", ["Time", "Duration"])
async def test_a_filter_keeps_what_it_says_and_no_more(cursor: str) -> None:
    async with serving() as service:
        traffic = await happened(service, 11)
        sites = sorted({site for site, _ in traffic.services})
        pagination = {"per_page": 100, "order": "ASC", "cursor": cursor}
        for name, (fields, keeps) in FILTERS.items():
            rows = await service.ask("listPerformanceTraces", {"site_ids": sites, "pagination": pagination, **fields})
            kept = [call for call in traffic.calls if keeps(call)]
            keys = sorted((call.duration if cursor == "Duration" else call.start, call.span) for call in kept)
            assert [row["span_id"] for row in rows] == [span for _, span in keys[:100]], name


async def test_digests_of_actions_and_errors_filter_their_own_lists() -> None:
    async with serving() as service:
        traffic = await happened(service, 5)
        site = traffic.services[0][0]
        body: dict[str, Any] = {"site_ids": [site], "pagination": {"per_page": 100, "order": "ASC", "cursor": "Time"}}
        actions = await service.ask(
            "listActions", {"site_id": site, "from": instant(TEN), "to": "2026-03-14T23:00:00Z"}
        )
        for action in actions:
            rows = await service.ask("listPerformanceTraces", body | {"digests": [action["digest"]]})
            assert {(row["namespace"], row["action_name"]) for row in rows} == {(action["namespace"], action["action"])}
            assert len(rows) == action["throughput"]
        errors = await service.ask("listErrorTraces", body)
        spans = await service.ask("getErrorTrace", {"site_ids": [site], "trace_id": errors[0]["trace_id"]})
        event = next(each for each in spans if each["span_id"] == errors[0]["span_id"])["events.attributes"][0]
        alike = await service.ask("listErrorTraces", body | {"digests": [event["appsignal.incident_digest"]]})
        action = (errors[0]["namespace"], errors[0]["action_name"])
        assert [row["span_id"] for row in alike] == [
            row["span_id"] for row in errors if (row["namespace"], row["action_name"]) == action
        ]


async def test_a_trace_has_all_its_spans_and_the_locator_says_where() -> None:
    async with serving() as service:
        traffic = await happened(service, 3)
        sites = sorted({site for site, _ in traffic.services})
        for trace in {call.trace for call in traffic.calls}:
            sent = [message for *_, message in traffic.spans if message["traceId"] == trace]
            spans = await service.ask("getTrace", {"site_ids": sites, "trace_id": trace.upper()})
            times = [(int(each["startTimeUnixNano"]), each["spanId"]) for each in sent]
            assert [each["span_id"] for each in spans] == [id_ for _, id_ in sorted(times)]
            assert all(each["subtrace_root"] == (each["span_kind"] == "server") for each in spans)
            calls = [call for call in traffic.calls if call.trace == trace]
            place = await service.ask("locateTrace", {"site_ids": sites, "trace_id": trace})
            assert {tuple(each.values()) for each in place["performance"]} == {
                (call.site, call.namespace, call.action) for call in calls
            }
            failed = {(call.site, call.namespace, call.action) for call in calls if call.failed}
            assert len(place["errors"]) == len(failed)
            assert {each["exception_name"] for each in place["errors"]} <= {"Failure"}
            only = await service.ask("getTrace", {"site_ids": sites[:1], "trace_id": trace})
            assert {each["span_id"] for each in only} == {
                each["spanId"] for site, *_, each in traffic.spans if site == sites[0] and each["traceId"] == trace
            }
