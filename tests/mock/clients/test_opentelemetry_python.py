"""`opentelemetry-exporter-otlp-json-http` with the OpenTelemetry SDK for Python, unchanged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from opentelemetry.exporter.otlp.common.http import Compression
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor, SpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, Tracer
from twosignal_mock import Sandbox

from tests.mock.clients.reading import broken_clauses, read_trace, read_traces, spans_by_name, tree_of

PATH = "/api/v1/otel/traces"
NANOSECONDS = 1_000_000
"""In a millisecond."""

Processor = Callable[[SpanExporter], SpanProcessor]


class Sender:
    """A tracer whose spans go to the mock, and the spans as the SDK saw them end."""

    def __init__(self, sandbox: Sandbox, compression: Compression, processor: Processor) -> None:
        exporter = OTLPSpanExporter(
            endpoint=sandbox.url + PATH,
            headers={"Authorization": f"Bearer {sandbox.api_key}"},
            compression=compression,
        )
        resource = Resource({"service.name": "checkout", "service.version": "2.1", "replicas": 3})
        self.provider = TracerProvider(resource=resource)
        self.provider.add_span_processor(processor(exporter))
        self.tracer: Tracer = self.provider.get_tracer("shop.agent", "1.0.4")

    def flush(self) -> None:
        """Have all ended spans sent."""
        assert self.provider.force_flush()


@pytest.fixture
def sender(sandbox: Sandbox) -> Iterator[Callable[..., Sender]]:
    """Makes senders: by default all spans go in one request, not compressed."""
    made: list[Sender] = []

    def make(compression: Compression = Compression.NONE, processor: Processor = BatchSpanProcessor) -> Sender:
        made.append(Sender(sandbox, compression, processor))
        return made[-1]

    yield make
    for each in made:
        each.provider.shutdown()


def _run_agent(tracer: Tracer) -> dict[str, ReadableSpan]:
    """A trace of four spans: an agent, its search, a model call, and a tool that fails."""
    ended: list[Any] = []
    with tracer.start_as_current_span("answer-ticket", kind=SpanKind.SERVER) as root:
        with tracer.start_as_current_span(
            "search", attributes={"hits": 2**53, "fresh": True, "words": ["a", "b"]}
        ) as span:
            ended.append(span)
        call: dict[str, str | int | float] = {
            "gen_ai.system": "openai",
            "gen_ai.request.model": "gpt-4o-mini",
            "gen_ai.usage.input_tokens": 1000,
            "gen_ai.usage.output_tokens": 250,
            "gen_ai.usage.cost": 0.0003,
            "gen_ai.request.temperature": 0.2,
        }
        with tracer.start_as_current_span("chat", kind=SpanKind.CLIENT, attributes=call) as span:
            span.add_event("first-token", {"milliseconds": 41})
            ended.append(span)
        with tracer.start_as_current_span(
            "refund", kind=SpanKind.CLIENT, links=[Link(root.get_span_context())]
        ) as span:
            span.record_exception(ValueError("no such order"))
            span.set_status(Status(StatusCode.ERROR, "no such order"))
            ended.append(span)
        ended.append(root)
    return {span.name: span for span in ended}


def _listed_time(nanoseconds: int | None) -> str:
    assert nanoseconds is not None
    moment = datetime.fromtimestamp(nanoseconds // NANOSECONDS / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@pytest.mark.parametrize("compression", [Compression.NONE, Compression.GZIP], ids=lambda value: value.value)
def test_a_nested_trace_reads_back_as_it_was(
    sandbox: Sandbox, sender: Callable[..., Sender], compression: Compression
) -> None:
    source = sender(compression)
    ended = _run_agent(source.tracer)
    source.flush()

    (entry,) = sandbox.journal()
    assert (entry["status"], entry["response"]["body"]) == (200, {"accepted": 4})
    sent = dict(entry["request"]["headers"])
    assert sent.get("content-encoding", "none") == compression.value
    trace = read_trace(sandbox)
    root = ended["answer-ticket"]
    context = root.get_span_context()
    assert context is not None
    assert {name: trace[name] for name in ("id", "name", "status", "spanCount", "totalTokens", "totalCost")} == {
        "id": f"{context.trace_id:032x}",
        "name": "answer-ticket",
        "status": "ERROR",
        "spanCount": 4,
        "totalTokens": 1250,
        "totalCost": "0.0003",
    }
    assert trace["startTime"] == _listed_time(root.start_time)
    assert trace["endTime"] == _listed_time(root.end_time)
    assert trace["metadata"] == {"service.name": "checkout", "service.version": "2.1", "replicas": 3}
    assert trace["tags"] == ["service.name:checkout", "service.version:2.1", "replicas:3"]
    assert tree_of(sandbox, trace) == {"answer-ticket": {"search": {}, "chat": {}, "refund": {}}}
    assert broken_clauses(sandbox) == {}


def test_spans_keep_kind_attributes_events_and_errors(sandbox: Sandbox, sender: Callable[..., Sender]) -> None:
    source = sender()
    ended = _run_agent(source.tracer)
    source.flush()

    trace = read_trace(sandbox)
    spans = spans_by_name(sandbox, trace)
    assert {name: (span["type"], span["status"]) for name, span in spans.items()} == {
        "answer-ticket": ("AGENT", "OK"),
        "search": ("CHAIN", "OK"),
        "chat": ("LLM", "OK"),
        "refund": ("TOOL", "ERROR"),
    }
    for name, span in ended.items():
        assert spans[name]["startTime"] == _listed_time(span.start_time)
        assert spans[name]["endTime"] == _listed_time(span.end_time)
        assert spans[name]["metadata"]["otel.scope"] == {"name": "shop.agent", "version": "1.0.4"}
    chat, refund = spans["chat"], spans["refund"]
    assert (chat["model"], chat["usage"]) == ("gpt-4o-mini", {"promptTokens": 1000, "completionTokens": 250})
    assert chat["metadata"]["gen_ai.system"] == "openai"
    assert chat["metadata"]["gen_ai.request.temperature"] == 0.2
    (event,) = chat["metadata"]["otel.events"]
    assert (event["name"], event["attributes"]) == ("first-token", {"milliseconds": 41})
    assert {name: spans["search"]["metadata"][name] for name in ("hits", "fresh", "words")} == {
        "hits": 2**53,
        "fresh": True,
        "words": ["a", "b"],
    }
    assert refund["errorMessage"] == "no such order"
    (exception,) = refund["metadata"]["otel.events"]
    assert exception["attributes"]["exception.type"] == "ValueError"
    assert refund["metadata"]["otel.links"][0]["spanId"] == spans["answer-ticket"]["id"]


def test_spans_sent_one_by_one_make_the_same_trace(sandbox: Sandbox, sender: Callable[..., Sender]) -> None:
    """Children come before their root then, each in a request of its own."""
    ended = _run_agent(sender(processor=SimpleSpanProcessor).tracer)

    assert [entry["response"]["body"] for entry in sandbox.journal()] == [{"accepted": 1}] * 4
    trace = read_trace(sandbox)
    assert (trace["name"], trace["status"], trace["spanCount"]) == ("answer-ticket", "ERROR", 4)
    assert trace["startTime"] == _listed_time(ended["answer-ticket"].start_time)
    assert tree_of(sandbox, trace) == {"answer-ticket": {"search": {}, "chat": {}, "refund": {}}}


def test_a_trace_without_errors_is_ok_and_found_by_its_tag(sandbox: Sandbox, sender: Callable[..., Sender]) -> None:
    source = sender()
    for name in ("one", "two"):
        with source.tracer.start_as_current_span(name, attributes={"ai.model": "m", "ai.prompt_tokens": 3}):
            pass
    source.flush()

    assert {trace["name"] for trace in read_traces(sandbox, status="OK", tags="service.name:checkout")} == {
        "one",
        "two",
    }
    assert [trace["totalTokens"] for trace in read_traces(sandbox)] == [3, 3]
    assert read_traces(sandbox, tags="service.name:other") == []


def test_values_that_json_has_no_word_for_are_kept_as_the_protocol_writes_them(
    sandbox: Sandbox, sender: Callable[..., Sender]
) -> None:
    source = sender()
    values: dict[str, Any] = {"nan": float("nan"), "least": float("-inf"), "bytes": b"\x00\xff", "no": "", "none": []}
    with source.tracer.start_as_current_span("odd", attributes=values):
        pass
    source.flush()

    kept = spans_by_name(sandbox, read_trace(sandbox))["odd"]["metadata"]
    assert kept == kept | {"nan": "NaN", "least": "-Infinity", "bytes": "AP8=", "no": "", "none": []}


@pytest.mark.parametrize(
    ("fault", "attempts"),
    [
        ({"kind": "status", "status": 429, "retry_after": 1}, 2),
        ({"kind": "status", "status": 503, "retry_after": 1}, 2),
        ({"kind": "reset", "phase": "after-commit"}, 2),
    ],
    ids=["429", "503", "lost answer"],
)
def test_an_exporter_that_tries_again_neither_loses_nor_doubles(
    sandbox: Sandbox, sender: Callable[..., Sender], fault: dict[str, Any], attempts: int
) -> None:
    sandbox.faults.add(**fault, operations=["ingestOtlpTraces"], times=1)
    source = sender(Compression.GZIP)
    _run_agent(source.tracer)
    source.flush()

    journal = sandbox.journal()
    assert [entry["attempt"] for entry in journal] == list(range(1, attempts + 1))
    if "retry_after" in fault:
        assert journal[1]["started"] - journal[0]["started"] >= fault["retry_after"]
    trace = read_trace(sandbox)
    assert (trace["spanCount"], trace["totalTokens"]) == (4, 1250)
    counts = sandbox.ledger_summary()
    assert (counts["ids"], counts["stored"], counts["refused"], counts["response_lost"]) == (4, 4, 0, 0)
