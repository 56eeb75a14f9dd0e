"""Deploys: the numbers of a revision, out of the same sums as those of actions."""

from __future__ import annotations

from collections.abc import Iterator

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._access import reach_site
from twosignal_mock.apis.appsignal._instants import MILLISECOND, read_range
from twosignal_mock.apis.appsignal.store import Range, repositories_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction

_WHOLE = 100
"""Per cent."""


def handlers(_contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """POST /deploys/stats."""
    unprocessable = dependencies.dialects["unknown-revision"] == "422"

    def handle(call: Call, transaction: Transaction) -> object:
        site, revision = reach_site(transaction, call.body["site_id"]).number, call.body["revision"]
        sums = repositories_of(transaction).traces.actions(site, Range(*read_range(call.body)), revision)
        traces = sum(each.traces for each in sums)
        if not traces and unprocessable:
            raise ApiError("invalid-value", place="revision", problem=f"{revision!r} has no traces in the range")
        if not traces:
            raise ApiError("unknown-resource")
        return {
            "throughput": traces,
            "mean": sum(each.total for each in sums) / traces / MILLISECOND,
            "error_rate": _WHOLE * sum(each.failed for each in sums) / traces,
        }

    yield Handler("getDeployStatistics", handle)
