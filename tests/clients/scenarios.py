"""Runs scenarios of scenarios.json: arranges a sandbox, starts a runner, gathers what the mock saw."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twosignal_mock import MockServer, Sandbox

from tests.clients.canned import canned

TABLE: list[dict[str, Any]] = json.loads(Path(__file__).with_name("scenarios.json").read_text(encoding="utf-8"))[
    "scenarios"
]
BY_NAME = {scenario["name"]: scenario for scenario in TABLE}

_AT_ONCE = 6
"""Scenarios that run at the same time: most of them wait, and the machine has few cores."""
_LIMIT = 90.0
"""Seconds for one scenario, several times what the slowest takes."""

_COUNTED = {"traces": "traces", "spans": "spans", "scores": "scores", "template_versions": "templateVersions"}
"""The words of `expect`, and the records of an exported state."""

Json = Any


@dataclass(frozen=True)
class Outcome:
    """What a runner printed, and what the mock saw of it."""

    code: int
    output: str
    complaint: str
    """Its standard error."""
    journal: list[dict[str, Any]]
    ledger: list[dict[str, Any]]
    state: Mapping[str, Any]
    """`traces`, `spans`, `scores`, `template_versions`: how many there are; `trace`: the one that was asked for."""
    sent: list[str]
    """Ids of all events that the scenario has."""
    environment: Mapping[str, str]

    @property
    def results(self) -> list[Json]:
        """Its result line."""
        return list(json.loads(self.output)["results"])


def run_all(command: Sequence[str], names: Sequence[str], mock: MockServer) -> dict[str, Outcome]:
    """The outcome of each scenario of a name, run side by side: each has a sandbox of its own."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return dict(zip(names, pool.map(lambda name: run(command, BY_NAME[name], mock), names), strict=True))


def run(command: Sequence[str], scenario: Mapping[str, Any], mock: MockServer) -> Outcome:
    """The outcome of one scenario."""
    options = scenario["sandbox"]
    with (
        mock.sandbox(scenario["name"], plan=options.get("plan")) as sandbox,
        _server(options, mock) as (url, canned_journal),
    ):
        for name, config in options.get("routing_configs", {}).items():
            sandbox.set_routing_config(name, config)
        for order in options.get("faults", ()):
            sandbox.faults.add(**order)
        environment = sandbox.environment | {
            "TWOSIGNAL_BASE_URL": url,
            "TWOSIGNAL_EMAIL": sandbox.email,
            "TWOSIGNAL_PASSWORD": sandbox.password,
        }
        wanted = expand({"name": scenario["name"], "do": scenario["do"]})
        done = subprocess.run(
            command, input=json.dumps(wanted), env=os.environ | environment, capture_output=True, text=True,
            encoding="utf-8", timeout=_LIMIT, check=False,
        )  # fmt: skip
        return Outcome(
            code=done.returncode,
            output=done.stdout,
            complaint=done.stderr,
            journal=canned_journal if "responses" in options else sandbox.journal(),
            ledger=sandbox.ledger(),
            state=_state(sandbox, scenario["expect"]),
            sent=[event["id"] for action in wanted["do"] for event in action.get("events", ())],
            environment=environment,
        )


def _server(options: Mapping[str, Any], mock: MockServer) -> AbstractContextManager[tuple[str, list[dict[str, Any]]]]:
    """The URL that the client gets, and the journal of what stands there in the mock's place."""
    return canned(options["responses"]) if "responses" in options else nullcontext((mock.url, []))


def expand(value: Json) -> Json:
    """The value with every `{"make": ...}` made: events in the order of their times, or text of a length."""
    match value:
        case {"make": {"text": int(length)}}:
            return "x" * length
        case {"make": order}:
            return [_trace_event(number, order) for number in range(1, order["traces"] + 1)]
        case dict():
            return {key: expand(item) for key, item in value.items()}
        case list():
            return [expand(item) for item in value]
    return value


def matches(expected: Json, got: Json, environment: Mapping[str, str]) -> bool:
    """Whether a result holds what was expected: objects may have more fields, lists have as many items."""
    match expected:
        case "$ANY":
            return got is not None
        case str() if expected.startswith("$"):
            return bool(got == environment[expected[1:]])
        case dict():
            return isinstance(got, dict) and all(
                key in got and matches(item, got[key], environment) for key, item in expected.items()
            )
        case list():
            return (
                isinstance(got, list)
                and len(got) == len(expected)
                and all(matches(item, other, environment) for item, other in zip(expected, got, strict=True))
            )
    return bool((type(expected) is type(got) and expected == got) or _same_number(expected, got))


def _same_number(expected: Json, got: Json) -> bool:
    """1 and 1.0 are one number in JSON; true is none."""
    numbers = isinstance(expected, int | float) and isinstance(got, int | float)
    return numbers and not isinstance(expected, bool) and not isinstance(got, bool) and expected == got


def _trace_event(number: int, order: Mapping[str, Any]) -> Json:
    body: dict[str, Any] = {"id": f"trace-{number}", "name": f"agent-{number}"}
    if "padding" in order:
        body["metadata"] = {"padding": order.get("character", "x") * order["padding"]}
    return {
        "id": f"event-{number}",
        "type": "trace-create",
        "timestamp": f"2026-03-14T{10 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}Z",
        "body": body,
    }


def _state(sandbox: Sandbox, expect: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored, read by the control API, as far as the scenario asks."""
    records = sandbox.export_state()["apis"]["rest"]["records"]
    counted = {name: len(records[kind]) for name, kind in _COUNTED.items()}
    if "trace" not in expect:
        return counted
    key = "id" if "id" in expect["trace"] else "name"
    ids = [trace["id"] for trace in records["traces"] if trace[key] == expect["trace"][key]]
    if not ids:
        return counted | {"trace": None}
    trace = dict(sandbox.trace(ids[0]))
    # By name: spans that begin in the same millisecond come in any order.
    return counted | {"trace": trace | {"spans": sorted(trace["spans"], key=lambda span: str(span["name"]))}}
