"""kill -9 while evaluators run, and a restart on the same state file: in the end each score is there, once."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import httpx
from twosignal_mock import MockServer

from tests.mock.apis.rest.evaluation import NOON, NOON_MS, span_event

TRACES, EVALUATORS = 60, 5


def test_scores_are_stored_once_however_often_the_mock_is_killed(tmp_path: Path) -> None:
    state, pauses = tmp_path / "state.db", (0.0, 0.05, 0.12)  # seconds before a kill
    traces = [f"t{number}" for number in range(TRACES)]
    for number, pause in enumerate(pauses):
        with MockServer(state=state, clock=NOON, limits=False) as server:
            if number == 0:
                fill(server, traces)
            server.control.clock.advance(1)
            time.sleep(pause)
            os.kill(server.pid, signal.SIGKILL)
    with MockServer(state=state, clock=NOON, limits=False) as server:
        server.control.clock.advance(1)
        assert server.control.wait_for_work(30)
        for trace in traces:
            shown = server.control.trace(trace)
            names = sorted(score["evaluatorName"] for score in shown["scores"])
            assert (names, shown["scoreCount"]) == ([f"e{number}" for number in range(EVALUATORS)], EVALUATORS)
        (month,) = server.control.export_state()["apis"]["rest"]["records"]["months"][-1:]
        assert month["evaluations"] == TRACES * EVALUATORS


def fill(server: MockServer, traces: list[str]) -> None:
    """Evaluators, the last of which asks a stand-in for a model; and traces that are complete."""
    exported = server.control.export_state()
    kinds: list[tuple[str, dict[str, Any]]] = [("LENGTH", {})] * (EVALUATORS - 1) + [
        ("LLM_JUDGE", {"criteria": "good"})
    ]
    exported["apis"]["rest"]["records"]["evaluators"] = [
        {"id": f"v{number}", "name": f"e{number}", "type": kind, "config": config, "enabled": True}
        | {"created": NOON_MS, "updated": NOON_MS}
        for number, (kind, config) in enumerate(kinds)
    ]
    server.control.import_state(exported)
    batch = []
    for trace in traces:
        body = {"id": trace, "name": "answer", "startTime": NOON}
        batch.append({"id": f"e-{trace}", "type": "trace-create", "timestamp": NOON, "body": body})
        batch.append(span_event(trace, output="fine"))
    headers = {"Authorization": f"Bearer {server.api_key}"}
    httpx.post(
        f"{server.url}/api/v1/traces", json={"batch": batch}, headers=headers, trust_env=False
    ).raise_for_status()
