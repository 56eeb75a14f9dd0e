"""Spans without a name: PyPI `twosignal` sends "" for `ts.span()`, OpenTelemetry leaves the empty name out of JSON."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from twosignal_mock import Sandbox

from tests.mock.clients.reading import broken_clauses, read_trace

# The package asks for the time in a way that newer Pythons deprecate, and takes the warning for a failure of its own.
pytestmark = pytest.mark.filterwarnings(r"ignore:datetime.datetime.utcnow\(\):DeprecationWarning")


def test_the_published_client_may_leave_the_name_away(sandbox: Sandbox, two_signal: Callable[..., Any]) -> None:
    client = two_signal()
    with client.span():
        pass
    client.flush()

    trace = read_trace(sandbox)
    assert (trace["name"], trace["spanCount"]) == ("", 1)
    assert broken_clauses(sandbox) == {}


def test_an_opentelemetry_span_may_have_no_name(sandbox: Sandbox) -> None:
    provider = TracerProvider()
    exporter = OTLPSpanExporter(
        endpoint=f"{sandbox.url}/api/v1/otel/traces", headers={"Authorization": f"Bearer {sandbox.api_key}"}
    )
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("nameless").start_as_current_span(""):
        pass
    provider.shutdown()

    trace = read_trace(sandbox)
    assert (trace["name"], trace["spanCount"]) == ("", 1)
    assert broken_clauses(sandbox) == {}
