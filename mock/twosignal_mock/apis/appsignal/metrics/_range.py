"""The range and the resolution of a metric query. What was measured in a minute has the time at which it begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from twosignal_mock.apis.appsignal._instants import SECOND, format_instant, read_range
from twosignal_mock.apis.appsignal.metrics._vocabulary import Resolution, Vocabulary
from twosignal_mock.apis.appsignal.store import MINUTE


class MetricRange(NamedTuple):
    """The minutes of a range, in intervals of a resolution."""

    since: int
    until: int
    """As they were sent: nanoseconds since 1970, both of them part of the range."""
    first: int
    last: int
    """The first and the last minute, in seconds since 1970; `last` is lower when there is none."""
    resolution: Resolution

    @property
    def intervals(self) -> int:
        """How many intervals the minutes lie in."""
        return len(self.starts())

    def starts(self) -> range:
        """The starts of the intervals, in seconds since 1970. The first may begin before the range."""
        width = self.resolution.seconds
        return range(self.first - self.first % width, self.last + 1, width) if self.first <= self.last else range(0)

    def shown(self, *, lower: bool) -> dict[str, Any]:
        """What a response says of it."""
        name = self.resolution.name
        return {
            "resolution": name.lower() if lower else name,
            "from": format_instant(self.since),
            "to": format_instant(self.until),
        }


def read_metric_range(body: Mapping[str, Any], vocabulary: Vocabulary) -> MetricRange:
    """The range of a body; raises ApiError."""
    since, until = read_range(body)
    minute = MINUTE * SECOND
    resolution = vocabulary.resolution(body.get("resolution"), max(0, until - since) // SECOND)
    return MetricRange(since, until, -(-since // minute) * MINUTE, until // minute * MINUTE, resolution)
