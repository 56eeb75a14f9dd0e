"""Which metrics there are: their names, their types and their tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twosignal_mock.apis.appsignal._access import reach_site
from twosignal_mock.apis.appsignal.store import Series, repositories_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction


def names_handlers(dependencies: Dependencies) -> Iterator[Handler]:
    """GET /metrics/names/{site_id} and /metrics/type_and_tags/{site_id}/{metric_name}."""
    upper = dependencies.dialects["metric-type-case"] == "upper"
    combinations = _pairs if dependencies.dialects["available-tags"] == "pairs" else _keys

    def type_and_tags(call: Call, transaction: Transaction) -> object:
        site = reach_site(transaction, call.parameters["site_id"])
        series = repositories_of(transaction).metrics.series(site.number, call.parameters["metric_name"])
        if not series:
            raise ApiError("unknown-resource")
        type_ = series[0].type
        tagged = [each for each in series if each.tags]
        return {"metric_type": type_.upper() if upper else type_, "available_tags": combinations(tagged)}

    yield Handler("listMetricNames", list_names, ("site_id",))
    yield Handler("getMetricType", type_and_tags, ("site_id", "metric_name"))


def list_names(call: Call, transaction: Transaction) -> object:
    """The names of all metrics of a site."""
    site = reach_site(transaction, call.parameters["site_id"])
    return repositories_of(transaction).metrics.names(site.number)


def _keys(series: Sequence[Series]) -> list[Any]:
    return [list(keys) for keys in dict.fromkeys(tuple(each.tags) for each in series)]


def _pairs(series: Sequence[Series]) -> list[Mapping[str, str]]:
    return [each.tags for each in series]
