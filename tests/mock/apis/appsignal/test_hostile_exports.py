"""Exports that no SDK sends: each is refused or kept, and every operation goes on to answer."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

from tests.mock.apis.appsignal.service import (
    CONTRACT,
    SECOND,
    TEN,
    Service,
    attributes,
    instant,
    metrics_body,
    serving,
    span,
    spans_body,
)

ODD: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 2**63, -(2**63), 2**64, 10**30, 1e308, -1e308),
    *("", "x", "0", "-1", "1e999", "NaN", "Infinity", "-Infinity", "18446744073709551615", "9" * 40, "\0"),
    *("é" * 2000, "a" * 100_000, "ab" * 16, "0" * 32, [], {}, [None], [[]], {"values": []}, [{}] * 300),
    *({"arrayValue": {"values": [{"intValue": "7"}]}}, {"kvlistValue": {"values": [{"key": "k"}]}}),
]
ROUNDS = 120


def histogram(**fields: Any) -> dict[str, Any]:
    return {"attributes": attributes({"a": "b"}), "startTimeUnixNano": str(TEN), "timeUnixNano": str(TEN)} | fields


def valid() -> dict[str, Any]:
    """One export of each signal with every field that is read."""
    happened = span("ab" * 16, "0a" * 8, values={"appsignal.tag.x": "y", "db.statement": "SELECT 1"}, exception="E")
    explicit = histogram(count="3", sum=6.5, min=1, max=4, bucketCounts=["1", "2"], explicitBounds=[2])
    powers = histogram(
        count=4,
        sum=1,
        scale=2,
        zeroCount=1,
        positive={"offset": 3, "bucketCounts": [1]},
        negative={"offset": -3, "bucketCounts": ["2"]},
    )
    number = histogram(asInt="5")
    metrics = metrics_body(
        {"name": "g", "gauge": {"dataPoints": [number]}},
        {"name": "c", "sum": {"dataPoints": [number], "isMonotonic": True, "aggregationTemporality": 2}},
        {"name": "h", "histogram": {"dataPoints": [explicit], "aggregationTemporality": 2}},
        {"name": "e", "exponentialHistogram": {"dataPoints": [powers], "aggregationTemporality": 1}},
        service_name="shop",
    )
    return {"traces": spans_body([happened], service_name="shop"), "metrics": metrics}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every part of a value."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from places(part, (*path, key))


def put(value: Any, path: tuple[Any, ...], odd: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = odd


async def test_an_export_with_odd_values_is_kept_or_refused_and_hurts_nobody() -> None:
    random = Random(2)  # noqa: S311 - it has to repeat
    async with serving() as service:
        site, seen = await service.site(), set[int]()
        for _ in range(ROUNDS):
            kind, body = random.choice(list(valid().items()))
            body = deepcopy(body)
            for _ in range(random.randrange(1, 4)):
                put(body, random.choice(list(places(body))), random.choice(ODD))
            try:
                sent = await service.http.post(f"/__mock/v1/appsignal/sites/{site}/otlp/v1/{kind}", json=body)
            except ValueError:
                continue  # what the client's own JSON cannot write
            assert sent.status_code in (200, 400), (sent.status_code, body)
            seen.add(sent.status_code)
        assert seen == {200, 400}
        await everything_answers(service, site)


async def everything_answers(service: Service, site: str) -> None:
    times = {"from": instant(TEN), "to": instant(TEN + 3600 * SECOND)}
    page = {"per_page": 100, "order": "ASC", "cursor": "Time"}
    rows = await service.ask("listPerformanceTraces", {"site_ids": [site], "pagination": page})
    await service.ask("listErrorTraces", {"site_ids": [site], "pagination": page})
    for trace in {row["trace_id"] for row in rows}:
        await service.ask("getTrace", {"site_ids": [site], "trace_id": trace})
        await service.ask("locateTrace", {"site_ids": [site], "trace_id": trace})
    for operation in ("listSiteEdges", "listSlowEvents"):
        await service.ask(operation, {"site_id": site, **times})
    await service.ask("listActions", {"site_id": site, **times})
    fields: dict[str, list[str]] = {row_type: [] for row_type in ("gauge", "counter", "measurement")}
    for field, row in CONTRACT.extension("x-appsignal-metrics")["fields"].items():
        for type_ in row["types"]:
            fields[type_].append(field)
    for name in await service.ask("listMetricNames", site_id=site):
        told = await service.ask("getMetricType", site_id=site, metric_name=name)
        for keys in told["available_tags"] or [[]]:
            tags = dict.fromkeys(keys, "*")
            select = [
                {"id": field, "name": name, "field": field, "tags": tags} for field in fields[told["metric_type"]]
            ]
            body = {"site_id": site, **times, "select": select}
            await service.ask("queryTimeseries", body)
            await service.ask("queryMetricList", body | {"group_by": [{"Tag": key} for key in keys]})


async def test_attributes_as_deep_as_json_may_be_are_kept_shown_and_exported() -> None:
    deep = '{"kvlistValue":{"values":[{"key":"k","value":' * 250 + '{"stringValue":"x"}' + "}]}}" * 250
    told = f'[{{"key":"a","value":{deep}}}]'
    event = f'{{"name":"e","attributes":{told}}}'
    span_ = f'{{"traceId":"{1:032x}","spanId":"{1:016x}","name":"a","startTimeUnixNano":"{TEN}",'
    span_ += f'"endTimeUnixNano":"{TEN}","attributes":{told},"events":[{event}]}}'
    raw = f'{{"resourceSpans":[{{"resource":{{"attributes":{told}}},"scopeSpans":[{{"spans":[{span_}]}}]}}]}}'
    async with serving() as service:
        site = await service.site()
        path, headers = f"/__mock/v1/appsignal/sites/{site}/otlp/v1/traces", {"Content-Type": "application/json"}
        sent = await service.http.post(path, content=raw.encode(), headers=headers)
        assert (sent.status_code, sent.json()) == (200, {})
        (shown,) = await service.ask("getTrace", {"site_ids": [site], "trace_id": f"{1:032x}"})
        assert shown["span_attributes"]["a"].startswith('{"k":')
        exported = (await service.http.get("/__mock/v1/state")).json()
        assert (await service.http.put("/__mock/v1/state", json=exported)).is_success
