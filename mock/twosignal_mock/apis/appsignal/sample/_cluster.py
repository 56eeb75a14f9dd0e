"""The cluster of the sample: nodes and pods as the OpenTelemetry collector reports them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from twosignal_mock.apis.appsignal.sample._messages import Message, gauge_point, metrics_export
from twosignal_mock.apis.appsignal.sample._numbers import STEP

_NODES = ("node-1", "node-2")
_GIB = 1 << 30
_PENDING, _RUNNING, _SUCCEEDED, _FAILED = 1, 2, 3, 4
"""Phases of pods as the collector numbers them."""


class _Pod(NamedTuple):
    name: str
    namespace: str
    node: str
    app: str
    tier: str
    last: int
    """The phase that it ends the day in; it begins as pending and runs between."""


_PODS = (
    _Pod("web-7d9f8c6b5-x2k4q", "shop", "node-1", "web", "front", _RUNNING),
    _Pod("web-7d9f8c6b5-m8t2z", "shop", "node-2", "web", "front", _RUNNING),
    _Pod("worker-5c6d7e8f9-q1w2e", "shop", "node-2", "worker", "back", _RUNNING),
    _Pod("migrate-3f2a91c-7hj2k", "shop", "node-1", "migrate", "back", _SUCCEEDED),
    _Pod("billing-6b5a4c3d2-p9o8i", "billing", "node-1", "billing", "back", _FAILED),
)


def cluster_exports(random: Random, begin: int, end: int) -> Iterator[Message]:
    """What the cluster reports between two times, in milliseconds since 1970."""
    times = range(begin - begin % STEP + STEP, end + 1, STEP)
    for node in _NODES:
        yield metrics_export(_metrics(random, "node", times, 4.0), {"k8s.node.name": node})
    for pod in _PODS:
        resource = {
            "k8s.node.name": pod.node,
            "k8s.pod.name": pod.name,
            "k8s.namespace.name": pod.namespace,
            "k8s.pod.label.app": pod.app,
            "k8s.pod.label.tier": pod.tier,
        }
        phases = [_PENDING, *(_RUNNING for _ in times[2:]), pod.last]
        points = [gauge_point({}, time, phase) for time, phase in zip(times, phases, strict=False)]
        metrics = [*_metrics(random, "pod", times, 0.5), {"name": "k8s.pod.phase", "gauge": {"dataPoints": points}}]
        yield metrics_export(metrics, resource)


def _metrics(random: Random, kind: str, times: range, cores: float) -> list[Message]:
    points: dict[str, list[Message]] = {}
    received = 0
    for time in times:
        busy = random.uniform(0.2, 0.6)
        received += random.randrange(1 << 20)
        readings = [
            ("cpu.usage", "", round(cores * busy, 3)),
            ("memory.usage", "", round(cores * 2 * _GIB * busy)),
            ("memory.working_set", "", round(cores * 1.5 * _GIB * busy)),
            ("network.io", "receive", received),
            ("network.io", "transmit", received // 2),
        ]
        if kind == "node":
            readings.append(("filesystem.available", "", round(80 * _GIB * (1 - busy / 4))))
        for name, direction, value in readings:
            tags = {"direction": direction} if direction else {}
            points.setdefault(name, []).append(gauge_point(tags, time, value))
    return [{"name": f"k8s.{kind}.{name}", "gauge": {"dataPoints": each}} for name, each in points.items()]
