"""From an OTLP/JSON export of metrics to what it says of nodes and pods: by the names of OpenTelemetry's collector.

AppSignal's own agent sends metrics under the names that are kept here, such as `node_cpu_usage_nano_cores` with a tag
`node`; they need nobody to read them. https://opentelemetry.io/docs/specs/semconv/system/k8s-metrics
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from twosignal_mock.apis.appsignal._attributes import attribute_text
from twosignal_mock.apis.appsignal._instants import LATEST, SECOND
from twosignal_mock.apis.appsignal.store import MINUTE, Pod, Pods, PodStatus
from twosignal_mock.otlp import (
    plain_attributes,
    read_data,
    read_metric,
    read_metrics_request,
    read_number_point,
    read_resource,
    read_resource_metrics,
    read_scope_metrics,
)

_NODE, _POD, _NAMESPACE = "k8s.node.name", "k8s.pod.name", "k8s.namespace.name"
_LABELS = ("k8s.pod.label.", "k8s.pod.labels.")
_PHASE = "k8s.pod.phase"
_PHASES = {1: "Pending", 2: "Running", 3: "Succeeded", 4: "Failed", 5: "Unknown"}
"""By the number that the collector's cluster receiver sends."""
_NANO = 1e9
_DIRECTION = "direction"
_MEASURES: Mapping[tuple[str, str], tuple[str, float]] = {
    ("cpu.usage", ""): ("cpu_usage_nano_cores", _NANO),
    ("memory.usage", ""): ("memory_usage_bytes", 1),
    ("memory.working_set", ""): ("memory_working_set_bytes", 1),
    ("network.io", "receive"): ("network_rx_bytes", 1),
    ("network.io", "transmit"): ("network_tx_bytes", 1),
    ("filesystem.available", ""): ("fs_available_bytes", 1),
}
"""By the end of the metric's name, and the direction of the point: the name that is kept, and a factor."""


class Measurement(NamedTuple):
    """One value of a metric of a node or a pod."""

    metric: str
    tags: Mapping[str, str]
    """In the order of their keys."""
    time: int
    """Nanoseconds since 1970."""
    value: float


class ClusterReport(NamedTuple):
    """What an export says of a cluster."""

    measurements: list[Measurement]
    pods: list[Pod]
    statuses: list[PodStatus]


def read_cluster(body: Mapping[str, Any], site: int) -> ClusterReport:
    """What a checked export request says of nodes and pods; most say nothing."""
    report = ClusterReport([], [], [])
    (groups,) = read_metrics_request(body)
    for group in groups:
        resource, scopes = read_resource_metrics(group)
        attributes = plain_attributes(*read_resource(resource))
        node, pod, namespace = (attribute_text(attributes.get(key)) for key in (_NODE, _POD, _NAMESPACE))
        if pod:
            report.pods.append(Pod(site, namespace, pod, node, _labels(attributes)))
            tags = {"namespace": namespace, "node": node, "pod": pod}
            for name, _, time, value in _points(scopes):
                if name == _PHASE and (status := _PHASES.get(int(value))) is not None:
                    second = time // SECOND
                    report.statuses.append(PodStatus(site, namespace, pod, second - second % MINUTE, status))
            report.measurements.extend(_measurements("pod", tags, scopes))
        elif node:
            report.measurements.extend(_measurements("node", {"node": node}, scopes))
    return report


def keep_pods(pods: Pods, report: ClusterReport) -> None:
    """Keeps pods and their statuses. A report that says nothing of node or labels leaves them as they were."""
    for site in {pod.site for pod in report.pods}:
        known = {(pod.namespace, pod.name): pod for pod in pods.of(site)}
        for pod in report.pods:
            before = known.get((pod.namespace, pod.name), pod)
            now = pod._replace(node=pod.node or before.node, labels=pod.labels or before.labels)
            known[pod.namespace, pod.name] = now
            if now != before or before is pod:
                pods.put(now)
    for status in report.statuses:
        pods.put_status(status)


def _labels(attributes: Mapping[str, Any]) -> dict[str, str]:
    return {
        key.removeprefix(prefix): attribute_text(value)
        for prefix in _LABELS
        for key, value in sorted(attributes.items())
        if key.startswith(prefix)
    }


def _measurements(kind: str, tags: Mapping[str, str], scopes: Any) -> Iterator[Measurement]:
    for name, direction, time, value in _points(scopes):
        known = _MEASURES.get((name.removeprefix(f"k8s.{kind}."), direction))
        if known is not None:
            yield Measurement(f"{kind}_{known[0]}", tags, time, value * known[1])


def _points(scopes: Any) -> Iterator[tuple[str, str, int, float]]:
    """Name, direction, time and value of all gauges and sums that are plain numbers."""
    for scope in scopes:
        (metrics,) = read_scope_metrics(scope)
        for message in metrics:
            name, gauge, total, *_ = read_metric(message)
            for data in (gauge, total):
                for point in read_data(data)[0]:
                    attributes, _, time, double, integer, _ = read_number_point(point)
                    value = integer if double is None else double
                    if value is not None and abs(value) < float("inf") and 0 < time <= LATEST:
                        direction = attribute_text(plain_attributes(attributes).get(_DIRECTION))
                        yield name, direction, time, float(value)
