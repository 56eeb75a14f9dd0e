"""Takes points in: what is new of them becomes part of a minute of their series."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from twosignal_mock.apis.appsignal._instants import SECOND
from twosignal_mock.apis.appsignal._rejection import Rejection
from twosignal_mock.apis.appsignal.kubernetes import Measurement, keep_pods, read_cluster
from twosignal_mock.apis.appsignal.metrics._distributions import Bucket, Distribution, distribution, single
from twosignal_mock.apis.appsignal.metrics._points import Point, Unread, read_points
from twosignal_mock.apis.appsignal.sites import site_of
from twosignal_mock.apis.appsignal.store import MINUTE, Metrics, Minute, Repositories, Series, Stream, repositories_of
from twosignal_mock.engine.api import ControlCall
from twosignal_mock.engine.store import Transaction

_MOST_SERIES = 20_000
"""Of a site."""


async def take_metrics(call: ControlCall) -> object:
    """Keeps the points of an export; what cannot be kept is counted in the response."""
    rejection = Rejection("rejectedDataPoints")

    def work(transaction: Transaction) -> None:
        site = site_of(transaction, call.path).number
        record_export(repositories_of(transaction), site, call.body, rejection)

    await call.write(work)
    return rejection.response()


def record_export(repositories: Repositories, site: int, body: Mapping[str, Any], rejection: Rejection) -> None:
    """Keeps the points of a checked export request, and what they say of nodes and pods."""
    cluster = read_cluster(body, site)
    record_points(repositories.metrics, site, chain(read_points(body), map(_point_of, cluster.measurements)), rejection)
    keep_pods(repositories.pods, cluster)


def _point_of(measurement: Measurement) -> Point:
    metric, tags, time, value = measurement
    return Point(metric, "gauge", tags, "", start=0, time=time, cumulative=False, number=value)


def record_points(metrics: Metrics, site: int, points: Iterable[Point | Unread], rejection: Rejection) -> None:
    """Keeps the points of a site."""
    known = _KnownSeries(metrics, site)
    minutes = []
    for point in points:
        if isinstance(point, Unread):
            rejection.add(1, point.reason)
            continue
        series = known.find(point)
        if isinstance(series, str):
            rejection.add(1, series)
        elif (new := _new_of(metrics, point, site)) is not None:
            start = point.time // SECOND
            minutes.append(Minute(series.number, start - start % MINUTE, *new))
    metrics.add(minutes)


class _KnownSeries:
    """The series that the points of one export are of."""

    def __init__(self, metrics: Metrics, site: int) -> None:
        self._metrics = metrics
        self._site = site
        self._by_metric: dict[str, dict[tuple[tuple[str, str], ...], Series]] = {}
        self._count = metrics.count_series(site)

    def find(self, point: Point) -> Series | str:
        """The series of a point, made when it is not there; or why there can be none."""
        known = self._by_metric.get(point.metric)
        if known is None:
            series = self._metrics.series(self._site, point.metric)
            known = self._by_metric[point.metric] = {tuple(each.tags.items()): each for each in series}
        first = next(iter(known.values()), None)
        if first is not None and first.type != point.type:
            return f"the metric {point.metric[:100]} is a {first.type}, and no {point.type}"
        key = tuple(point.tags.items())
        found = known.get(key)
        if found is None:
            if self._count >= _MOST_SERIES:
                return f"a site has at most {_MOST_SERIES} combinations of metric and tags"
            self._count += 1
            found = known[key] = self._metrics.add_series(self._site, point.metric, point.type, point.tags)
        return found


def _new_of(metrics: Metrics, point: Point, site: int) -> Distribution | None:
    """What a point brings that was not there; None for nothing."""
    if not point.cumulative:
        return _distribution(point)
    key, state = f"{site} {point.stream}", _state(point)
    known = metrics.stream(key)
    if known is not None and point.time <= known.time:
        return None
    metrics.put_stream(Stream(key, point.start, point.time, state))
    if known is None or known.start != point.start:
        return _distribution(point)
    return _distribution(_since(point, known.state))


def _distribution(point: Point) -> Distribution | None:
    if point.number is not None:
        return single(point.number)
    return distribution(point.buckets, point.total, point.least, point.most) if point.buckets else None


def _state(point: Point) -> tuple[float, ...]:
    """How far a point has come: its number, or its sum and each bucket as its bounds and its values."""
    if point.number is not None:
        return (point.number,)
    buckets = (value for bucket in point.buckets for value in (*_bounds(bucket), bucket.values))
    return (0.0 if point.total is None else point.total, *buckets)


def _since(point: Point, state: tuple[float, ...]) -> Point:
    """What a point has that its stream had not yet. One that has less began anew, and all of it is new."""
    before, *rest = state
    if point.number is not None:
        return point if point.number < before else point._replace(number=point.number - before)
    known = {(rest[index], rest[index + 1]): int(rest[index + 2]) for index in range(0, len(rest), 3)}
    counts = {_bounds(bucket): bucket.values for bucket in point.buckets}
    if any(values > counts.get(bounds, 0) for bounds, values in known.items()):
        return point
    left = (bucket._replace(values=bucket.values - known.get(_bounds(bucket), 0)) for bucket in point.buckets)
    total = None if point.total is None else point.total - before
    return point._replace(buckets=tuple(bucket for bucket in left if bucket.values), total=total)


def _bounds(bucket: Bucket) -> tuple[float, float]:
    """The bounds of a bucket as JSON can hold them."""
    return max(bucket.low, -sys.float_info.max), min(bucket.high, sys.float_info.max)
