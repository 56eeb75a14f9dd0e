"""Every Python program of the pages 000, 001 and 003, as it stands but for host and key, does what its page says."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from twosignal_mock import Sandbox

from tests.mock.documentation.pages import SNIPPETS
from tests.mock.documentation.world import ingest

PAGE = 100
"""The limit of the program of page 001."""


def _execute(name: str, sandbox: Sandbox, **given: Any) -> dict[str, Any]:
    """The names that the program defined; `given` are those that it expects to be there."""
    names: dict[str, Any] = {"__name__": "example", **given}
    code = compile(SNIPPETS[name].aimed_at(sandbox.url, sandbox.api_key), f"<{name}>", "exec")
    exec(code, names)  # noqa: S102 - a program of the documentation, from our own table
    return names


def test_the_walk_prints_every_trace_once(
    sandbox: Sandbox, api: httpx.Client, shown_trace: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    others = [f"agent-{number:03}" for number in range(PAGE + 5)]
    bodies = [
        {"id": name, "name": name, "startTime": f"2026-03-13T10:{number // 60:02}:{number % 60:02}Z"}
        for number, name in enumerate(others)
    ]
    ingest(api, *({"type": "trace-create", "body": body} for body in bodies))
    sandbox.clear_journal()

    _execute("walk", sandbox)

    assert capsys.readouterr().out.splitlines() == [
        f"{shown_trace['name']} — {shown_trace['status']} — {shown_trace['durationMs']}ms",
        *(f"{name} — OK — 0ms" for name in reversed(others)),
    ]
    journal = sandbox.journal()
    assert [len(entry["response"]["body"]["data"]["traces"]) for entry in journal] == [PAGE, 6]
    assert [entry["clauses"] for entry in journal] == [[], []]


@pytest.mark.parametrize(("similarity", "label"), [(0.93, "pass"), (0.8, "fail"), (0.0, "fail")])
def test_the_custom_evaluator_submits_its_score(
    sandbox: Sandbox, shown_trace: dict[str, Any], similarity: float, label: str
) -> None:
    program = _execute("custom-evaluator", sandbox, compute_similarity=lambda *_: similarity)
    program["evaluate_trace"](shown_trace["id"], "a refund", "the refund")

    score = sandbox.trace(shown_trace["id"])["scores"][-1]
    assert (score["evaluatorName"], score["value"], score["label"]) == ("custom-similarity", similarity, label)
    assert [entry["clauses"] for entry in sandbox.journal()] == [[]] * len(sandbox.journal())


def test_every_program_of_the_pages_is_run() -> None:
    assert {name for name, snippet in SNIPPETS.items() if snippet.kind == "python"} == {"walk", "custom-evaluator"}
