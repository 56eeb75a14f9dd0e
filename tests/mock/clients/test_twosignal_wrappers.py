"""PyPI `twosignal` 0.1.0, unchanged: its wrappers around model providers (stand-ins of providers.py) and helpers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from twosignal.cost import calculate_cost  # type: ignore[import-untyped]  # the published package ships no types
from twosignal.types import SpanType  # type: ignore[import-untyped]
from twosignal.wrappers.multi_agent import create_delegation_span, link_agent_traces  # type: ignore[import-untyped]
from twosignal.wrappers.voice import create_handoff_span, create_stt_span, create_tts_span  # type: ignore[import-untyped]
from twosignal_contract import load_contract
from twosignal_mock import Sandbox

from tests.mock.clients.providers import (
    CACHED,
    COMPLETION,
    PROMPT,
    PROVIDERS,
    QUESTION,
    Provider,
    openai_client,
    openai_stream,
)
from tests.mock.clients.reading import broken_clauses, read_trace, spans_by_name, tree_of

Client = Callable[..., Any]

# The package asks for the time in a way that newer Pythons deprecate, and takes the warning for a failure of its own.
pytestmark = pytest.mark.filterwarnings(r"ignore:datetime.datetime.utcnow\(\):DeprecationWarning")


def _cost(model: str, cached: int = 0) -> str:
    """What the package itself says that an answer costs, as a plain decimal text."""
    return f"{Decimal(repr(calculate_cost(model, PROMPT, COMPLETION, cached))):f}"


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_a_wrapped_provider_makes_a_trace_with_tokens_and_cost(
    sandbox: Sandbox, two_signal: Client, provider: Provider
) -> None:
    client = two_signal()
    provider.call()
    client.flush()

    trace = read_trace(sandbox)
    assert (trace["name"], trace["status"], trace["spanCount"]) == (provider.trace, "OK", 1)
    assert trace["totalTokens"] == PROMPT + COMPLETION
    assert trace["totalCost"] == _cost(provider.model, CACHED if provider.model.startswith("gpt") else 0)
    span = spans_by_name(sandbox, trace)[f"{provider.span}({provider.model})"]
    assert (span["type"], span["model"]) == ("LLM", provider.model)
    assert broken_clauses(sandbox) == {}


def test_a_wrapped_call_stands_below_the_span_around_it(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    with client.span("agent", SpanType.AGENT):
        for call in (PROVIDERS["openai"].call, PROVIDERS["anthropic"].call):
            call()
    client.flush()

    trace = read_trace(sandbox)
    openai, anthropic = (f"{each.span}({each.model})" for each in (PROVIDERS["openai"], PROVIDERS["anthropic"]))
    assert tree_of(sandbox, trace) == {"agent": {openai: {}, anthropic: {}}}
    spans = spans_by_name(sandbox, trace)
    assert spans[openai]["input"] == QUESTION
    assert spans[openai]["modelParameters"] == {"temperature": 0.2}
    assert spans[openai]["usage"]["cachedTokens"] == CACHED
    assert spans[anthropic]["input"] == {"messages": QUESTION, "system": "Be kind."}
    assert trace["totalTokens"] == 2 * (PROMPT + COMPLETION)
    costs = (_cost(PROVIDERS["openai"].model, CACHED), _cost(PROVIDERS["anthropic"].model))
    assert Decimal(trace["totalCost"]) == sum(map(Decimal, costs))


def test_an_unknown_model_has_tokens_and_no_cost(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    openai_client().chat.completions.create(model="home-grown", messages=QUESTION)
    client.flush()

    trace = read_trace(sandbox)
    assert (trace["totalTokens"], trace["totalCost"]) == (PROMPT + COMPLETION, "0")


def test_a_streamed_answer_is_sent_when_it_was_read(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    stream = openai_client(openai_stream()).chat.completions.create(model="gpt-4o", messages=QUESTION, stream=True)
    assert len(list(stream)) == 3
    client.flush()

    trace = read_trace(sandbox)
    assert trace["totalTokens"] == PROMPT + COMPLETION
    (span,) = spans_by_name(sandbox, trace).values()
    assert span["output"] == "On its way."


def test_an_error_of_the_provider_makes_the_trace_an_error(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    with pytest.raises(RuntimeError, match="overloaded"):
        openai_client(RuntimeError("overloaded")).chat.completions.create(model="gpt-4o", messages=QUESTION)
    client.flush()

    trace = read_trace(sandbox)
    assert (trace["status"], trace["totalTokens"]) == ("ERROR", 0)
    (span,) = spans_by_name(sandbox, trace).values()
    assert span["errorMessage"] == "overloaded"
    assert broken_clauses(sandbox) == {}


def test_a_wrapped_client_asks_the_mock_for_its_model(sandbox: Sandbox, two_signal: Client) -> None:
    routing = load_contract().extension("x-rest-routing")["default-config"]
    client, seen = two_signal(model_routing=routing["name"]), list[str]()
    openai_client(seen=seen).chat.completions.create(model="the-caller-wants-this", messages=QUESTION)
    client.flush()

    assert seen == [routing["defaultModel"]]
    (span,) = spans_by_name(sandbox, read_trace(sandbox)).values()
    assert span["model"] == routing["defaultModel"]
    assert sandbox.journal()[0]["request"]["body"]["input"] == QUESTION[0]["content"]


def test_delegation_voice_and_handoff_keep_their_types_and_metadata(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    with client.span("desk", SpanType.AGENT):
        create_delegation_span(delegating_agent="desk", target_agent="billing", delegation_reason="refund")
        create_stt_span(input="audio", output="hello", duration_sec=1.5, provider="ears")
        create_tts_span(output="audio", first_byte_ms=120.5)
        create_handoff_span(reason="angry", escalation_level="high", handoff_target="Alice")
        create_delegation_span("guard")
    client.flush()

    trace = read_trace(sandbox)
    spans = spans_by_name(sandbox, trace)
    below = ("delegation", "speech-to-text", "text-to-speech", "human-handoff", "guard")
    assert tree_of(sandbox, trace) == {"desk": {name: {} for name in below}}
    assert {name: (spans[name]["type"], spans[name].get("metadata")) for name in below} == {
        "delegation": (
            "DELEGATION",
            {"delegatingAgent": "desk", "targetAgent": "billing", "delegationReason": "refund"},
        ),
        "speech-to-text": ("VOICE", {"voiceOperation": "stt", "durationSec": 1.5, "provider": "ears"}),
        "text-to-speech": ("VOICE", {"voiceOperation": "tts", "firstByteMs": 120.5}),
        "human-handoff": (
            "HUMAN_HANDOFF",
            {"reason": "angry", "escalationLevel": "high", "handoffTarget": "Alice"},
        ),
        "guard": ("DELEGATION", {}),
    }
    assert broken_clauses(sandbox) == {}


def test_a_link_to_another_trace_is_a_span_of_the_first(sandbox: Sandbox, two_signal: Client) -> None:
    client = two_signal()
    with client.span("caller"):
        pass
    client.flush()
    trace = read_trace(sandbox)
    link_agent_traces(trace["id"], "trace-elsewhere", relationship="spawns")
    client.flush()

    assert read_trace(sandbox)["spanCount"] == 2
    link = spans_by_name(sandbox, trace)["trace-link"]
    assert link["metadata"] == {
        "sourceTraceId": trace["id"],
        "targetTraceId": "trace-elsewhere",
        "relationship": "spawns",
    }
