"""Broken servers of the area ingestion: batches, events, traces and spans on their way in."""

from __future__ import annotations

import uuid
from typing import Any

from tests.conformance.apis.rest.broken.combinators import (
    INGESTION,
    accept,
    both,
    change,
    change_response,
    drop,
    invent,
    is_json,
    pretended,
    refuse,
    restate,
)
from tests.conformance.apis.rest.broken.errors import INVALID, UNPROCESSABLE, whole
from tests.conformance.apis.rest.broken.messages import CONTRACT, Asked, Response, Upstream
from tests.conformance.apis.rest.broken.shapes import (
    SPAN,
    TRACE,
    bodies,
    count_of,
    events,
    has,
    lacks,
    largest,
    some,
    too_large,
    trace_of,
)
from tests.conformance.apis.rest.broken.variants import Table

LIMIT = CONTRACT.payload_limits[INGESTION]
SPAN_TYPES = CONTRACT.enum("SpanType")


def too_many(asked: Asked) -> bool:
    """More events than a batch may have."""
    return len(events(asked)) > (LIMIT.events or 0)


def full(asked: Asked) -> bool:
    """As many events as a batch may have."""
    return len(events(asked)) == LIMIT.events


def first_events(asked: Asked) -> Asked:
    """As many events as fit."""
    return asked.with_json({**asked.json, "batch": asked.json["batch"][: LIMIT.events]})


def anew(asked: Asked) -> Asked:
    """The same batch with other ids of events and spans, as if it had never been seen."""
    renewed = [{**event, "id": str(uuid.uuid4()), "body": _anew(event)} for event in asked.json["batch"]]
    return asked.with_json({**asked.json, "batch": renewed})


def _anew(event: dict[str, Any]) -> Any:
    return {**event["body"], "id": str(uuid.uuid4())} if event.get("type") == SPAN else event["body"]


def ids(asked: Asked) -> set[str]:
    """The ids of the events."""
    return {str(event.get("id")) for event in events(asked)}


async def repeats(asked: Asked, upstream: Upstream) -> Response:
    """Events that come again are stored again."""
    seen: set[str] = upstream.memory.setdefault("seen", set())
    again = ids(asked) and ids(asked) <= seen
    given = await upstream.send(anew(asked) if again else asked)
    if given.accepted:
        seen |= ids(asked)
    return given


async def refuses_repeats(asked: Asked, upstream: Upstream) -> Response:
    """Events that come again are refused."""
    seen: set[str] = upstream.memory.setdefault("seen", set())
    if ids(asked) and ids(asked) <= seen:
        return (await refuse("invalid-value")(asked, upstream)).with_status(409)
    given = await upstream.send(asked)
    if given.accepted:
        seen |= ids(asked)
    return given


async def races(asked: Asked, upstream: Upstream) -> Response:
    """Identical batches that are under way at the same time are each stored."""
    under_way: list[set[str]] = upstream.memory.setdefault("under way", [])
    own = ids(asked)
    beside = bool(own) and own in under_way
    under_way.append(own)
    try:
        return await upstream.send(anew(asked) if beside else asked)
    finally:
        under_way.remove(own)


async def one_project(asked: Asked, upstream: Upstream) -> Response:
    """An id that another project has is taken, and what comes with it is dropped."""
    owners: dict[str, str | None] = upstream.memory.setdefault("owners", {})
    named = [str(body.get("id")) for body in bodies(asked, TRACE)]
    if any(owners.setdefault(name, asked.credential) != asked.credential for name in named):
        return pretended(asked, count_of(asked))
    return await upstream.send(asked)


async def parents_first(asked: Asked, upstream: Upstream) -> Response:
    """A span is refused whose parent is not there yet."""
    known: set[str] = upstream.memory.setdefault("spans", set())
    for span in bodies(asked, SPAN):
        parent = span.get("parentSpanId", span.get("parent_span_id"))
        if parent is not None and parent not in known:
            return await refuse("invalid-value")(asked, upstream)
        known.add(str(span.get("id")))
    return await upstream.send(asked)


def spelled(*names: str) -> Any:
    """True when a span is written with one of these names."""
    return some(SPAN, has(*names))


CAMEL = ("traceId", "startTime", "endTime", "parentSpanId", "modelParameters", "errorMessage")
SNAKE = ("trace_id", "start_time", "end_time", "parent_span_id", "model_parameters", "error_message")

