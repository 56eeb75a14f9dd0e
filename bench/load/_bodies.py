"""Bodies of requests: made from the contract's own examples, with a slot in every id."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from bench._contract import BenchContract
from bench.load._request import SLOT

SPANS = 9
"""Spans that follow each trace of a larger batch: ten events for a trace, as an agent with tools sends."""
_TAGS = ("production", "staging", "v2", "canary")
_NAMES = ("support-agent", "billing-agent", "research-agent", "code-review")
_STEPS = ("plan", "answer", "search the archive", "call the tool", "summarise")


def native_pair(contract: BenchContract) -> str:
    """A batch of two events: the documentation's trace and its LLM call."""
    body = contract.example("ingestTraces", "traceWithSpan")
    trace, span = body["batch"]
    trace["id"], span["id"] = _uuid(0), _uuid(1)
    trace["body"]["id"] = span["body"]["traceId"] = _uuid(2)
    span["body"]["id"] = _uuid(3)
    _move(trace, span)
    return _text(body)


def batch(contract: BenchContract, events: int) -> str:
    """A batch of so many events: traces of ten events each."""
    pair = contract.example("ingestTraces", "traceWithSpan")["batch"]
    _move(*pair)
    numbers = count()
    made: list[dict[str, Any]] = []
    while len(made) < events:
        trace = _of(pair[0], _uuid(next(numbers)))
        number = len(made) // (SPANS + 1)
        trace["body"] |= {
            "id": _uuid(next(numbers)),
            "name": _NAMES[number % len(_NAMES)],
            "tags": [_TAGS[number % len(_TAGS)], _TAGS[(number + 1) % len(_TAGS)]],
        }
        made.append(trace)
        for step in range(min(SPANS, events - len(made))):
            span = _of(pair[1], _uuid(next(numbers)))
            span["body"] |= {
                "id": _uuid(next(numbers)),
                "traceId": trace["body"]["id"],
                "name": _STEPS[step % len(_STEPS)],
                "type": contract.span_types[step % len(contract.span_types)],
            }
            made.append(span)
    return _text({"batch": made})


def otlp_export(contract: BenchContract, spans: int) -> str:
    """An OTLP/JSON export of one trace with so many spans."""
    body = contract.example("ingestOtlpTraces", "llmCall")
    scope = body["resourceSpans"][0]["scopeSpans"][0]
    (example,) = scope["spans"]
    trace = f"{'5b8efff798038103d269':20}{SLOT}"
    root = f"{0:04x}{SLOT}"
    scope["spans"] = []
    for number in range(spans):
        span = copy.deepcopy(example)
        span |= {"traceId": trace, "spanId": f"{number:04x}{SLOT}", "parentSpanId": root if number else ""}
        span["name"] = f"{example['name']} {number}"
        scope["spans"].append(span)
    return _text(body)


def _of(event: dict[str, Any], identity: str) -> dict[str, Any]:
    made = copy.deepcopy(event)
    made["id"] = identity
    return made


def _move(trace: dict[str, Any], span: dict[str, Any]) -> None:
    """Moves an example to now: what is sent during a run is newer than what was there before."""
    now = datetime.now(UTC)
    trace["timestamp"] = trace["body"]["startTime"] = _instant(now)
    span["body"]["startTime"] = _instant(now + timedelta(milliseconds=100))
    span["timestamp"] = span["body"]["endTime"] = _instant(now + timedelta(milliseconds=2500))


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _uuid(number: int) -> str:
    """A UUID of its own for every number below 16 million, once its slot is filled."""
    return f"{number:08x}-0000-4000-8000-{SLOT}"


def _text(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"))
