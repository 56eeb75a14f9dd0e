"""Saved visuals: the data of the metrics as JSON, and the same values as a table of RFC 4180."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.mock.apis.appsignal.service import SECOND, TEN, Service, attributes, instant, metrics_body, serving

ID = "66b0d1e2f3a4958677665544"
MINUTE = 60 * SECOND
RANGE = {"from": instant(TEN), "to": instant(TEN + 3 * MINUTE)}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with serving() as service:
        yield service


def points(name: str, *values: tuple[int, float, dict[str, str]]) -> dict[str, Any]:
    told = [
        {"timeUnixNano": str(TEN + minute * MINUTE), "asDouble": value, "attributes": attributes(tags)}
        for minute, value, tags in values
    ]
    return {"name": name, "gauge": {"dataPoints": told}}


async def saved(service: Service, kind: str, title: str, **query: Any) -> str:
    """The site of a saved visual."""
    site = await service.site()
    web, odd = {"namespace": "web"}, {"namespace": 'a,"b"\r\n'}
    values = points("load", (0, 1.5, web), (1, 2, web), (3, 4, web), (1, 7, odd))
    await service.take(site, "metrics", metrics_body(values))
    body = {"kind": kind, "title": title, "query": RANGE | query}
    made = await service.http.put(f"/__mock/v1/appsignal/sites/{site}/saved_visuals/{ID}", json=body)
    assert made.status_code == 200, made.text
    return site


async def table(service: Service) -> list[list[str]]:
    answer = await service.call("downloadSavedVisual", id=ID)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.endswith("\r\n")
    return list(csv.reader(io.StringIO(answer.text, newline=""), strict=True))


SERIES = [{"name": "load", "field": "gauge", "tags": {"namespace": "*"}}]
LISTED = [{"id": "mean", **SERIES[0]}]


async def test_a_timeseries_has_the_data_of_the_metrics_and_a_row_for_each_instant(service: Service) -> None:
    site = await saved(service, "timeseries", "Load of web, and more", select=SERIES)
    visual = await service.ask("getSavedVisual", id=ID)
    data = await service.ask("queryTimeseries", {"site_id": site, "select": SERIES, **RANGE})
    assert visual == {"id": ID, "site_id": site, "title": "Load of web, and more", "kind": "timeseries", "data": data}
    header, *rows = await table(service)
    assert header == ["timestamp", *(series["id"] for series in data["series"])]
    assert [row[0] for row in rows] == [point["timestamp"] for point in data["series"][0]["data"]]
    for column, series in enumerate(data["series"], 1):
        values = [point["value"] for point in series["data"]]
        assert [float(row[column]) if row[column] else None for row in rows] == values
    answer = await service.call("downloadSavedVisual", id=ID)
    assert answer.headers["content-disposition"] == 'attachment; filename="load-of-web-and-more.csv"'


async def test_a_list_has_a_column_for_each_key_and_each_selector(service: Service) -> None:
    site = await saved(service, "list", "€", select=LISTED, group_by=[{"Tag": "namespace"}])
    data = (await service.ask("getSavedVisual", id=ID))["data"]
    body = {"site_id": site, "select": LISTED, "group_by": [{"Tag": "namespace"}], **RANGE}
    assert data == await service.ask("queryMetricList", body)
    assert await table(service) == [
        ["namespace", "mean"],
        *([row["group"]["namespace"], str(row["data"]["mean"])] for row in data["rows"]),
    ]
    answer = await service.call("downloadSavedVisual", id=ID)
    assert answer.headers["content-disposition"] == 'attachment; filename="saved-visual.csv"'


async def test_a_visual_that_is_not_there_or_not_reached_is_not_found(service: Service) -> None:
    site = await saved(service, "timeseries", "Load", select=SERIES)
    shown = (await service.http.get(f"/__mock/v1/appsignal/sites/{site}/saved_visuals")).json()["visuals"]
    assert [visual["id"] for visual in shown] == [ID]
    for operation in ("getSavedVisual", "downloadSavedVisual"):
        assert (await service.call(operation, id="f" * 24)).json() == {"error": "Not found"}
    await service.http.put(f"/__mock/v1/appsignal/sites/{site}", json={"accessible": False})
    for operation in ("getSavedVisual", "downloadSavedVisual"):
        answer = await service.call(operation, id=ID)
        assert (answer.status_code, answer.json()) == (404, {"error": "Not found"})


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "timeseries", "query": RANGE},
        {"kind": "list", "query": {**RANGE, "select": LISTED}},
        {"kind": "pie", "query": {**RANGE, "select": SERIES}},
        {"kind": "timeseries", "title": "", "query": {**RANGE, "select": SERIES}},
    ],
)
async def test_a_visual_that_no_operation_could_answer_is_not_kept(service: Service, body: dict[str, Any]) -> None:
    site = await service.site()
    answer = await service.http.put(f"/__mock/v1/appsignal/sites/{site}/saved_visuals/{ID}", json=body)
    assert answer.status_code == 400
    assert (await service.call("getSavedVisual", id=ID)).status_code == 404


async def test_a_text_that_looks_like_a_formula_stays_as_it_is(service: Service) -> None:
    site = await service.site()
    texts = ["=1+1", "@SUM(A1)", "-2", '"', "a\r\nb", "", "\tx"]
    values = points("load", *((0, number, {"namespace": text or " "}) for number, text in enumerate(texts)))
    await service.take(site, "metrics", metrics_body(values))
    body = {"kind": "list", "query": {**RANGE, "select": LISTED, "group_by": [{"Tag": "namespace"}]}}
    made = await service.http.put(f"/__mock/v1/appsignal/sites/{site}/saved_visuals/{ID}", json=body)
    assert made.status_code == 200, made.text
    _, *rows = await table(service)
    assert {row[0]: float(row[1]) for row in rows} == {text or " ": number for number, text in enumerate(texts)}
