"""Metrics, recomputed from what was sent: gauges, counters and measurements, over time and in groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twosignal_mock.apis.appsignal.store import bin_of, value_of

from tests.mock.apis.appsignal.service import CONTRACT, SECOND, TEN, Service, attributes, instant, metrics_body, serving

MINUTE = 60
DELTA, CUMULATIVE = 1, 2
"""AggregationTemporality of OpenTelemetry."""
RULES = CONTRACT.extension("x-appsignal-metrics")
ACCURACY = 0.0101
"""DDSketch promises one per cent."""


class Sent(NamedTuple):
    """One value that was measured."""

    tags: Mapping[str, str]
    seconds: int
    """Since ten o'clock."""
    value: float

    @property
    def minute(self) -> int:
        return self.seconds // MINUTE * MINUTE


def number_point(sent: Sent, start: int = 0) -> dict[str, Any]:
    time = TEN + sent.seconds * SECOND
    return {
        "attributes": attributes(sent.tags),
        "startTimeUnixNano": str(TEN + start * SECOND),
        "timeUnixNano": str(time),
        "asDouble": sent.value,
    }


def measured(sent: Sent) -> dict[str, Any]:
    """A histogram of one value."""
    own = {"count": "1", "sum": sent.value, "bucketCounts": ["1"], "explicitBounds": []}
    point = number_point(sent) | own
    del point["asDouble"]
    return point


async def three_metrics(service: Service, seed: int) -> tuple[str, Sequence[Sent]]:
    """A site whose three metrics, of each type one, are made of the same values: several a minute, and gaps."""
    random = Random(seed)  # noqa: S311 - a case has to repeat, not to be secret
    site = await service.site()
    values = [
        Sent({"host": random.choice("abc"), "role": random.choice(("web", "job"))}, second, random.lognormvariate(3, 1))
        for second in sorted(random.randrange(0, 6 * 3600) for _ in range(300))
    ]
    sums = {"isMonotonic": True, "aggregationTemporality": DELTA}
    body = metrics_body(
        {"name": "load", "gauge": {"dataPoints": [number_point(each) for each in values]}},
        {"name": "requests", "sum": {"dataPoints": [number_point(each) for each in values], **sums}},
        {
            "name": "duration",
            "histogram": {"dataPoints": [measured(each) for each in values], "aggregationTemporality": DELTA},
        },
    )
    assert await service.take(site, "metrics", body) == {}
    return site, values


def share_below(share: float) -> Callable[[Sequence[float]], float]:
    return lambda values: sorted(values)[int(share * (len(values) - 1))]


FIELDS: Mapping[str, tuple[str, Callable[[Sequence[float]], float]]] = {
    "GAUGE": ("load", lambda values: sum(values) / len(values)),
    "COUNTER": ("requests", sum),
    "COUNT": ("duration", len),
    "MEAN": ("duration", lambda values: sum(values) / len(values)),
    "MIN": ("duration", min),
    "MAX": ("duration", max),
    "P90": ("duration", share_below(0.9)),
    "P95": ("duration", share_below(0.95)),
    "P99": ("duration", share_below(0.99)),
}
AGGREGATIONS: Mapping[str, Callable[[Sequence[tuple[float, int]]], float]] = {
    "AVERAGE": lambda units: sum(value * count for value, count in units) / sum(count for _, count in units),
    "SUM": lambda units: sum(value for value, _ in units),
    "MAX": lambda units: max(value for value, _ in units),
}


def near(field: str, value: float) -> Any:
    return pytest.approx(value, rel=ACCURACY if field.startswith("P") else 1e-9)


def test_every_field_and_aggregation_of_the_contract_is_recomputed() -> None:
    assert FIELDS.keys() == RULES["fields"].keys()
    assert AGGREGATIONS.keys() == RULES["aggregations"].keys()


RANGES = [(0, 6 * 3600), (61, 4 * 3600 + 59), (600, 600), (3599, 7201), (-3600, 1800), (300, 299)]
"""Seconds from ten o'clock, both inclusive: whole hours, ends within a minute, one minute, and none."""


def inside(values: Sequence[Sent], since: int, until: int) -> list[Sent]:
    """What was measured in a minute has the time at which it begins."""
    return [each for each in values if since <= each.minute <= until]


