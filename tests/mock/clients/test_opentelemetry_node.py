"""npm `@opentelemetry/exporter-trace-otlp-http`, unchanged, run by Node: send_trace.mjs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from twosignal_mock import Sandbox

from tests.mock.clients.reading import broken_clauses, read_trace, spans_by_name, tree_of

SCRIPT = Path(__file__).with_name("send_trace.mjs")
NANOSECONDS = 1_000_000
"""In a millisecond."""


def _send(sandbox: Sandbox, compression: str) -> Any:
    """What the script says that it sent."""
    node = shutil.which("node")
    if node is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("node is missing: install Node.js 20 or newer")
    surroundings = {**os.environ, **sandbox.environment, "COMPRESSION": compression}
    surroundings = {name: value for name, value in surroundings.items() if not name.startswith("OTEL_")}
    ended = subprocess.run([node, SCRIPT], env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    return json.loads(ended.stdout)


def _listed_time(high_resolution: Sequence[int]) -> str:
    seconds, nanoseconds = high_resolution
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=nanoseconds // NANOSECONDS * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.usefixtures("npm_bin")
def test_a_nested_trace_reads_back_as_it_was(sandbox: Sandbox, compression: str) -> None:
    sent = _send(sandbox, compression)

    (entry,) = sandbox.journal()
    assert (entry["status"], entry["response"]["body"]) == (200, {"accepted": 4})
    assert dict(entry["request"]["headers"]).get("content-encoding", "none") == compression
    trace = read_trace(sandbox)
    assert {name: trace[name] for name in ("id", "name", "status", "spanCount", "totalTokens", "totalCost")} == {
        "id": sent["traceId"],
        "name": "plan-trip",
        "status": "ERROR",
        "spanCount": 4,
        "totalTokens": 1000,
        "totalCost": "0",
    }
    assert trace["startTime"] == _listed_time(min(span["startTime"] for span in sent["times"]))
    assert trace["endTime"] == _listed_time(max(span["endTime"] for span in sent["times"]))
    resource = {"service.name": "storefront", "service.version": "3.0", "replicas": 2}
    assert trace["metadata"] == resource
    assert trace["tags"] == [f"{name}:{value}" for name, value in resource.items()]
    assert tree_of(sandbox, trace) == {"plan-trip": {"chat": {}, "book": {"pay": {}}}}

    spans = spans_by_name(sandbox, trace)
    for span in sent["times"]:
        times = (spans[span["name"]]["startTime"], spans[span["name"]]["endTime"])
        assert times == (_listed_time(span["startTime"]), _listed_time(span["endTime"]))
    assert {name: (span["type"], span["status"]) for name, span in spans.items()} == {
        "plan-trip": ("AGENT", "OK"),
        "chat": ("LLM", "OK"),
        "book": ("CHAIN", "OK"),
        "pay": ("CUSTOM", "ERROR"),
    }
    chat, pay = spans["chat"], spans["pay"]
    assert chat["model"] == "claude-sonnet-4-20250514"
    assert chat["usage"] == {"promptTokens": 900, "completionTokens": 100}
    kept = {"gen_ai.system": "anthropic", "stops": ["Oslo", "Bergen"], "temperature": 0.5, "cached": False}
    assert chat["metadata"] | kept == chat["metadata"]
    assert [event["name"] for event in chat["metadata"]["otel.events"]] == ["first-token"]
    assert spans["book"]["metadata"]["otel.links"][0]["spanId"] == chat["id"]
    assert pay["errorMessage"] == "card declined"
    assert pay["metadata"]["otel.events"][0]["attributes"]["exception.message"] == "card declined"
    assert broken_clauses(sandbox) == {}
