"""The sample has something for the operations beside traces and metrics, also for the examples of the contract."""

from __future__ import annotations

from typing import Any

from tests.mock.apis.appsignal.log_queries import LANGUAGE
from tests.mock.apis.appsignal.service import CONTRACT, serving


def example(operation: str) -> dict[str, Any]:
    body = CONTRACT.operation(operation).request_body
    assert body is not None
    return dict(next(iter(body.content["application/json"].examples.values())))


async def test_the_sample_answers_the_examples_of_the_contract() -> None:
    async with serving(sample=500) as service:
        search = example("searchLogLines") | {"from": None, "to": None}
        lines = await service.ask("searchLogLines", search)
        assert {(line["severity"], line["json"]["status_code"]) for line in lines} == {("error", 401)}
        failed = await service.ask("searchLogLines", search | {"query": "severity=error"})
        assert len(failed) > len(lines) > 0
        assert {line["severity"] for line in failed} <= set(LANGUAGE["severities"])
        for operation in ("listKubernetesNodes", "listKubernetesPods", "listKubernetesPodOverview"):
            assert await service.ask(operation, example(operation)), operation
        statistics = await service.ask("getDeployStatistics", example("getDeployStatistics"))
        assert statistics["throughput"] > 0
        shown = CONTRACT.operation("getSavedVisual").responses["200"].content["application/json"].examples
        (visual, *_) = shown.values()
        saved = await service.ask("getSavedVisual", id=visual["id"])
        (series,) = saved["data"]["series"]
        assert any(point["value"] for point in series["data"])
        assert (await service.call("downloadSavedVisual", id=visual["id"])).text.count("\r\n") == len(
            series["data"]
        ) + 1
