"""From an OTLP/JSON export of metrics to points: what was measured of one metric with one combination of tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from twosignal_mock.apis.appsignal._attributes import attribute_text
from twosignal_mock.apis.appsignal._instants import LATEST
from twosignal_mock.apis.appsignal.metrics._distributions import Bucket, explicit_buckets, exponential_buckets
from twosignal_mock.apis.appsignal.spans import digest_of
from twosignal_mock.otlp import (
    plain_attributes,
    read_data,
    read_exponential_point,
    read_histogram_point,
    read_metric,
    read_metrics_request,
    read_number_point,
    read_resource,
    read_resource_metrics,
    read_scope_metrics,
)

_CUMULATIVE = 2
"""AggregationTemporality: counted from the start of the stream."""
_NO_VALUE = 1
"""DataPointFlags: the stream ended, and there is nothing to record."""
_LARGEST = 1e300
"""So that values can be added and halved without leaving what a double can hold."""
_MOST_VALUES = 1 << 40
"""Values of one point: so that sums of them stay whole numbers."""


class Point(NamedTuple):
    """What one sender says of one series."""

    metric: str
    type: str
    tags: Mapping[str, str]
    stream: str
    """Stands for the series of this sender."""
    start: int
    time: int
    """Nanoseconds since 1970."""
    cumulative: bool
    """Whether the values count from `start` on, and not from the point before."""
    number: float | None
    """None: a distribution."""
    buckets: tuple[Bucket, ...] = ()
    total: float | None = None
    least: float | None = None
    most: float | None = None


class Unread(NamedTuple):
    """A point that cannot be taken in, and why."""

    reason: str


def read_points(body: Mapping[str, Any]) -> Iterator[Point | Unread]:
    """The points of a checked export request."""
    (groups,) = read_metrics_request(body)
    for group in groups:
        resource, scopes = read_resource_metrics(group)
        sender = attribute_text(plain_attributes(*read_resource(resource)))
        for scope in scopes:
            (metrics,) = read_scope_metrics(scope)
            for message in metrics:
                yield from _read_metric(message, sender)


def _read_metric(message: Mapping[str, Any], sender: str) -> Iterator[Point | Unread]:
    name, gauge, sums, histogram, exponential, summary = read_metric(message)
    for data, read in ((gauge, _gauge), (sums, _sum), (histogram, _histogram), (exponential, _exponential)):
        points, temporality, monotonic = read_data(data)
        for point in points:
            yield _checked(read(point, name, temporality == _CUMULATIVE, monotonic), sender)
    for _ in read_data(summary)[0]:
        yield Unread("summaries cannot be merged: send histograms")


def _checked(point: Point | None, sender: str) -> Point | Unread:
    if point is None or not point.metric:
        return Unread("a point needs a metric with a name, and a value")
    if any("\0" in text for text in (point.metric, *point.tags, *point.tags.values())):
        return Unread("no query could name U+0000: leave it out of names and tags")
    numbers = [point.number, point.total, point.least, point.most]
    if not all(each is None or abs(each) <= _LARGEST for each in numbers):
        return Unread(f"values must be numbers up to {_LARGEST:g}")
    if not (0 <= point.start <= LATEST and 0 < point.time <= LATEST):
        return Unread("a point needs a time that is not before 1970")
    if sum(bucket.values for bucket in point.buckets) > _MOST_VALUES:
        return Unread(f"a point holds at most {_MOST_VALUES} values")
    return point._replace(stream=digest_of(point.metric, attribute_text(point.tags), sender))


def _tags(attributes: Any) -> dict[str, str]:
    plain = plain_attributes(attributes)
    return {key: attribute_text(plain[key]) for key in sorted(plain)}


def _gauge(message: Mapping[str, Any], metric: str, _cumulative: bool, _monotonic: bool) -> Point | None:
    attributes, start, time, double, integer, flags = read_number_point(message)
    number = integer if double is None else double
    if number is None or flags & _NO_VALUE:
        return None
    return Point(metric, "gauge", _tags(attributes), "", start, time, cumulative=False, number=float(number))


def _sum(message: Mapping[str, Any], metric: str, cumulative: bool, monotonic: bool) -> Point | None:
    """A sum that only grows is a counter. One that may fall is what there is of something: a gauge."""
    point = _gauge(message, metric, False, False)
    if point is None or (cumulative and not monotonic):
        return point
    return point._replace(type="counter", cumulative=cumulative)


def _histogram(message: Mapping[str, Any], metric: str, cumulative: bool, _monotonic: bool) -> Point | None:
    attributes, start, time, count, total, counts, bounds, flags, least, most = read_histogram_point(message)
    if flags & _NO_VALUE or (counts and len(counts) != len(bounds) + 1) or not _ascend(bounds):
        return None
    buckets = explicit_buckets(counts or [count], bounds if counts else ())
    tags = _tags(attributes)
    return Point(metric, "measurement", tags, "", start, time, cumulative, None, tuple(buckets), total, least, most)


def _exponential(message: Mapping[str, Any], metric: str, cumulative: bool, _monotonic: bool) -> Point | None:
    read = read_exponential_point(message)
    attributes, start, time, _, total, scale, zeros, positive, negative, flags, least, most = read
    if flags & _NO_VALUE:
        return None
    buckets, tags = exponential_buckets(scale, zeros, positive, negative), _tags(attributes)
    return Point(metric, "measurement", tags, "", start, time, cumulative, None, tuple(buckets), total, least, most)


def _ascend(bounds: Sequence[float]) -> bool:
    return all(abs(bound) <= _LARGEST for bound in bounds) and all(low < high for low, high in pairwise(bounds))