table = Table()
table.corrupt("traces.batch.status", "a batch is answered with 200", restate(200, INGESTION, accepted=True))
table.corrupt("traces.batch.status", "a batch is answered with 202", restate(202, INGESTION, accepted=True))
table.corrupt(
    "traces.batch.answer", "the count stands in data", whole(lambda body: {"data": body}, accepted=True, on=INGESTION)
)
table.corrupt("traces.batch.answer", "the count is a text", change_response("accepted", str, INGESTION))
table.forget("traces.batch.answer", "there is no count", change_response("accepted", drop, INGESTION))
table.corrupt(
    "traces.batch.accepted-count",
    "the count is one too many",
    change_response("accepted", lambda count: count + 1, INGESTION),
)
table.corrupt(
    "traces.batch.accepted-count", "the count is always one", change_response("accepted", lambda _: 1, INGESTION)
)
table.forget("traces.batch.visible", "what is accepted is not stored", invent(count_of, INGESTION))
table.weaken("traces.batch.max-events-accepted", "a full batch is refused", refuse("too-many-events", INGESTION, full))
table.weaken(
    "traces.batch.max-events", "events beyond the limit are left out", change(first_events, INGESTION, too_many)
)
table.weaken("traces.batch.max-events", "a batch of any length is accepted", accept(INGESTION, too_many))
table.corrupt(
    "traces.batch.max-events-status",
    "too many events are answered with 422",
    restate(UNPROCESSABLE, INGESTION, too_many),
)
table.weaken(
    "traces.batch.max-bytes-accepted",
    "a batch of the largest size is refused",
    refuse("body-too-large", INGESTION, largest),
)
table.weaken("traces.batch.max-bytes", "a batch of any size is accepted", accept(INGESTION, too_large))
table.corrupt(
    "traces.batch.max-bytes-status",
    "a batch that is too large is answered with 400",
    restate(INVALID, INGESTION, too_large),
)
table.weaken(
    "traces.batch.missing",
    "a body without batch is an empty batch",
    accept(INGESTION, lambda asked: asked.at("batch") is None),
)
table.corrupt(
    "traces.batch.missing",
    "a body without batch is answered with 422",
    restate(UNPROCESSABLE, INGESTION, both(is_json, lambda asked: asked.at("batch") is None)),
)
table.forget("traces.event.idempotent", "events that come again are stored again", repeats)
table.weaken("traces.event.repeat-accepted", "events that come again are refused", refuses_repeats)
table.disorder("traces.event.concurrent-repeat", "identical batches at the same time are each stored", races)
table.weaken("traces.trace.id-required", "a trace needs no id", accept(INGESTION, some(TRACE, lacks("id"))))
table.corrupt(
    "traces.trace.id-required",
    "a trace without an id is answered with 422",
    restate(UNPROCESSABLE, INGESTION, some(TRACE, lacks("id"))),
)
table.weaken(
    "traces.event.empty-name",
    "an empty name is refused",
    refuse("invalid-value", INGESTION, some(TRACE, lambda body: body.get("name") == "")),
)
table.weaken(
    "traces.event.empty-name",
    "an empty name of a span is refused",
    refuse("invalid-value", INGESTION, some(SPAN, lambda body: body.get("name") == "")),
)
table.weaken("traces.trace.name-required", "a trace needs no name", accept(INGESTION, some(TRACE, lacks("name"))))
table.weaken(
    "traces.trace.optional-fields",
    "a trace needs more than id and name",
    refuse("invalid-value", INGESTION, some(TRACE, lambda body: body.keys() == {"id", "name"})),
)
table.weaken(
    "traces.trace.session-fields",
    "sessionId is refused",
    refuse("invalid-value", INGESTION, some(TRACE, has("sessionId"))),
)
table.weaken(
    "traces.trace.session-fields",
    "evaluators are refused",
    refuse("invalid-value", INGESTION, some(TRACE, has("evaluators"))),
)
table.disorder("traces.trace.own-project", "an id is taken by the first project that uses it", one_project)
table.weaken(
    "traces.span.camel-case",
    "camelCase is refused, and snake_case too",
    refuse("invalid-value", INGESTION, spelled(*CAMEL, *SNAKE)),
)
table.weaken(
    "traces.span.snake-case",
    "snake_case is refused, and camelCase too",
    refuse("invalid-value", INGESTION, spelled(*CAMEL, *SNAKE)),
)
table.weaken(
    "traces.span.trace-required",
    "a span needs no trace",
    accept(INGESTION, some(SPAN, lambda body: trace_of(body) is None)),
)
table.weaken("traces.span.name-required", "a span needs no name", accept(INGESTION, some(SPAN, lacks("name"))))
table.weaken("traces.span.type-required", "a span needs no type", accept(INGESTION, some(SPAN, lacks("type"))))
table.weaken(
    "traces.span.types",
    "the type RETRIEVAL is refused",
    refuse("invalid-value", INGESTION, some(SPAN, lambda body: body.get("type") == "RETRIEVAL")),
)
table.weaken(
    "traces.span.more-types",
    "the type GUARDRAIL is refused",
    refuse("invalid-value", INGESTION, some(SPAN, lambda body: body.get("type") == "GUARDRAIL")),
)
table.weaken(
    "traces.span.nulls",
    "null is refused in a span",
    refuse("invalid-value", INGESTION, some(SPAN, lambda body: None in body.values())),
)
table.weaken(
    "traces.span.no-id", "a span needs an id of its own", refuse("invalid-value", INGESTION, some(SPAN, lacks("id")))
)
table.weaken(
    "traces.span.any-input",
    "input of a span must be an object",
    refuse("invalid-value", INGESTION, some(SPAN, lambda body: not isinstance(body.get("input", {}), dict))),
)
table.weaken(
    "traces.span.any-input",
    "output of a span must be a text",
    refuse("invalid-value", INGESTION, some(SPAN, lambda body: not isinstance(body.get("output", ""), str))),
)
table.weaken("traces.span.child-first", "a span before its parent is refused", parents_first)
table.weaken("traces.span.unknown-parent", "a span whose parent is not there is refused", parents_first)