@pytest.mark.parametrize("resolution", [None, *RULES["resolutions"]])
@pytest.mark.parametrize("seed", [1, 2])
async def test_a_timeseries_has_the_value_of_every_interval(resolution: str | None, seed: int) -> None:
    async with serving() as service:
        site, values = await three_metrics(service, seed)
        for since, until in RANGES:
            times = {"from": instant(TEN + since * SECOND), "to": instant(TEN + until * SECOND)}
            select = [
                {"name": name, "field": field, "tags": {"host": "*", "role": "web"}}
                for field, (name, _) in FIELDS.items()
            ]
            body = {"site_id": site, **times, "select": select, "resolution": resolution}
            answer = await service.ask("queryTimeseries", body)
            picked = "MINUTELY" if until - since <= RULES["automatic"][0]["up-to"] else "HOURLY"
            assert answer["resolution"] == (resolution or picked)
            width = RULES["resolutions"][answer["resolution"]]
            kept = [each for each in inside(values, since, until) if each.tags["role"] == "web"]
            assert len(answer["series"]) == len(FIELDS) * len({each.tags["host"] for each in kept})
            for series in answer["series"]:
                field = series["field"].upper()
                intervals: dict[str, list[float]] = {}
                for each in kept:
                    if each.tags == series["tags"]:
                        start = instant(TEN + each.seconds // width * width * SECOND)
                        intervals.setdefault(start.replace(".000000000", ""), []).append(each.value)
                expected = {start: near(field, FIELDS[field][1](each)) for start, each in intervals.items()}
                drawn = {point["timestamp"]: point["value"] for point in series["data"] if point["value"] is not None}
                assert drawn == expected, (field, since, until)
                assert (series["min"], series["max"]) == (min(drawn.values()), max(drawn.values()))
                first = -(-since // MINUTE) * MINUTE
                assert len(series["data"]) == len(range(first - first % width, until + 1, width))


@pytest.mark.parametrize("aggregation", [None, "avg", *AGGREGATIONS])
@pytest.mark.parametrize("resolution", RULES["resolutions"])
async def test_a_list_merges_intervals_and_tag_combinations(aggregation: str | None, resolution: str) -> None:
    async with serving() as service:
        site, values = await three_metrics(service, 3)
        for since, until in RANGES:
            times = {"from": instant(TEN + since * SECOND), "to": instant(TEN + until * SECOND)}
            select = [
                {
                    "id": field,
                    "name": name,
                    "field": field.lower(),
                    "tags": {"host": "*", "role": "*"},
                    "aggregation": aggregation,
                }
                for field, (name, _) in FIELDS.items()
            ]
            groups = [{"Tag": "host"}, {"Tag": "role"}]
            body = {"site_id": site, **times, "select": select, "resolution": resolution, "group_by": groups}
            answer = await service.ask("queryMetricList", body)
            kept = inside(values, since, until)
            found = {(row["group"]["host"], row["group"]["role"]): row["data"] for row in answer["rows"]}
            assert found.keys() == {(each.tags["host"], each.tags["role"]) for each in kept}
            width = RULES["resolutions"][resolution]
            for (host, role), data in found.items():
                own = [each for each in kept if each.tags == {"host": host, "role": role}]
                for field, value in data.items():
                    assert value == near(field, folded(own, field, aggregation, width)), (field, since, until)


def folded(values: Sequence[Sent], field: str, aggregation: str | None, width: int) -> float:
    """The value of a group: without an aggregation that of all values, else that of its intervals."""
    fold = FIELDS[field][1]
    own = {"average": "AVERAGE", "sum": "SUM", "maximum": "MAX"}.get(RULES["fields"][field]["merged-by"])
    chosen = {"avg": "AVERAGE"}.get(aggregation or "", aggregation)
    if chosen is None or chosen == own:
        return fold([each.value for each in values])
    units: dict[tuple[int, str], list[float]] = {}
    for each in values:
        units.setdefault((each.seconds // width, str(each.tags)), []).append(each.value)
    return AGGREGATIONS[chosen]([(fold(unit), len(unit)) for unit in units.values()])


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_a_bin_stands_for_its_values_within_one_per_cent_and_in_their_order(value: float) -> None:
    assert value_of(bin_of(value)) == pytest.approx(value, rel=ACCURACY)
    assert bin_of(value) <= bin_of(value + abs(value) / 10)


async def ask_counter(service: Service, site: str) -> list[float | None]:
    body = {"site_id": site, "from": instant(TEN), "to": instant(TEN + 300 * SECOND)}
    select = [{"name": "total", "field": "counter", "tags": {}}]
    answer = await service.ask("queryTimeseries", body | {"select": select, "resolution": "minutely"})
    return [point["value"] for point in answer["series"][0]["data"]]


async def test_of_a_cumulative_sum_only_what_is_new_counts_for_each_sender() -> None:
    async with serving() as service:
        site = await service.site()

        async def send(sender: str, seconds: int, value: float, start: int = 0) -> None:
            point = number_point(Sent({}, seconds, value), start)
            sums = {"dataPoints": [point], "isMonotonic": True, "aggregationTemporality": CUMULATIVE}
            assert (
                await service.take(site, "metrics", metrics_body({"name": "total", "sum": sums}, host_name=sender))
                == {}
            )

        await send("a", 5, 10)
        await send("a", 65, 25)
        await send("a", 65, 25)  # came twice
        await send("b", 70, 100)
        await send("a", 125, 3)  # fell: the sender began anew
        await send("a", 185, 7, start=180)  # a later start says so
        await send("b", 245, 100)
        assert await ask_counter(service, site) == [10, 115, 3, 7, 0, None]


async def test_a_sum_that_may_fall_is_a_gauge_and_a_metric_keeps_its_type() -> None:
    async with serving() as service:
        site = await service.site()
        falls = {"dataPoints": [number_point(Sent({}, 1, 4))], "aggregationTemporality": CUMULATIVE}
        assert await service.take(site, "metrics", metrics_body({"name": "queue", "sum": falls})) == {}
        assert (await service.ask("getMetricType", site_id=site, metric_name="queue"))["metric_type"] == "gauge"
        other = {"dataPoints": [measured(Sent({}, 1, 4)), {}]}
        told = await service.take(site, "metrics", metrics_body({"name": "queue", "histogram": other}))
        assert told["partialSuccess"]["rejectedDataPoints"] == "2"
        assert "queue" in told["partialSuccess"]["errorMessage"]


@pytest.mark.parametrize("kind", ["explicit", "exponential"])
@pytest.mark.parametrize("temporality", [DELTA, CUMULATIVE])
async def test_quantiles_of_histograms_lie_in_the_bucket_of_the_value(kind: str, temporality: int) -> None:
    random = Random(4)  # noqa: S311 - a case has to repeat, not to be secret
    values = [random.lognormvariate(4, 1) for _ in range(500)]
    bounds = [2.0**power for power in range(12)]
    counts = [0] * (len(bounds) + 1)
    for value in values:
        counts[sum(value > bound for bound in bounds)] += 1
    point: dict[str, Any] = {"attributes": [], "startTimeUnixNano": str(TEN), "timeUnixNano": str(TEN + SECOND)}
    point |= {"count": "500", "sum": sum(values), "min": min(values), "max": max(values)}
    if kind == "explicit":
        point |= {"bucketCounts": [str(each) for each in counts], "explicitBounds": bounds}
    else:
        point |= {"scale": 0, "positive": {"offset": -1, "bucketCounts": [str(each) for each in counts]}}
    name = {"explicit": "histogram", "exponential": "exponentialHistogram"}[kind]
    async with serving() as service:
        site = await service.site()
        data = {"dataPoints": [point], "aggregationTemporality": temporality}
        for _ in range(2):
            await service.take(site, "metrics", metrics_body({"name": "took", name: data}))
        select: list[dict[str, Any]] = [
            {"id": field, "name": "took", "field": field, "tags": {}} for field in ("P90", "COUNT", "MEAN", "MAX")
        ]
        body = {"site_id": site, "from": instant(TEN), "to": instant(TEN), "group_by": [], "select": select}
        (row,) = (await service.ask("queryMetricList", body))["rows"]
        times = 2 if temporality == DELTA else 1
        assert row["data"]["COUNT"] == 500 * times
        assert row["data"]["MEAN"] == pytest.approx(sum(values) / 500)
        assert row["data"]["MAX"] == pytest.approx(max(values))
        exact = sorted(values)[int(0.9 * 499)]
        assert exact / 2 <= row["data"]["P90"] <= exact * 2
        assert row["id"] == "*"


WRONG: Mapping[str, tuple[str, dict[str, Any], str, dict[str, Any]]] = {
    "a wildcard that is not grouped by": (
        "queryMetricList",
        {
            "select": [{"id": "a", "name": "load", "field": "GAUGE", "tags": {"host": "w*", "role": "web"}}],
            "group_by": ["Name"],
        },
        "ungrouped-wildcard",
        {"tag": "host"},
    ),
    "a tag that the metric does not have": (
        "queryTimeseries",
        {"select": [{"name": "load", "field": "GAUGE", "tags": {"hostname": "a"}}]},
        "invalid-tag",
        {"metric": "load", "tag": "hostname"},
    ),
    "a field of another type": (
        "queryTimeseries",
        {"select": [{"name": "load", "field": "mean", "tags": {}}]},
        "invalid-metric-field",
        {"metric": "load", "field": "mean"},
    ),
    "an unknown field": (
        "queryTimeseries",
        {"select": [{"name": "load", "field": "P42", "tags": {}}]},
        "invalid-value",
        {"field": "select[0].field"},
    ),
    "an unknown aggregation": (
        "queryTimeseries",
        {"select": [{"name": "load", "field": "gauge", "aggregation": "MEDIAN", "tags": {}}]},
        "invalid-value",
        {"field": "select[0].aggregation"},
    ),
    "an unknown resolution": (
        "queryTimeseries",
        {"resolution": "daily", "select": [{"name": "load", "field": "gauge", "tags": {}}]},
        "invalid-value",
        {"field": "resolution"},
    ),
    "more intervals than a series has": (
        "queryTimeseries",
        {
            "from": "2020-01-01T00:00:00Z",
            "resolution": "MINUTELY",
            "select": [{"name": "load", "field": "gauge", "tags": {}}],
        },
        "invalid-value",
        {"field": "from"},
    ),
    "two selectors of one id": (
        "queryMetricList",
        {"group_by": [], "select": [{"id": "a", "name": "load", "field": "gauge", "tags": {}}] * 2},
        "invalid-value",
        {"field": "select[1].id"},
    ),
}


async def test_a_query_that_cannot_be_meant_is_refused_with_its_slug() -> None:
    async with serving() as service:
        site, _ = await three_metrics(service, 1)
        times = {"from": instant(TEN), "to": instant(TEN + 3600 * SECOND)}
        for name, (operation, fields, cause, details) in WRONG.items():
            assert await service.refused(operation, {"site_id": site, **times, **fields}) == (cause, details), name


async def test_what_matches_nothing_is_no_error() -> None:
    async with serving() as service:
        site, _ = await three_metrics(service, 1)
        body: dict[str, Any] = {"site_id": site, "from": instant(TEN), "to": instant(TEN + 3600 * SECOND)}
        for name, tags in (
            ("nothing", {"any": "x"}),
            ("load", {"host": "a"}),
            ("load", {}),
            ("load", {"host": "z", "role": "web"}),
        ):
            select = [{"id": "a", "name": name, "field": "gauge", "tags": tags, "draw_null_as_zero": True}]
            assert (await service.ask("queryTimeseries", body | {"select": select}))["series"] == []
            assert (await service.ask("queryMetricList", body | {"select": select, "group_by": ["Name"]}))["rows"] == []


async def test_names_types_and_tags_are_told_as_the_dialects_spell_them() -> None:
    for spelling in ("lower", "upper"):
        async with serving(metric_type_case=spelling, resolution_case=spelling, field_case=spelling) as service:
            site, _ = await three_metrics(service, 1)
            assert await service.ask("listMetricNames", site_id=site) == ["duration", "load", "requests"]
            told = await service.ask("getMetricType", site_id=site, metric_name="duration")
            assert told == {"metric_type": getattr("measurement", spelling)(), "available_tags": [["host", "role"]]}
            select = [{"id": "a", "name": "load", "field": "Gauge", "tags": {"host": "*", "role": "web"}}]
            body: dict[str, Any] = {"site_id": site, "from": instant(TEN), "to": instant(TEN + 3600 * SECOND)}
            series = await service.ask("queryTimeseries", body | {"select": select, "limit": 1})
            assert len(series["series"]) == 1
            assert series["resolution"] == getattr("MINUTELY", spelling)()
            assert series["series"][0]["field"] == getattr("gauge", spelling)()
    async with serving(available_tags="pairs") as service:
        site, values = await three_metrics(service, 1)
        told = await service.ask("getMetricType", site_id=site, metric_name="load")
        assert {str(each) for each in told["available_tags"]} == {str(each.tags) for each in values}
        cause, _ = await service.refused("getMetricType", site_id=site, metric_name="nothing")
        assert cause.startswith("unknown-")
