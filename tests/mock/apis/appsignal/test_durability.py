"""What an export was answered for is kept: over kill -9, a snapshot, and an export to another server."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from random import Random
from typing import Any

import httpx
import pytest
from twosignal_mock import MockServer

from tests.mock.apis.appsignal.service import (
    CONTRACT,
    DOCUMENT,
    SECOND,
    TEN,
    TOKEN,
    Service,
    instant,
    metrics_body,
    serving,
    span,
    spans_body,
)
from tests.mock.apis.appsignal.traffic import Traffic

SITE = "a" * 24
KILLED_AFTER = 40
"""Exports."""


@pytest.mark.timeout(60)
def test_every_export_that_was_answered_survives_a_kill_whole_and_once(tmp_path: Path) -> None:
    """One trace of three spans and three measurements for each export; the last one may be there or not, but whole."""
    options: dict[str, Any] = {
        "contract": DOCUMENT,
        "api": "appsignal",
        "api_key": TOKEN,
        "state": tmp_path / "state.db",
    }
    answered = []
    with MockServer(**options) as server, client_of(server) as client:
        assert client.put(f"/__mock/v1/appsignal/sites/{SITE}").is_success
        killer = threading.Timer(0.0, os.kill, (server.pid, signal.SIGKILL))
        for number in range(100_000):
            if number == KILLED_AFTER:
                killer.start()
            try:
                if take(client, number, "traces") and take(client, number, "metrics"):
                    answered.append(number)
            except httpx.HTTPError:
                break
        killer.join()
    assert len(answered) >= KILLED_AFTER
    with MockServer(**options) as server, client_of(server) as client:
        times = {"from": instant(TEN), "to": instant(TEN + 10 * 3600 * SECOND)}
        asked = client.post(CONTRACT.operation("listActions").path, json={"site_id": SITE, **times}).json()
        (events,) = client.post(CONTRACT.operation("listSlowEvents").path, json={"site_id": SITE, **times}).json()
        assert asked[0]["throughput"] in (len(answered), len(answered) + 1)
        assert events["count"] == 2 * asked[0]["throughput"]
        assert asked[0]["mean"] == 1000
        select = [{"id": "n", "name": "took", "field": "COUNT", "tags": {}}]
        body = {"site_id": SITE, **times, "group_by": [], "select": select, "resolution": "HOURLY"}
        rows = client.post(CONTRACT.operation("queryMetricList").path, json=body).json()["rows"]
        assert rows[0]["data"]["n"] in (3 * len(answered), 3 * len(answered) + 3)
        # What is sent again is there already.
        assert take(client, answered[0], "traces")
        again = client.post(CONTRACT.operation("listActions").path, json={"site_id": SITE, **times}).json()
        assert again == asked


def client_of(server: MockServer) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {TOKEN}"})


def take(client: httpx.Client, number: int, kind: str) -> bool:
    trace, start = f"{number + 1:032x}", TEN + number * 60 * SECOND
    if kind == "traces":
        root = span(trace, "1" * 16, start=start)
        queries = [
            span(trace, digit * 16, "1" * 16, name="SELECT", kind=3, start=start, values={"db.system": "x"})
            for digit in "23"
        ]
        body = spans_body([*queries, root], service_name="shop")
    else:
        point = {"timeUnixNano": str(start), "count": "3", "sum": 6, "bucketCounts": ["3"], "explicitBounds": []}
        body = metrics_body({"name": "took", "histogram": {"dataPoints": [point], "aggregationTemporality": 1}})
    return client.post(f"/__mock/v1/appsignal/sites/{SITE}/otlp/v1/{kind}", json=body).is_success


async def everything(service: Service, sites: list[str]) -> dict[str, Any]:
    """What several operations show."""
    times = {"from": instant(TEN), "to": instant(TEN + 5 * 3600 * SECOND)}
    pagination = {"per_page": 100, "order": "ASC", "cursor": "Time"}
    select = [{"id": field, "name": "load", "field": field, "tags": {}} for field in ("GAUGE",)]
    return {
        "traces": await service.ask("listPerformanceTraces", {"site_ids": sites, "pagination": pagination}),
        "errors": await service.ask("listErrorTraces", {"site_ids": sites, "pagination": pagination}),
        "actions": await service.ask("listActions", {"site_id": sites[0], **times}),
        "edges": await service.ask("listSiteEdges", {"site_ids": sites, **times}),
        "slow": await service.ask("listSlowEvents", {"site_ids": sites, **times}),
        "metrics": await service.ask(
            "queryMetricList", {"site_id": sites[0], **times, "group_by": ["Name"], "select": select}
        ),
    }


async def test_a_snapshot_and_an_export_bring_back_all_that_was_there() -> None:
    async with serving() as service:
        sites = [await service.site(), await service.site()]
        traffic = Traffic(Random(1), [(sites[0], "shop"), (sites[1], "billing")])  # noqa: S311 - it has to repeat
        for _ in range(12):
            traffic.trace()
        await traffic.send(service)
        point = {"timeUnixNano": str(TEN), "asDouble": 3.5}
        await service.take(sites[0], "metrics", metrics_body({"name": "load", "gauge": {"dataPoints": [point]}}))
        before = await everything(service, sites)
        assert all(before.values())
        assert (await service.http.post("/__mock/v1/snapshots", json={"name": "now"})).is_success
        exported = (await service.http.get("/__mock/v1/state")).json()
        await service.take(sites[0], "traces", spans_body([span("f" * 32, "f" * 16)]))
        assert await everything(service, sites) != before
        assert (await service.http.post("/__mock/v1/snapshots/now/restore")).is_success
        assert await everything(service, sites) == before
        await service.http.post("/__mock/v1/reset")
        assert (await service.http.get("/__mock/v1/appsignal/sites")).json() == {"sites": []}
        assert (await service.http.put("/__mock/v1/state", json=exported)).is_success
        assert await everything(service, sites) == before
        assert (await service.http.get("/__mock/v1/state")).json() == exported
