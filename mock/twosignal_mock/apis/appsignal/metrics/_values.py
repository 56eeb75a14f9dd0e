"""From what is kept of intervals to one value: by the field of a selector, and by its aggregation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from twosignal_mock.apis.appsignal.metrics._selection import Selection
from twosignal_mock.apis.appsignal.store import Bin, Cell, Metrics, value_of


class Value(NamedTuple):
    """The value of one interval."""

    value: float
    weight: int
    """The number of measurements in it."""


_MERGES: Mapping[str, Callable[[Sequence[Value]], float]] = {
    "average": lambda values: _divided(sum(each.value * each.weight for each in values), values),
    "sum": lambda values: sum(each.value for each in values),
    "minimum": lambda values: min(each.value for each in values),
    "maximum": lambda values: max(each.value for each in values),
}

Interval = tuple[int, int]
"""Series and start."""


def interval_values(
    metrics: Metrics, selection: Selection, series: Sequence[int], first: int, last: int, width: int | None
) -> Mapping[Interval, Value]:
    """The value of each interval of each series, by the field alone; None: of the whole range."""
    cells = {(cell.series, cell.start): cell for cell in metrics.cells(series, first, last, width)}
    if selection.field.quantile is None:
        return {key: Value(_plain(cell, selection), cell.values) for key, cell in cells.items()}
    bins = groupby(metrics.bins(series, first, last, width), attrgetter("series", "start"))
    return {
        key: Value(quantile([cells[key]], list(each), selection.field.quantile), cells[key].values)
        for key, each in bins
    }


def merge(selection: Selection, values: Iterable[Value]) -> float:
    """Several values as one, by the aggregation. There is at least one."""
    return _MERGES[selection.aggregation](list(values))


def merged_whole(metrics: Metrics, selection: Selection, series: Sequence[int], first: int, last: int) -> float | None:
    """What was measured in the whole range, by the field alone; None for nothing."""
    cells = metrics.cells(series, first, last, None)
    if not cells:
        return None
    if selection.field.quantile is not None:
        return quantile(cells, metrics.bins(series, first, last, None), selection.field.quantile)
    return _MERGES[selection.field.merged_by]([Value(_plain(cell, selection), cell.values) for cell in cells])


def quantile(cells: Sequence[Cell], bins: Sequence[Bin], share: float) -> float:
    """The value below which a share of the measurements lies; never beyond the extremes of the cells."""
    counts: dict[int, int] = {}
    for each in bins:
        counts[each.bin] = counts.get(each.bin, 0) + each.values
    rank, seen, value = share * (sum(counts.values()) - 1), 0, 0.0
    for bin_ in sorted(counts):
        seen += counts[bin_]
        value = value_of(bin_)
        if seen > rank:
            break
    return min(max(value, min(cell.least for cell in cells)), max(cell.most for cell in cells))


def _plain(cell: Cell, selection: Selection) -> float:
    """The value of an interval that needs no sketch."""
    kind = selection.field.merged_by
    if kind == "sum":
        return cell.sum if selection.is_counter else cell.values
    if kind == "average":
        return cell.sum / cell.values
    return cell.least if kind == "minimum" else cell.most


def _divided(total: float, values: Sequence[Value]) -> float:
    return total / sum(each.weight for each in values)
