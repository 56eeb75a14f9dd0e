"""JSON to subjects, verdicts to JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from twosignal_mock.apis.rest.evaluators._values import Subject, Verdict


def read_subject(body: Mapping[str, Any]) -> Subject:
    """What a ValidateRequest, checked already, is about; an expectedOutput of null expects nothing."""
    expected = body.get("expectedOutput")
    return Subject(_text(body["output"]), None if expected is None else _text(expected))


def write_result(kind: str, verdict: Verdict) -> dict[str, Any]:
    """EvaluatorResult."""
    return {
        "evaluator": kind,
        "pass": verdict.passed,
        "score": verdict.score,
        "label": "pass" if verdict.passed else "fail",
        "reason": verdict.reason,
    }


def write_answer(passed: bool, results: Iterable[dict[str, Any]], latency: int) -> dict[str, Any]:
    """ValidateResult; `latency` in milliseconds."""
    return {"data": {"pass": passed, "results": list(results), "latencyMs": latency}}


def _text(value: Any) -> str:
    """A string as it is, any other value as compact JSON (validate.output.text)."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
