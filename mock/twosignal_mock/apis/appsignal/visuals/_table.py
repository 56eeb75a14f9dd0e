"""The data of a saved visual as the rows of a table, which is sent as comma-separated values (RFC 4180).

A text that a spreadsheet would take for a formula stays as it is: the RFC knows nothing of formulas, and a table holds
the same values as the JSON.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson


def table_of(data: Mapping[str, Any]) -> list[list[str]]:
    """A Timeseries or a MetricList of the contract; the first row names the columns."""
    rows = _of_series(data["series"]) if "series" in data else _of_groups(data["rows"])
    return [[_written(value) for value in row] for row in rows]


def _of_series(series: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Any]]:
    """One row for each instant, one column for each series."""
    yield ["timestamp", *(each["id"] for each in series)]
    by_instant: dict[str, dict[int, Any]] = {}
    for column, each in enumerate(series):
        for point in each["data"]:
            by_instant.setdefault(point["timestamp"], {})[column] = point["value"]
    # All are in UTC, and written alike: their texts are in the order of the instants.
    for instant in sorted(by_instant):
        values = by_instant[instant]
        yield [instant, *(values.get(column) for column in range(len(series)))]


def _of_groups(rows: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Any]]:
    """One row for each group, one column for each of its keys and for each selector."""
    keys = _names(row["group"] for row in rows)
    selectors = _names(row["data"] for row in rows)
    yield [*keys, *selectors]
    for row in rows:
        yield [*(row["group"].get(key) for key in keys), *(row["data"].get(selector) for selector in selectors)]


def _names(objects: Iterable[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for each in objects for name in each))


def _written(value: Any) -> str:
    """As in JSON, but for quotes; nothing for a gap."""
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()
