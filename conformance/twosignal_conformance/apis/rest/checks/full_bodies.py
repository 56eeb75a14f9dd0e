"""Request bodies that have every documented field, made of the contract's schemas; and what is fresh in each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twosignal_conformance.apis.rest.checks import ApiClient, TestData
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.engine.edges import Place, filled

_OUTSIDE = ("LLM_JUDGE", "GROUNDEDNESS", "FACTUAL_ACCURACY", "WEBHOOK", "CUSTOM")
"""Evaluators that ask a model or another server: a guest makes nobody pay for, or call, something."""

_VALUES: Mapping[str, Any] = {
    "arrayValue": {"values": [{"stringValue": "one"}, {"doubleValue": 0.5}]},
    "kvlistValue": {"values": [{"key": "inner", "value": {"boolValue": True}}]},
    "doubleValue": 0.5,
    "intValue": 7,
    "bytesValue": "AA==",
}
"""Values of attributes of OTLP by their kind, of which only one may be set at a time."""

_CONFIGS: Mapping[str, Any] = {
    "pattern": "refund",
    "flags": "i",
    "schema": {"type": "object"},
    "max_ms": 1000,
    "score": 1,
    "threshold": 0.5,
    "max": 1000,
    "min": 0,
    "mode": None,
}
"""Settings of evaluators that not any value fits, or that choose a model."""


@dataclass(frozen=True, slots=True)
class FullBody:
    """A request body with every documented field, for one operation."""

    operation: str
    body: Any
    fresh: tuple[Place, ...] = ()
    """Where ids and names stand that every request needs anew, so that one is not taken for another."""
    make: Callable[[], str] = str
    silent: tuple[str, ...] = ()
    """Members of which the documentation says nothing, so that a server may leave them unread."""

    def anew(self, body: Any, changed: Place | None = None) -> Any:
        """A copy of a variant of it with fresh ids and names, but for what was changed at a place."""
        copied = copy.deepcopy(body)
        for place in self.fresh:
            if changed is None or place[: len(changed)] != changed:
                held = copied
                for step in place[:-1]:
                    held = held[step]
                held[place[-1]] = self.make()
        return copied


def full_trace(client: ApiClient, data: TestData, name: str) -> FullBody:
    """A batch of one trace, each time another one, whose names begin alike."""
    known = _native(data) | {"name": name, "tags": [data.tag()]}
    body = data.trace(**filled(client.contract, client.contract.schema("TraceBody"), known))
    event = ("batch", 0)
    return FullBody("ingestTraces", data.batch(body), ((*event, "id"), (*event, "body", "id")), data.id)


def full_span(client: ApiClient, data: TestData, trace: Json) -> FullBody:
    """A batch of one span, each time another one, of a trace that is there; in camelCase."""
    known = _native(data) | {
        "traceId": trace["id"],
        "name": data.name("span"),
        "type": client.contract.enum("SpanType")[0],
    }
    body = data.span(trace, **filled(client.contract, client.contract.schema("SpanBody"), known))
    event = ("batch", 0)
    return FullBody("ingestTraces", data.batch(body), ((*event, "id"), (*event, "body", "id")), data.id)


def full_export(client: ApiClient, data: TestData, span: Json) -> FullBody:
    """An export with every field of OTLP, of the trace of a span, which has attributes of every kind."""
    kinds = client.contract.schema("OtlpAnyValue")["properties"]
    values = {kind: filled(client.contract, schema, _VALUES, name=kind) for kind, schema in kinds.items()}
    known = {name: span[name] for name in ("traceId", "spanId", "name", "startTimeUnixNano", "endTimeUnixNano")}
    known["parentSpanId"] = data.hex(16)
    known["attributes"] = [data.attribute("a key", "a value")]
    body = filled(client.contract, client.contract.schema("OtlpExportRequest"), known)
    place = ("resourceSpans", 0, "scopeSpans", 0, "spans", 0, "spanId")
    attributes = [{"key": kind, "value": {kind: value}} for kind, value in values.items()]
    body["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"] = attributes
    return FullBody("ingestOtlpTraces", body, (place,), lambda: data.hex(16), silent=("events", "links"))


def full_score(client: ApiClient, data: TestData, trace: Json, span: Json) -> FullBody:
    """A score of a span that is there."""
    known = {"traceId": trace["id"], "spanId": span["id"], "evaluatorName": f"conformance-{data.run_id}", "value": 0.5}
    return FullBody("createScore", filled(client.contract, client.contract.schema("ScoreRequest"), known))


def full_route(client: ApiClient) -> FullBody:
    """A routing request for the default configuration."""
    known = {"input": "Hello", "configName": None}
    return FullBody("routeModel", filled(client.contract, client.contract.schema("RouteRequest"), known))


def full_template(client: ApiClient, data: TestData) -> FullBody:
    """A template, each time under another name."""
    body = filled(client.contract, client.contract.schema("TemplateRequest"), data.template())
    return FullBody("pushPromptTemplate", body, (("name",),), lambda: data.tag("refused"))


def full_validation(client: ApiClient, most: int | None = None) -> FullBody:
    """A validation with every evaluator that the server takes, or so many, each with all of its settings."""
    taken: list[Json] = []
    for choice in client.contract.schema("Evaluator")["oneOf"]:
        if len(taken) == most:
            break
        evaluator = filled(client.contract, choice, _CONFIGS)
        evaluator["config"] = {name: value for name, value in evaluator["config"].items() if value is not None}
        body = {"output": "text", "expectedOutput": "text", "evaluators": [evaluator]}
        if evaluator["type"] not in _OUTSIDE and client.call("validateOutput", json=body).ok:
            taken.append(evaluator)
    known = {"output": "text", "input": "text", "expectedOutput": "text", "evaluators": taken}
    return FullBody("validateOutput", filled(client.contract, client.contract.schema("ValidateRequest"), known))


def _native(data: TestData) -> Json:
    start = data.time()
    return {
        "id": data.id(),
        "startTime": data.stamp(start),
        "endTime": data.stamp(start),
        "metadata": {"conformance_run": data.run_id},
        "modelParameters": {"temperature": 0.5},
        "input": {"text": "in"},
        "output": "out",
    }
