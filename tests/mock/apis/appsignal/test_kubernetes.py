"""Nodes and pods out of what the OpenTelemetry collector sends, with the numbers worked out beside."""

from __future__ import annotations

from collections import defaultdict
from random import Random
from statistics import fmean
from typing import Any

import pytest

from tests.mock.apis.appsignal.service import CONTRACT, SECOND, TEN, Service, attributes, instant, serving

MINUTE = 60 * SECOND
NODE = "listKubernetesNodes"
PODS = "listKubernetesPods"
OVERVIEW = "listKubernetesPodOverview"
MEASURES = {
    ("cpu.usage", ""): ("cpu_usage_nano_cores", 1_000_000_000),
    ("memory.usage", ""): ("memory_usage_bytes", 1),
    ("memory.working_set", ""): ("memory_working_set_bytes", 1),
    ("network.io", "receive"): ("network_rx_bytes", 1),
    ("network.io", "transmit"): ("network_tx_bytes", 1),
    ("filesystem.available", ""): ("fs_available_bytes", 1),
}


def gauge(name: str, value: float, time: int, **tags: str) -> dict[str, Any]:
    points = [{"timeUnixNano": str(time), "asDouble": value, "attributes": attributes(tags)}]
    return {"name": name, "gauge": {"dataPoints": points}}


def body(*groups: tuple[dict[str, str], list[dict[str, Any]]]) -> dict[str, Any]:
    return {
        "resourceMetrics": [
            {"resource": {"attributes": attributes(resource)}, "scopeMetrics": [{"metrics": metrics}]}
            for resource, metrics in groups
        ]
    }


def pod(name: str, node: str = "node-1", namespace: str = "shop", **labels: str) -> dict[str, str]:
    resource = {"k8s.node.name": node, "k8s.pod.name": name, "k8s.namespace.name": namespace}
    return resource | {f"k8s.pod.label.{key}": value for key, value in labels.items()}


def ranged(site: str, first: int, last: int, **more: Any) -> dict[str, Any]:
    return {"site_id": site, "from": instant(TEN + first * MINUTE), "to": instant(TEN + last * MINUTE), **more}


def fields(schema: str) -> list[str]:
    return [name for name, each in CONTRACT.schema(schema)["properties"].items() if each["type"] == ["number", "null"]]


async def test_a_metric_is_the_mean_of_what_was_reported_in_the_range() -> None:
    random = Random(4)  # noqa: S311 - a test has to repeat
    sent = defaultdict[tuple[str, str, str], list[float]](list)
    async with serving() as service:
        site = await service.site()
        for minute in range(8):
            groups = []
            for kind in ("node", "pod"):
                for name in ("a", "b"):
                    metrics = []
                    for (metric, direction), (field, factor) in MEASURES.items():
                        if random.random() < 0.8:
                            value = random.randrange(1, 1000)
                            tags = {"direction": direction} if direction else {}
                            metrics.append(gauge(f"k8s.{kind}.{metric}", value, TEN + minute * MINUTE, **tags))
                            if 2 <= minute <= 5:
                                sent[kind, name, field].append(value * factor)
                    groups.append(({"k8s.node.name": name} if kind == "node" else pod(name), metrics))
            assert await service.take(site, "metrics", body(*groups)) == {}
        for operation, kind, schema in ((NODE, "node", "Node"), (PODS, "pod", "Pod")):
            rows = await service.ask(operation, ranged(site, 2, 5))
            assert [row[kind] for row in rows] == ["a", "b"]
            for row in rows:
                for field in fields(schema):
                    values = sent.get((kind, row[kind], field))
                    assert row[field] == (None if values is None else pytest.approx(fmean(values)))
        query = {"id": "x", "name": "node_memory_usage_bytes", "field": "gauge", "tags": {"node": "a"}}
        listed = await service.ask("queryMetricList", ranged(site, 2, 5, select=[query], group_by=[]))
        (row,) = listed["rows"]
        assert row["data"]["x"] == pytest.approx(fmean(sent["node", "a", "memory_usage_bytes"]))


async def test_what_the_agent_of_appsignal_sends_is_shown_as_it_is() -> None:
    async with serving() as service:
        site = await service.site()
        metrics = [gauge("node_swap_usage_bytes", value, TEN, node="node-1") for value in (4, 6)]
        await service.take(site, "metrics", body(({}, metrics)))
        (node,) = await service.ask(NODE, ranged(site, 0, 1))
        assert node["node"] == "node-1"
        assert {name: value for name, value in node.items() if value is not None} == {
            "node": "node-1",
            "swap_usage_bytes": 5,
        }
        later = ranged(site, 0, 1) | {"from": instant(TEN + 1)}
        assert await service.ask(NODE, later) == []


async def fill(service: Service, site: str) -> None:
    for minute, phase in enumerate((1, 2, 2, 4, 3)):
        await service.take(
            site, "metrics", body((pod("web", app="web"), [gauge("k8s.pod.phase", phase, TEN + minute * MINUTE)]))
        )
    busy = gauge("k8s.pod.memory.usage", 5, TEN + MINUTE)
    await service.take(site, "metrics", body((pod("db", "node-2", "data"), [busy]), (pod("web"), [busy])))


async def test_the_overview_shows_labels_the_last_status_and_the_pods_of_the_metrics() -> None:
    async with serving() as service:
        site, other = await service.site(), await service.site()
        await fill(service, site)
        web = {"pod": "web", "namespace": "shop", "node": "node-1", "labels": {"app": "web"}}
        database = {"pod": "db", "namespace": "data", "node": "node-2", "labels": {}, "status": "Unknown"}
        for first, last, statuses in ((0, 0, "Pending"), (0, 2, "Running"), (0, 3, "Failed"), (4, 9, "Succeeded")):
            rows = await service.ask(OVERVIEW, ranged(site, first, last))
            expected = [database] if first <= 1 <= last else []
            assert rows == [*expected, {**web, "status": statuses}]
        for filters, names in (({}, ["db", "web"]), ({"node": "node-1"}, ["web"]), ({"namespace": "data"}, ["db"])):
            for operation in (PODS, OVERVIEW):
                found = await service.ask(operation, ranged(site, 0, 9, **filters))
                assert [row["pod"] for row in found] == names
        assert await service.ask(OVERVIEW, ranged(site, 0, 9, node="node-9", namespace=None)) == []
        for operation in (NODE, PODS, OVERVIEW):
            assert await service.ask(operation, ranged(other, 0, 9)) == []
            assert await service.ask(operation, ranged(site, 20, 30)) == []
            assert (await service.refused(operation, {"site_id": site}))[0] == "invalid-value"
            assert (await service.call(operation, ranged("f" * 24, 0, 9))).status_code == 404


async def test_pods_are_there_after_an_export() -> None:
    async with serving() as service:
        site = await service.site()
        await fill(service, site)
        before = [await service.ask(operation, ranged(site, 0, 9)) for operation in (PODS, OVERVIEW)]
        exported = (await service.http.get("/__mock/v1/state")).json()
        assert (await service.http.post("/__mock/v1/reset")).is_success
        assert (await service.http.put("/__mock/v1/state", json=exported)).is_success
        assert [await service.ask(operation, ranged(site, 0, 9)) for operation in (PODS, OVERVIEW)] == before
