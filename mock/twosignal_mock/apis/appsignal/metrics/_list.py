"""Metrics of a whole range in groups: one row for each group, one value in it for each selector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._access import reach_site
from twosignal_mock.apis.appsignal.metrics._range import MetricRange, read_metric_range
from twosignal_mock.apis.appsignal.metrics._selection import Selection, read_selections
from twosignal_mock.apis.appsignal.metrics._values import interval_values, merge, merged_whole
from twosignal_mock.apis.appsignal.metrics._vocabulary import Vocabulary
from twosignal_mock.apis.appsignal.store import Metrics, Series, repositories_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction

_NAME = "name"
"""The key of a metric's name in a group; clause metrics.list.group-name-content."""
_EVERYTHING = "*"
"""The id of the one row of a query without groups."""

Group = tuple[tuple[str, str], ...]
"""Keys and values, in the order of the keys."""


def list_handler(contract: Contract, dependencies: Dependencies) -> Handler:
    """POST /metrics/list."""
    vocabulary = Vocabulary(contract)
    lower = dependencies.dialects["resolution-case"] == "lower"

    def handle(call: Call, transaction: Transaction) -> object:
        site, body = reach_site(transaction, call.body["site_id"]).number, call.body
        _check_ids(body["select"])
        grouped = [None if entry == "Name" else entry["Tag"] for entry in body["group_by"]]
        _check_wildcards(body["select"], frozenset(grouped), vocabulary.wildcard)
        metrics = repositories_of(transaction).metrics
        range_ = read_metric_range(body, vocabulary)
        rows: dict[Group, dict[str, float]] = {}
        selections = read_selections(body, vocabulary, metrics, site)
        for selection in selections:
            for group, value in _values(metrics, selection, grouped, range_):
                rows.setdefault(group, {})[selection.id] = value
        shown = [_row(group, data, selections) for group, data in rows.items()]
        return {**range_.shown(lower=lower), "rows": sorted(shown, key=lambda row: row["id"])[: body.get("limit")]}

    return Handler("queryMetricList", handle)


def _check_ids(selectors: Sequence[Mapping[str, Any]]) -> None:
    seen = set[str]()
    for index, selector in enumerate(selectors):
        if selector["id"] in seen:
            problem = f"is {selector['id']!r}, as that of another selector; expected one of its own"
            raise ApiError("invalid-value", place=f"select[{index}].id", problem=problem)
        seen.add(selector["id"])


def _check_wildcards(selectors: Sequence[Mapping[str, Any]], grouped: frozenset[str | None], wildcard: str) -> None:
    for selector in selectors:
        for tag, pattern in selector["tags"].items():
            if wildcard in pattern and tag not in grouped:
                raise ApiError("ungrouped-wildcard", tag=tag)


def _values(
    metrics: Metrics, selection: Selection, grouped: Sequence[str | None], range_: MetricRange
) -> Iterator[tuple[Group, float]]:
    groups: dict[Group, list[int]] = {}
    for series in selection.series:
        groups.setdefault(_group(series, grouped), []).append(series.number)
    for group, numbers in groups.items():
        value = _value(metrics, selection, numbers, range_)
        if value is not None:
            yield group, value


def _value(metrics: Metrics, selection: Selection, series: Sequence[int], range_: MetricRange) -> float | None:
    """What an aggregation merges are the intervals of the resolution, over all series of the group."""
    if selection.aggregation == selection.field.merged_by:
        return merged_whole(metrics, selection, series, range_.first, range_.last)
    values = interval_values(metrics, selection, series, range_.first, range_.last, range_.resolution.seconds)
    return merge(selection, values.values()) if values else None


def _group(series: Series, grouped: Sequence[str | None]) -> Group:
    """The group of a series; a tag that it lacks is empty."""
    members = {
        _NAME if tag is None else tag: series.metric if tag is None else series.tags.get(tag, "") for tag in grouped
    }
    return tuple(sorted(members.items()))


def _row(group: Group, data: dict[str, float], selections: Sequence[Selection]) -> dict[str, Any]:
    names = dict(group)
    zeros = {each.id: 0 for each in selections if each.draws_zero and names.get(_NAME, each.name) == each.name}
    return {
        "id": ",".join(f"{key}={value}" for key, value in group) or _EVERYTHING,
        "group": names,
        "data": {**zeros, **data},
    }
