"""The OTLP/JSON exporter of OpenTelemetry for Python, unchanged, pointed at the documented path.

It only sends spans, so it does the scenarios of kind `otlp`: spans of a request, as the SDK would have recorded them.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from typing import Any

from opentelemetry.exporter.otlp.json.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode

Json = Any

NOT_SUPPORTED = 64

SEED = 1
"""The exporter makes its waits up to a fifth shorter or longer, at random. This seed begins with a shorter one, so that
every run shows what can happen in any."""


def main() -> int:
    """Does the scenario on standard input; the exit code. The exporter only logs what became of the spans."""
    random.seed(SEED)
    actions = json.load(sys.stdin)["do"]
    if any(action["action"] != "otlp" for action in actions):
        print("an exporter of OTLP does nothing else", file=sys.stderr)
        return NOT_SUPPORTED
    origin = os.environ["TWOSIGNAL_BASE_URL"].rstrip("/").removesuffix("/api/v1")
    exporter = OTLPSpanExporter(
        endpoint=f"{origin}/api/v1/otel/traces",
        headers={"Authorization": f"Bearer {os.environ['TWOSIGNAL_API_KEY']}"},
    )
    for action in actions:
        for _ in range(action.get("times", 1)):
            exporter.export(list(spans_of(action["request"])))
    exporter.shutdown()
    return 0


def spans_of(request: Json) -> Iterator[ReadableSpan]:
    """The spans of an OTLP request, as the SDK keeps them."""
    for group in request["resourceSpans"]:
        resource = Resource(attributes_of(group.get("resource", {})))
        for part in group["scopeSpans"]:
            scope = InstrumentationScope(part.get("scope", {}).get("name", ""))
            yield from (recorded(span, resource, scope) for span in part["spans"])


def recorded(span: Json, resource: Resource, scope: InstrumentationScope) -> ReadableSpan:
    """One span."""
    trace = int(span["traceId"], 16)
    parent = span.get("parentSpanId")
    status = span.get("status", {})
    return ReadableSpan(
        name=span.get("name", ""),
        context=SpanContext(trace, int(span["spanId"], 16), is_remote=False),
        parent=SpanContext(trace, int(parent, 16), is_remote=False) if parent else None,
        resource=resource,
        attributes=attributes_of(span),
        kind=SpanKind(max(0, int(span.get("kind", 1)) - 1)),  # on the wire 0 is no kind and 1 the first
        status=Status(StatusCode(int(status.get("code", 0))), status.get("message")),
        start_time=int(span["startTimeUnixNano"]),
        end_time=int(span["endTimeUnixNano"]),
        instrumentation_scope=scope,
    )


def attributes_of(holder: Json) -> dict[str, Any]:
    """Attributes as Python values."""
    return {row["key"]: value_of(row["value"]) for row in holder.get("attributes", ())}


def value_of(value: Json) -> Any:
    """An attribute's value; 64-bit integers may be texts on the wire."""
    ((kind, plain),) = value.items()
    return int(plain) if kind == "intValue" else plain


if __name__ == "__main__":
    sys.exit(main())
