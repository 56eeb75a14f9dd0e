"""The metrics of the sample: what AppSignal reports of requests and of hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import pi, sin
from random import Random

from twosignal_mock.apis.appsignal.sample._messages import (
    Message,
    counter_point,
    duration_point,
    gauge_point,
    metrics_export,
)
from twosignal_mock.apis.appsignal.sample._traffic import REGIONS, Finished, failures

MINUTE = 60_000
"""Milliseconds."""
_DAY = 1440 * MINUTE
STEP = 5 * MINUTE
"""Hosts report so often."""
_BOUNDS = (5, 10, 25, 50, 75, 100, 250, 500, 750, 1000, 2500, 5000, 7500, 10000)
"""Milliseconds; those that OpenTelemetry's SDKs have by default."""
_HOSTS = (("web-1", "web", 0.5), ("web-2", "web", 0.45), ("worker-1", "worker", 0.3))
"""Name, role, and how busy it is on average."""
_IDLE_SHARE = 0.9
"""Of the time that is not used; the rest waits."""


def request_metrics(calls: Sequence[Finished]) -> Message:
    """Throughput, error rate and durations of the calls of one site, by the minute."""
    minutes: dict[int, list[Finished]] = {}
    for call in calls:
        minutes.setdefault(int(call.start) // MINUTE * MINUTE, []).append(call)
    throughput, rates, durations = list[Message](), list[Message](), list[Message]()
    for minute, together in sorted(minutes.items()):
        throughput.append(counter_point(minute, len(together)))
        for tags, alike in _combinations(together):
            rates.append(gauge_point(tags, minute, failures(alike)))
            durations.append(duration_point(tags, minute, [call.milliseconds for call in alike], _BOUNDS))
    return metrics_export(
        [
            {
                "name": "site_throughput",
                "sum": {"dataPoints": throughput, "isMonotonic": True, "aggregationTemporality": 1},
            },
            {"name": "error_rate", "gauge": {"dataPoints": rates}},
            {"name": "transaction_duration", "histogram": {"dataPoints": durations, "aggregationTemporality": 1}},
        ]
    )


def _combinations(calls: Sequence[Finished]) -> Iterator[tuple[Mapping[str, str], Sequence[Finished]]]:
    """The calls of each namespace, and of each of its actions."""
    groups: dict[tuple[tuple[str, str], ...], list[Finished]] = {}
    for call in calls:
        groups.setdefault((("namespace", call.namespace),), []).append(call)
        groups.setdefault((("action", call.action), ("namespace", call.namespace)), []).append(call)
    for key, alike in sorted(groups.items()):
        yield dict(key), alike


def host_metrics(random: Random, begin: int, end: int) -> Message:
    """What three hosts report between two times, in milliseconds since 1970."""
    points: dict[str, list[Message]] = {}
    for time in range(begin - begin % STEP + STEP, end + 1, STEP):
        wave = 1 + 0.6 * sin(2 * pi * (time % _DAY) / _DAY - pi / 2)
        for host, role, usual in _HOSTS:
            busy = min(0.97, usual * wave * random.uniform(0.8, 1.2))
            tags = {"hostname": host, "platform": "linux", "region": REGIONS[0], "role": role}
            for name, more, value in _readings(busy):
                points.setdefault(name, []).append(gauge_point({**tags, **more}, time, value))
    return metrics_export([{"name": name, "gauge": {"dataPoints": each}} for name, each in sorted(points.items())])


def _readings(busy: float) -> Iterator[tuple[str, Mapping[str, str], float]]:
    """What a host reports when so much of it is used: metric, further tags, value."""
    idle = (1 - busy) * _IDLE_SHARE
    shares = {"user": busy * 0.8, "system": busy * 0.2, "iowait": 1 - busy - idle, "idle": idle, "total_usage": busy}
    for state, share in shares.items():
        yield "cpu", {"state": state}, round(100 * share, 2)
    yield "memory", {"state": "used"}, round(2048 + 4096 * busy)
    yield "memory", {"state": "free"}, round(6144 - 4096 * busy)
    yield "load_avg", {}, round(4 * busy, 2)
    yield "disk_usage", {"mountpoint": "/"}, round(40 + 10 * busy, 1)
