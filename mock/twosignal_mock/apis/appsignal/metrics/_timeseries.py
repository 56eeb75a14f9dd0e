"""Metrics over time: one series for each tag combination that a selector matches, one point for each interval."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.appsignal._access import reach_site
from twosignal_mock.apis.appsignal._instants import SECOND, format_instant
from twosignal_mock.apis.appsignal.metrics._range import MetricRange, read_metric_range
from twosignal_mock.apis.appsignal.metrics._selection import Selection, read_selections
from twosignal_mock.apis.appsignal.metrics._values import Value, interval_values, merge
from twosignal_mock.apis.appsignal.metrics._vocabulary import Vocabulary
from twosignal_mock.apis.appsignal.store import MINUTE, Metrics, Series, repositories_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction


def timeseries_handler(contract: Contract, dependencies: Dependencies) -> Handler:
    """POST /metrics/timeseries."""
    vocabulary = Vocabulary(contract)
    lower = dependencies.dialects["resolution-case"] == "lower"
    upper = dependencies.dialects["field-case"] == "upper"

    def handle(call: Call, transaction: Transaction) -> object:
        site = reach_site(transaction, call.body["site_id"]).number
        metrics = repositories_of(transaction).metrics
        range_ = read_metric_range(call.body, vocabulary)
        if range_.intervals > vocabulary.most_points:
            problem = f"makes {range_.intervals} intervals; expected at most {vocabulary.most_points}"
            raise ApiError("invalid-value", place="from", problem=problem)
        wanted = list(_wanted(read_selections(call.body, vocabulary, metrics, site), call.body.get("limit")))
        if (points := len(wanted) * range_.intervals) > vocabulary.most_points_together:
            problem = f"makes {points} points; expected at most {vocabulary.most_points_together}"
            raise ApiError("invalid-value", place="select", problem=problem)
        shown = [_show(metrics, selection, series, range_, upper=upper) for selection, series in wanted]
        return {**range_.shown(lower=lower), "series": _with_own_ids([each for each in shown if each is not None])}

    return Handler("queryTimeseries", handle)


def _wanted(selections: Sequence[Selection], limit: int | None) -> Iterator[tuple[Selection, Series]]:
    every = ((selection, series) for selection in selections for series in selection.series)
    yield from every if limit is None else (pair for _, pair in zip(range(limit), every, strict=False))


def _show(
    metrics: Metrics, selection: Selection, series: Series, range_: MetricRange, *, upper: bool
) -> dict[str, Any] | None:
    """One series; None when it has no data in the range."""
    values = _points(metrics, selection, series.number, range_)
    if not values:
        return None
    gap = 0 if selection.draws_zero else None
    data = [{"timestamp": format_instant(start * SECOND), "value": values.get(start, gap)} for start in range_.starts()]
    drawn = [point["value"] for point in data if point["value"] is not None]
    field = selection.field.name if upper else selection.field.name.lower()
    tags = ",".join(f"{key}={value}" for key, value in series.tags.items())
    return {
        "id": ".".join(filter(None, (series.metric, field, tags))),
        "name": series.metric,
        "tags": series.tags,
        "field": field,
        "min": min(drawn),
        "max": max(drawn),
        "data": data,
    }


def _points(metrics: Metrics, selection: Selection, series: int, range_: MetricRange) -> Mapping[int, float]:
    """The value of each interval that has data, by its start.

    What an aggregation merges are the minutes of an interval.
    """
    width = range_.resolution.seconds
    if selection.aggregation == selection.field.merged_by or width == MINUTE:
        values = interval_values(metrics, selection, [series], range_.first, range_.last, width)
        return {start: value.value for (_, start), value in values.items()}
    minutes = interval_values(metrics, selection, [series], range_.first, range_.last, MINUTE)
    intervals: dict[int, list[Value]] = {}
    for (_, start), value in minutes.items():
        intervals.setdefault(start - start % width, []).append(value)
    return {start: merge(selection, each) for start, each in intervals.items()}


def _with_own_ids(series: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """Two selectors may ask for the same; then the ids tell them apart by a number."""
    seen: dict[str, int] = {}
    for each in series:
        times = seen[each["id"]] = seen.get(each["id"], 0) + 1
        if times > 1:
            each["id"] = f"{each['id']}#{times}"
    return series
