"""Handlers for what is summed over traces: actions, calls between services, slow events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._access import reach_site
from twosignal_mock.apis.appsignal.store import Edge, EventSum, Site, repositories_of
from twosignal_mock.apis.appsignal.tracing._queries import range_of, scope_reader
from twosignal_mock.apis.appsignal.tracing._shapes import milliseconds
from twosignal_mock.engine.api import Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction

_WHOLE = 100
"""Per cent."""


def handlers(_contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """Actions, edges and slow events."""
    sums = _Sums(dependencies)
    yield Handler("listActions", list_actions)
    yield Handler("listActionEdges", sums.action_edges)
    yield Handler("listSiteEdges", sums.site_edges)
    yield Handler("listSlowEvents", sums.slow_events)
    yield Handler("listSlowEventActions", sums.slow_event_actions)


def list_actions(call: Call, transaction: Transaction) -> object:
    """The actions of a site with their numbers."""
    body = call.body
    site = reach_site(transaction, body["site_id"])
    found = repositories_of(transaction).traces.actions(
        site.number, range_of(body), body.get("revision"), body.get("namespaces"), body.get("action")
    )
    return [
        {
            "namespace": each.namespace,
            "action": each.name,
            "digest": each.digest,
            "mean": milliseconds(each.total / each.traces),
            "throughput": each.traces,
            "error_rate": _WHOLE * each.failed / each.traces,
            "has_npo": each.npo > 0,
        }
        for each in found
    ]


class _Sums:
    def __init__(self, dependencies: Dependencies) -> None:
        self._sites = scope_reader(dependencies.dialects["edge-scope"])

    def action_edges(self, call: Call, transaction: Transaction) -> object:
        """Who calls an action, and whom it calls."""
        numbers, edges = self._edges(call, transaction)
        wanted = (call.body["namespace"], call.body["action_name"])
        upstream, downstream = Counter[tuple[str, str, str]](), Counter[tuple[str, str, str]]()
        for edge in edges:
            if edge.site in numbers and (edge.namespace, edge.action) == wanted:
                upstream[edge.caller_service, edge.caller_namespace, edge.caller_action] += edge.calls
            if edge.caller_site in numbers and (edge.caller_namespace, edge.caller_action) == wanted:
                downstream[edge.service, edge.namespace, edge.action] += edge.calls
        names = ("service", "namespace", "action_name")
        return {"upstream": _rows(upstream, names), "downstream": _rows(downstream, names)}

    def site_edges(self, call: Call, transaction: Transaction) -> object:
        """Who calls a site, whom it calls, and the calls inside of it."""
        numbers, edges = self._edges(call, transaction)
        upstream, downstream, internal = Counter[tuple[str]](), Counter[tuple[str]](), Counter[tuple[str, str]]()
        for edge in edges:
            if edge.site == edge.caller_site:
                internal[edge.caller_namespace, edge.namespace] += edge.calls
                continue
            if edge.site in numbers:
                upstream[(edge.caller_service,)] += edge.calls
            if edge.caller_site in numbers:
                downstream[(edge.service,)] += edge.calls
        return {
            "upstream": _rows(upstream, ("service",)),
            "downstream": _rows(downstream, ("service",)),
            "internal": _rows(internal, ("namespace", "called_namespace")),
        }

    def slow_events(self, call: Call, transaction: Transaction) -> object:
        """The slow events of sites, those with the largest impact first."""
        totals: dict[tuple[str, str, str | None], list[float]] = {}
        for each in self._occurrences(call, transaction):
            sums = totals.setdefault((each.digest, each.name, each.body), [0, 0])
            sums[0] += each.spans
            sums[1] += each.total
        everything = sum(total for _, total in totals.values())
        rows = [
            {
                "digest": digest,
                "name": name,
                "body": text,
                "count": count,
                "mean": milliseconds(total / count),
                "impact": _WHOLE * total / everything if everything else 0,
            }
            for (digest, name, text), (count, total) in totals.items()
        ]
        return sorted(rows, key=lambda row: (-row["impact"], row["digest"]))  # type: ignore[operator]

    def slow_event_actions(self, call: Call, transaction: Transaction) -> object:
        """The actions in whose traces a slow event happens, those with the most events first."""
        counts = Counter[tuple[str, str]]()
        for each in self._occurrences(call, transaction, call.body["digest"]):
            counts[each.namespace, each.action] += each.spans
        return _rows(counts, ("namespace", "action_name"))

    def _edges(self, call: Call, transaction: Transaction) -> tuple[frozenset[int], Sequence[Edge]]:
        numbers = _numbers(self._sites(call, transaction))
        return frozenset(numbers), repositories_of(transaction).traces.edges(numbers, range_of(call.body))

    def _occurrences(self, call: Call, transaction: Transaction, digest: str | None = None) -> Sequence[EventSum]:
        numbers = _numbers(self._sites(call, transaction))
        namespaces = call.body.get("namespaces")
        return repositories_of(transaction).traces.slow_events(numbers, range_of(call.body), namespaces, digest)


def _numbers(sites: Sequence[Site]) -> list[int]:
    return [site.number for site in sites]


def _rows(counts: Counter[Any], names: Sequence[str]) -> list[dict[str, Any]]:
    """Rows with their counts, the largest first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{**dict(zip(names, key, strict=True)), "count": count} for key, count in ordered]
