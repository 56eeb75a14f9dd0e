"""Handlers for single traces and lists of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._access import reach_sites
from twosignal_mock.apis.appsignal._attributes import AttributeNames
from twosignal_mock.apis.appsignal._instants import EARLIEST, LATEST
from twosignal_mock.apis.appsignal.store import Listing, PageQuery, Range, Site, repositories_of
from twosignal_mock.apis.appsignal.tracing._queries import check_pagination, fold_trace_id, page_query
from twosignal_mock.apis.appsignal.tracing._shapes import span_shape, summary
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction

_MOST_LOCATED = 10_000
"""Actions of one trace: it has no more spans."""


def handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """Locator, whole traces, performance and error traces, and the lists of both."""
    traces = _Traces(contract, dependencies)
    yield Handler("locateTrace", locate)
    yield Handler("getTrace", traces.whole)
    for operation, listing in (("getPerformanceTrace", Listing.PERFORMANCE), ("getErrorTrace", Listing.ERRORS)):
        yield Handler(operation, traces.single(listing))
    for operation, listing in (("listPerformanceTraces", Listing.PERFORMANCE), ("listErrorTraces", Listing.ERRORS)):
        yield Handler(operation, traces.page(listing))


def locate(call: Call, transaction: Transaction) -> object:
    """In which sites a trace is, with its actions and its incidents."""
    sites = reach_sites(transaction, call.body["site_ids"])
    trace = fold_trace_id(call.body["trace_id"]) or ""
    traces, ids = repositories_of(transaction).traces, _ids(sites)
    everywhere = PageQuery(
        Listing.PERFORMANCE, list(ids), Range(EARLIEST, LATEST), _MOST_LOCATED, descending=False, trace=trace
    )
    places = dict.fromkeys((row.site, row.namespace, row.action) for row in traces.page(everywhere))
    return {
        "performance": [
            {"site_id": ids[site], "namespace": namespace, "action_name": action} for site, namespace, action in places
        ],
        "errors": [
            {"site_id": ids[each.site], "incident_number": each.number, "exception_name": each.exception}
            for each in traces.incidents(trace, list(ids))
        ],
    }


class _Traces:
    def __init__(self, contract: Contract, dependencies: Dependencies) -> None:
        dialects = dependencies.dialects
        self._show = span_shape(AttributeNames.of(contract), null_parent=dialects["root-parent"] == "null")
        self._refuses_unknown = dialects["unknown-trace"] != "empty"
        self._needs_pagination = dialects["single-trace-pagination"] == "required"
        self._cursor = dialects["trace-cursor"]

    def whole(self, call: Call, transaction: Transaction) -> object:
        """All spans of a trace."""
        sites = reach_sites(transaction, call.body["site_ids"])
        return self._spans(transaction, fold_trace_id(call.body["trace_id"]) or "", sites)

    def single(self, listing: Listing) -> Any:
        """The spans of the first trace that the list shows for the same body."""

        def handle(call: Call, transaction: Transaction) -> object:
            sites = reach_sites(transaction, call.body["site_ids"])
            if self._needs_pagination:
                check_pagination(call)
            query = page_query(call, sites, listing, self._cursor)._replace(limit=1)
            found = repositories_of(transaction).traces.page(query)
            return self._spans(transaction, found[0].trace if found else "", sites)

        return handle

    def page(self, listing: Listing) -> Any:
        """One page of a list."""

        def handle(call: Call, transaction: Transaction) -> object:
            sites = reach_sites(transaction, call.body["site_ids"])
            rows = repositories_of(transaction).traces.page(page_query(call, sites, listing, self._cursor))
            ids = _ids(sites)
            return [summary(row, ids[row.site]) for row in rows]

        return handle

    def _spans(self, transaction: Transaction, trace: str, sites: Sequence[Site]) -> object:
        spans = self._show(repositories_of(transaction).traces.spans(trace), _ids(sites))
        if not spans and self._refuses_unknown:
            raise ApiError("unknown-resource")
        return spans


def _ids(sites: Sequence[Site]) -> dict[int, str]:
    return {site.number: site.id for site in sites}
