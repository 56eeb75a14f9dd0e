"""Scores between JSON and values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twosignal_mock.apis.rest.store import ScoreRecord


def score_of(body: Mapping[str, Any], score_id: str, now: int) -> ScoreRecord:
    """The score that a checked request asks to store; `now` in milliseconds since 1970."""
    return ScoreRecord(
        id=score_id,
        trace=body["traceId"],
        span=body.get("spanId"),
        evaluator=body["evaluatorName"],
        value=body["value"],
        label=body.get("label"),
        reasoning=body.get("reasoning"),
        created=now,
    )


def score_answer(score: ScoreRecord) -> dict[str, Any]:
    """The answer to a stored score; what was not sent is null."""
    return {
        "id": score.id,
        "traceId": score.trace,
        "spanId": score.span,
        "evaluatorName": score.evaluator,
        "value": score.value,
        "label": score.label,
        "reasoning": score.reasoning,
    }
