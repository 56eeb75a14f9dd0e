"""What a selector means: the field, how values become one, and the series that its tags match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from twosignal_mock.apis.appsignal.metrics._vocabulary import Field, Vocabulary
from twosignal_mock.apis.appsignal.store import Metrics, Series
from twosignal_mock.engine.api import ApiError


class Selection(NamedTuple):
    """One selector, understood."""

    id: str
    """Empty in a timeseries."""
    name: str
    field: Field
    aggregation: str
    """How several values become one: average, sum, minimum, maximum or quantile."""
    tags: Mapping[str, str]
    series: Sequence[Series]
    """Those that it matches."""
    is_counter: bool
    draws_zero: bool


def read_selections(
    body: Mapping[str, Any], vocabulary: Vocabulary, metrics: Metrics, site: int
) -> Sequence[Selection]:
    """The selectors of a body. Raises ApiError for a word, a tag or a field that the metric does not have."""
    known: dict[str, Sequence[Series]] = {}
    selections = []
    for index, selector in enumerate(body["select"]):
        name = selector["name"]
        if name not in known:
            known[name] = metrics.series(site, name)
        selections.append(_read(selector, f"select[{index}]", vocabulary, known[name]))
    return selections


def _read(selector: Mapping[str, Any], place: str, vocabulary: Vocabulary, known: Sequence[Series]) -> Selection:
    field = vocabulary.field(selector["field"], f"{place}.field")
    aggregation = vocabulary.aggregation(selector.get("aggregation"), f"{place}.aggregation")
    name, tags = selector["name"], selector["tags"]
    type_ = known[0].type if known else field.types[0]
    if type_ not in field.types:
        raise ApiError("invalid-metric-field", metric=name, field=selector["field"], type=type_)
    keys = {key for series in known for key in series.tags}
    if known and (unknown := next((key for key in tags if key not in keys), None)) is not None:
        raise ApiError("invalid-tag", metric=name, tag=unknown)
    return Selection(
        id=selector.get("id", ""),
        name=name,
        field=field,
        aggregation=aggregation or field.merged_by,
        tags=tags,
        series=[series for series in known if _matches(series.tags, tags, vocabulary.wildcard)],
        is_counter=type_ == "counter",
        draws_zero=bool(selector.get("draw_null_as_zero")),
    )


def _matches(tags: Mapping[str, str], patterns: Mapping[str, str], wildcard: str) -> bool:
    """Whether the patterns name this combination of tags whole."""
    return tags.keys() == patterns.keys() and all(
        _fits(tags[key], pattern.split(wildcard)) for key, pattern in patterns.items()
    )


def _fits(value: str, parts: Sequence[str]) -> bool:
    """Whether a value is made of these parts, with anything between them. Takes as long as the value is, not longer."""
    if len(parts) == 1:
        return value == parts[0]
    first, *middle, last = parts
    if len(value) < len(first) + len(last) or not value.startswith(first) or not value.endswith(last):
        return False
    at, end = len(first), len(value) - len(last)
    for part in middle:
        found = value.find(part, at, end)
        if found < 0:
            return False
        at = found + len(part)
    return True
