"""What the examples expect to be there: the trace that page 001 shows, with the span that page 003 scores."""

from __future__ import annotations

from typing import Any

import httpx
from twosignal_mock import Sandbox

from tests.mock.documentation.pages import shown

SPAN = "span-llm-456"
"""The span that page 003 scores."""


def ingest(api: httpx.Client, *events: dict[str, Any]) -> None:
    """Send events in one batch; ids and timestamps of the events themselves are made up."""
    batch = [{"id": f"event-of-{event['body']['id']}", "timestamp": "2026-03-14T10:00:00Z"} | event for event in events]
    answer = api.post("/traces", json={"batch": batch})
    assert answer.status_code == 201, answer.text


def prepare_shown_trace(sandbox: Sandbox, api: httpx.Client) -> dict[str, Any]:
    """The trace that page 001 shows, with spans and scores, as it is listed. The clock stands when it was created."""
    (trace,) = shown("list-answer")["data"]["traces"]
    sandbox.clock.freeze(trace["createdAt"])
    usage, cost = {"totalTokens": trace["totalTokens"]}, float(trace["totalCost"])
    spans: list[dict[str, Any]] = [
        {"id": "span-agent", "type": "AGENT", "endTime": trace["endTime"]},
        {"id": SPAN, "type": "LLM", "parentSpanId": "span-agent", "usage": usage, "cost": cost},
        {"id": "span-tool", "type": "TOOL", "parentSpanId": "span-agent", "status": trace["status"]},
        {"id": "span-search", "type": "RETRIEVAL", "parentSpanId": "span-agent"},
    ]
    known = ("id", "name", "startTime", "endTime", "tags", "metadata")
    ingest(
        api,
        {"type": "trace-create", "body": {name: trace[name] for name in known}},
        *(
            {
                "type": "span-create",
                "body": {"traceId": trace["id"], "name": span["id"], "startTime": trace["startTime"]}
                | {"endTime": trace["startTime"]}
                | span,
            }
            for span in spans
        ),
    )
    for number in range(trace["scoreCount"]):
        score = {"traceId": trace["id"], "evaluatorName": f"evaluator-{number}", "value": 1}
        assert api.post("/scores", json=score).status_code == 201
    assert len(spans) == trace["spanCount"]
    return dict(trace)
