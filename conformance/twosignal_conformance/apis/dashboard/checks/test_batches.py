"""Several calls in one request, as tRPC defines it. No source says that the dashboard takes them: all is observed."""

from __future__ import annotations

import json
from typing import Any

from twosignal_conformance.apis.dashboard.checks import ApiClient, Desk, Exchange, Judge, TestData, covers
from twosignal_conformance.engine.api_client import member


def _batch(client: ApiClient, calls: list[tuple[str, Any]]) -> Exchange:
    row = client.contract.extension("x-dashboard-batching")
    base = client.contract.operation("project.list").path.rpartition("/")[0]
    names = row["separator"].join(name for name, _ in calls)
    inputs = {str(number): {"json": given} for number, (_, given) in enumerate(calls)}
    return client.request("GET", f"{base}/{names}", query={row["parameter"]: row["value"], "input": json.dumps(inputs)})


@covers("envelope.batch.accepted", "envelope.batch.status", "envelope.batch.alone", "envelope.batch.most")
def test_several_calls_in_one_request(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Two that are right, one of two that is not, and one call more than is allowed."""
    desk = Desk(client, judge, data)
    right = ("project.list", {"organizationId": desk.stage.organization})
    wrong = ("project.list", {"organizationId": data.id()})
    exchange = _batch(client, [right, ("dataset.list", {"projectId": desk.stage.project})])
    results = exchange.json if isinstance(exchange.json, list) else []
    holds = exchange.ok and len(results) == 2
    desk.check("envelope.batch.accepted", holds, "an array of two results", exchange.text[:100], exchange)
    mixed = _batch(client, [wrong, right])
    row = client.contract.extension("x-dashboard-batching")
    status = row["mixed-status"]
    desk.check("envelope.batch.status", mixed.status == status, f"status {status}", mixed.status, mixed)
    second = member(mixed.json, 1, "result", "data", "json")
    desk.check("envelope.batch.alone", isinstance(second, list), "the other call succeeds", mixed.text[:200], mixed)
    over = _batch(client, [right] * (row["most"] + 1))
    status = client.contract.error("too-many-calls").status
    desk.check("envelope.batch.most", over.status == status, f"status {status}", over.status, over)
