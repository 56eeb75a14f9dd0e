"""Nodes and pods: the means of their metrics, and what pods are.

The metrics are the site's own, so that a mean here is what a query to the metrics gives. What was measured in a minute
has the time at which it begins.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._access import reach_site
from twosignal_mock.apis.appsignal._instants import SECOND, read_range
from twosignal_mock.apis.appsignal.store import MINUTE, Metrics, Pod, repositories_of
from twosignal_mock.engine.api import Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction

_NO_STATUS = "Unknown"
"""Of a pod that never said; as Kubernetes calls a pod whose state cannot be told."""


def handlers(contract: Contract, _dependencies: Dependencies) -> Iterator[Handler]:
    """The three operations below /kubernetes."""
    node_fields, pod_fields = (_metric_fields(contract, name) for name in ("Node", "Pod"))

    def nodes(call: Call, transaction: Transaction) -> object:
        site, minutes = reach_site(transaction, call.body["site_id"]).number, _minutes(call.body)
        means = _means(repositories_of(transaction).metrics, site, ("node", node_fields), ("node",), minutes)
        return [{"node": node, **_shown(node_fields, values)} for (node,), values in sorted(means.items())]

    def pods(call: Call, transaction: Transaction) -> object:
        return [
            {"pod": pod.name, "namespace": pod.namespace, "node": pod.node, **_shown(pod_fields, values)}
            for pod, values, _ in _pods(call, transaction, pod_fields)
        ]

    def overview(call: Call, transaction: Transaction) -> object:
        return [
            {
                "pod": pod.name,
                "namespace": pod.namespace,
                "node": pod.node,
                "labels": dict(pod.labels),
                "status": status or _NO_STATUS,
            }
            for pod, _, status in _pods(call, transaction, pod_fields)
        ]

    yield Handler("listKubernetesNodes", nodes)
    yield Handler("listKubernetesPods", pods)
    yield Handler("listKubernetesPodOverview", overview)


def _metric_fields(contract: Contract, schema: str) -> tuple[str, ...]:
    """The fields that hold a mean: those that may be null."""
    properties: Mapping[str, Any] = contract.schema(schema)["properties"]
    return tuple(name for name, each in properties.items() if each["type"] == ["number", "null"])


def _minutes(body: Mapping[str, Any]) -> tuple[int, int]:
    """The first and the last minute of a range, in seconds since 1970."""
    since, until = read_range(body)
    minute = MINUTE * SECOND
    return -(-since // minute) * MINUTE, until // minute * MINUTE


def _pods(
    call: Call, transaction: Transaction, fields: Sequence[str]
) -> Iterator[tuple[Pod, Mapping[str, float], str | None]]:
    """The pods that reported anything in the range, with their means and their last status."""
    body, repositories = call.body, repositories_of(transaction)
    site, minutes = reach_site(transaction, body["site_id"]).number, _minutes(body)
    means = _means(repositories.metrics, site, ("pod", fields), ("namespace", "pod"), minutes)
    for pod in repositories.pods.of(site):
        if body.get("node") not in (None, pod.node) or body.get("namespace") not in (None, pod.namespace):
            continue
        values = means.get((pod.namespace, pod.name))
        status = repositories.pods.last_status(pod, *minutes)
        if values is not None or status is not None:
            yield pod, values or {}, status


def _means(
    metrics: Metrics, site: int, names: tuple[str, Sequence[str]], tags: Sequence[str], minutes: tuple[int, int]
) -> Mapping[tuple[str, ...], Mapping[str, float]]:
    """The mean of each metric for each combination of tags that reported one."""
    kind, fields = names
    sums: dict[tuple[str, ...], dict[str, tuple[float, int]]] = {}
    for field in fields:
        series = {
            each.number: tuple(each.tags[tag] for tag in tags)
            for each in metrics.series(site, f"{kind}_{field}")
            if all(each.tags.get(tag) for tag in tags)
        }
        for cell in metrics.cells(list(series), *minutes, None) if series else ():
            known = sums.setdefault(series[cell.series], {})
            total, values = known.get(field, (0.0, 0))
            known[field] = total + cell.sum, values + cell.values
    return {key: {field: total / values for field, (total, values) in each.items()} for key, each in sums.items()}


def _shown(fields: Sequence[str], values: Mapping[str, float]) -> dict[str, float | None]:
    return {field: values.get(field) for field in fields}
