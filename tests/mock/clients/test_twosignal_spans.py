"""PyPI `twosignal` 0.1.0, unchanged: nested spans by context manager and by decorator, errors, sessions."""

# mypy: disable-error-code="untyped-decorator"
# The published package ships no types.

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from twosignal import observe  # type: ignore[import-untyped]  # the published package ships no types
from twosignal.types import SpanStatus, SpanType  # type: ignore[import-untyped]
from twosignal_mock import Sandbox

from tests.mock.clients.reading import (
    broken_clauses,
    read_trace,
    read_traces,
    sent_events,
    spans_by_name,
    to_milliseconds,
    tree_of,
)

Client = Callable[..., Any]

# The package asks for the time in a way that newer Pythons deprecate, and takes the warning for a failure of its own.
pytestmark = pytest.mark.filterwarnings(r"ignore:datetime.datetime.utcnow\(\):DeprecationWarning")


def test_spans_nested_by_context_manager_read_back_as_they_were(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    with client.span("support-agent", SpanType.AGENT, input={"question": "Where is it?"}, metadata={"version": "2.1"}):
        with client.span("find-order", SpanType.TOOL, input="order 7") as tool:
            tool["output"] = {"order": 7, "carrier": None}
        with client.span("answer", SpanType.LLM) as llm, client.span("ground", SpanType.RETRIEVAL):
            llm["output"] = "On its way."
    client.flush()

    trace = read_trace(sandbox)
    assert {name: trace[name] for name in ("name", "status", "tags", "metadata", "spanCount", "scoreCount")} == {
        "name": "support-agent",
        "status": "OK",
        "tags": [],
        "metadata": {"version": "2.1"},
        "spanCount": 4,
        "scoreCount": 0,
    }
    assert (trace["totalTokens"], trace["totalCost"]) == (0, "0")
    assert tree_of(sandbox, trace) == {"support-agent": {"find-order": {}, "answer": {"ground": {}}}}
    spans = spans_by_name(sandbox, trace)
    assert {name: span["type"] for name, span in spans.items()} == {
        "support-agent": "AGENT",
        "find-order": "TOOL",
        "answer": "LLM",
        "ground": "RETRIEVAL",
    }
    assert spans["support-agent"]["input"] == {"question": "Where is it?"}
    assert spans["find-order"]["output"] == {"order": 7, "carrier": None}
    assert spans["answer"]["output"] == "On its way."
    assert broken_clauses(sandbox) == {}


def test_times_read_back_to_the_millisecond(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    with client.span("outer"), client.span("inner"):
        pass
    client.flush()

    created, *spans = [event["body"] for event in sent_events(sandbox)]
    trace = read_trace(sandbox)
    assert trace["startTime"] == to_milliseconds(created["startTime"])
    # The client never closes its trace: it ends with its last span.
    assert trace["endTime"] == max(to_milliseconds(span["endTime"]) for span in spans)
    shown = spans_by_name(sandbox, trace)
    for span in spans:
        times = (shown[span["name"]]["startTime"], shown[span["name"]]["endTime"])
        assert times == (to_milliseconds(span["startTime"]), to_milliseconds(span["endTime"]))


def test_spans_nested_by_decorator_read_back_as_a_tree(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()

    @observe
    def search(query: str, limit: int = 3) -> list[str]:
        return [query] * limit

    @observe(name="agent", span_type=SpanType.AGENT)
    def agent(question: str) -> str:
        return ", ".join(search(question))

    assert agent("why") == "why, why, why"
    client.flush()

    trace = read_trace(sandbox)
    assert (trace["name"], trace["status"], trace["spanCount"]) == ("agent", "OK", 2)
    assert tree_of(sandbox, trace) == {"agent": {search.__qualname__: {}}}
    spans = spans_by_name(sandbox, trace)
    assert spans["agent"]["input"] == {"question": "why"}
    assert spans[search.__qualname__]["input"] == {"query": "why", "limit": 3}
    assert spans[search.__qualname__]["output"] == ["why"] * 3


def test_async_functions_are_traced_like_others(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()

    @observe(name="fetch", span_type=SpanType.TOOL)
    async def fetch() -> str:
        return "page"

    @observe(name="crawl")
    async def crawl() -> str:
        return str(await fetch())

    assert asyncio.run(crawl()) == "page"
    client.flush()

    trace = read_trace(sandbox)
    assert tree_of(sandbox, trace) == {"crawl": {"fetch": {}}}
    assert spans_by_name(sandbox, trace)["fetch"]["output"] == "page"


def test_an_error_in_a_span_makes_the_trace_an_error(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()

    def run() -> None:
        with client.span("agent"):
            with client.span("fine"):
                pass
            with client.span("lookup"):
                raise ValueError("no such order")

    with pytest.raises(ValueError, match="no such order"):
        run()
    client.flush()

    (trace,) = read_traces(sandbox, status="ERROR")
    assert read_traces(sandbox, status="OK") == []
    assert tree_of(sandbox, trace) == {"agent": {"fine": {}, "lookup": {}}}
    spans = spans_by_name(sandbox, trace)
    assert {name: span["status"] for name, span in spans.items()} == {"agent": "ERROR", "lookup": "ERROR", "fine": "OK"}
    assert spans["lookup"]["errorMessage"] == "no such order"
    assert broken_clauses(sandbox) == {}


def test_a_status_set_by_hand_makes_the_trace_an_error(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    with client.span("agent") as span:
        span["status"], span["error_message"] = SpanStatus.ERROR, "empty answer"
    client.flush()

    trace = read_trace(sandbox)
    assert trace["status"] == "ERROR"
    assert spans_by_name(sandbox, trace)["agent"]["errorMessage"] == "empty answer"


SESSIONS: dict[str, tuple[dict[str, Any], dict[str, Any], str | None]] = {
    "none": ({}, {}, None),
    "of the client": ({"session_id": "s-client"}, {}, "s-client"),
    "of the span": ({}, {"session_id": "s-span"}, "s-span"),
    "of the span before that of the client": ({"session_id": "s-client"}, {"session_id": "s-span"}, "s-span"),
}
"""Options of the client, options of the span, and the session that the trace then has."""


@pytest.mark.parametrize(("options", "span_options", "session"), SESSIONS.values(), ids=SESSIONS)
def test_a_trace_keeps_its_session(
    sandbox: Sandbox,
    two_signal: Client,
    options: dict[str, Any],
    span_options: dict[str, Any],
    session: str | None,
) -> None:
    client = two_signal(**options)
    with client.span("turn", **span_options):
        pass
    client.flush()

    assert sandbox.trace(read_trace(sandbox)["id"]).get("sessionId") == session


def test_a_session_opened_as_context_holds_for_what_is_inside(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal(session_id="s-before")
    with client.session("s-inside"), client.span("turn"):
        pass
    client.flush()

    assert sandbox.trace(read_trace(sandbox)["id"])["sessionId"] == "s-inside"


def test_a_trace_keeps_deployment_parent_and_evaluators(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal(deployment_id="deploy-7")
    with client.span("delegate", parent_trace_id="trace-of-the-caller", evaluators=["helpfulness", "tone"]):
        pass
    client.flush()

    shown = sandbox.trace(read_trace(sandbox)["id"])
    assert shown["deploymentId"] == "deploy-7"
    assert shown["parentTraceId"] == "trace-of-the-caller"
    assert shown["evaluators"] == ["helpfulness", "tone"]
    assert broken_clauses(sandbox) == {}


VALUES: dict[str, tuple[Any, Any]] = {
    "null inside": ({"carrier": None, "list": [None]}, {"carrier": None, "list": [None]}),
    "not a number": ([float("nan"), 1.5], [None, 1.5]),  # the client's choice
    "other scripts": ("Où? どこ 🚚", "Où? どこ 🚚"),
    "false": (False, False),
    "zero": (0, 0),
    "empty": ({}, {}),
    "large integer": (2**63, 2**63),
}
"""What is given to the client, and what reads back."""


@pytest.mark.parametrize(("given", "kept"), VALUES.values(), ids=VALUES)
def test_input_output_and_metadata_keep_their_values(
    sandbox: Sandbox, two_signal: Client, given: Any, kept: Any
) -> None:
    client = two_signal()
    with client.span("values", input=given, metadata={"value": given}) as span:
        span["output"] = given
    client.flush()

    trace = read_trace(sandbox)
    span = spans_by_name(sandbox, trace)["values"]
    assert (span["input"], span["output"], span["metadata"]) == (kept, kept, {"value": kept})
    assert trace["metadata"] == {"value": kept}
