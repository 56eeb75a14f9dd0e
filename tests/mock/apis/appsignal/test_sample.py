"""The sample: the same for the same seed, with all that a day has, and answered validly whatever the dialects."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import pytest

from tests.mock.apis.appsignal.service import CONTRACT, Service, serving

DAY = {"from": "2026-03-13T12:00:00Z", "to": "2026-03-14T12:00:00Z"}
PAGE = {"per_page": 100, "order": "DESC", "cursor": "Time"}


async def sites_of(service: Service) -> list[str]:
    sites = (await service.http.get("/__mock/v1/appsignal/sites")).json()["sites"]
    return [site["id"] for site in sites]


async def test_the_sample_has_traffic_errors_slow_queries_hosts_and_deploys_of_two_sites() -> None:
    async with serving(sample=400) as service:
        shop, billing = await sites_of(service)
        actions = await service.ask("listActions", {"site_id": shop, **DAY})
        assert {row["namespace"] for row in actions} == {"shop/web", "shop/background"}
        assert any(row["error_rate"] for row in actions)
        assert any(row["has_npo"] for row in actions)
        edges = await service.ask("listSiteEdges", {"site_id": billing, **DAY})
        assert [each["service"] for each in edges["upstream"]] == ["shop"]
        slowest, *others = await service.ask("listSlowEvents", {"site_id": shop, **DAY})
        assert slowest["mean"] > max(each["mean"] for each in others)
        times, revisions = set[str](), set[str]()
        for order in ("ASC", "DESC"):
            rows = await service.ask(
                "listPerformanceTraces", {"site_ids": [shop], "pagination": PAGE | {"order": order}}
            )
            times |= {row["time"] for row in rows}
            revisions |= {row["revision"] for row in rows}
        assert DAY["from"] <= min(times)
        assert max(times) <= DAY["to"]
        assert len(revisions) >= 2
        hosts = await service.ask("getMetricType", site_id=shop, metric_name="load_avg")
        select = [
            {"id": "load", "name": "load_avg", "field": "gauge", "tags": dict.fromkeys(hosts["available_tags"][0], "*")}
        ]
        groups = [{"Tag": key} for key in hosts["available_tags"][0]]
        told = await service.ask("queryMetricList", {"site_id": shop, **DAY, "select": select, "group_by": groups})
        assert len({row["group"]["hostname"] for row in told["rows"]}) == 3
        # What the metrics count is what the traces are.
        select = [{"id": "n", "name": "transaction_duration", "field": "count", "tags": {"namespace": "web"}}]
        counted = await service.ask("queryMetricList", {"site_id": shop, **DAY, "select": select, "group_by": []})
        calls = sum(row["throughput"] for row in actions if row["namespace"] == "shop/web")
        assert counted["rows"][0]["data"]["n"] == calls


async def test_the_same_seed_gives_the_same_sample() -> None:
    exported = []
    for _ in range(2):
        async with serving(sample=20) as service:
            exported.append((await service.http.get("/__mock/v1/state")).json())
    assert exported[0] == exported[1]


def choices() -> Iterator[dict[str, Any]]:
    """Each value of each dialect in one of few choices."""
    values = [
        [(name.replace("-", "_"), value) for value in dialect.values] for name, dialect in CONTRACT.dialects.items()
    ]
    for row in zip_longest(*values):
        yield dict(pair for pair in row if pair is not None)


@pytest.mark.parametrize("chosen", list(choices()), ids=lambda chosen: next(iter(chosen.values())))
async def test_every_example_is_answered_as_the_contract_says_under_any_dialect(chosen: dict[str, Any]) -> None:
    async with serving(sample=60, **chosen) as service:
        for operation in CONTRACT.operations.values():
            path = {parameter.name: str(parameter.value["example"]) for parameter in operation.parameters}
            bodies: list[Any] = [None]
            if operation.request_body is not None:
                bodies = list(operation.request_body.content["application/json"].examples.values())
            for body in bodies:
                answer = await service.call(operation.id, body, **path)
                assert answer.status_code < 500, (operation.id, answer.text)
