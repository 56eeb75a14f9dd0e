"""Broken servers of the area OTLP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tests.conformance.apis.rest.broken.combinators import (
    OTLP,
    accept,
    change_response,
    change_sent,
    drop,
    invent,
    is_json,
    refuse,
    restate,
)
from tests.conformance.apis.rest.broken.errors import INVALID
from tests.conformance.apis.rest.broken.listings import Row, page, rows_of, with_rows
from tests.conformance.apis.rest.broken.messages import Asked, Behaviour, Response, Upstream
from tests.conformance.apis.rest.broken.shapes import largest, too_large
from tests.conformance.apis.rest.broken.variants import Table

SPANS = "resourceSpans.*.scopeSpans.*.spans"
RESOURCE = "resourceSpans.*.resource.attributes"
NEITHER = 202
NINE = 9
SECOND = 10**NINE
"""In nanoseconds."""


def spans(asked: Asked) -> Iterator[dict[str, Any]]:
    """The spans of an export."""
    for resource in asked.at("resourceSpans") or ():
        for scope in resource.get("scopeSpans") or ():
            yield from scope.get("spans") or ()


def listed(function: Callable[[Row], Row]) -> Behaviour:
    """Traces that came as OTLP are listed otherwise."""

    def edit(given: Response, _asked: Asked, upstream: Upstream) -> Response:
        mine = upstream.memory.get("traces", set())
        return with_rows(given, [function(row) if row["id"] in mine else row for row in rows_of(given)])

    editing = page(edit)

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        if asked.operation == OTLP and is_json(asked):
            upstream.memory.setdefault("traces", set()).update(span.get("traceId") for span in spans(asked))
        return await editing(asked, upstream)

    return behaviour


async def apart(asked: Asked, upstream: Upstream) -> Response:
    """Every span but the first has a trace of its own."""
    first: dict[str, str] = upstream.memory.setdefault("first", {})

    def placed(span: dict[str, Any]) -> dict[str, Any]:
        own = first.setdefault(span["traceId"], span["spanId"]) == span["spanId"]
        return span if own else {**span, "traceId": span["spanId"] * 2}

    return await change_sent(f"{SPANS}.*", placed, OTLP)(asked, upstream)


def without_attributes(*names: str) -> Callable[[Any], Any]:
    """Attributes without some of them."""
    return lambda rows: [row for row in rows if row.get("key") not in names] if isinstance(rows, list) else rows


def doubled(rows: Any) -> Any:
    """Whole numbers of attributes count twice."""
    return [
        {**row, "value": {"intValue": str(2 * int(row["value"]["intValue"]))}}
        if "intValue" in row.get("value", {})
        else row
        for row in rows
    ]


def unpadded(nanoseconds: Any) -> str:
    """The fraction of a second read as a decimal fraction, without the zeros that it begins with."""
    seconds, fraction = divmod(int(nanoseconds), SECOND)
    return str(seconds * SECOND + int(str(fraction).ljust(NINE, "0")))


def integers_as(kind: type) -> Callable[[Asked], bool]:
    """True when an integer of an attribute is written so."""
    return lambda asked: (
        is_json(asked)
        and any(
            isinstance(row.get("value", {}).get("intValue"), kind)
            for span in spans(asked)
            for row in span.get("attributes") or ()
        )
    )


def has_fractions(asked: Asked) -> bool:
    """True when an attribute of a span is a fraction."""
    rows = (row.get("value") or {} for span in spans(asked) for row in span.get("attributes") or ())
    return any(isinstance(value.get("doubleValue"), float) and value["doubleValue"] % 1 for value in rows)


def count_of(asked: Asked) -> dict[str, int]:
    """What an export is answered with."""
    return {"accepted": len(list(spans(asked)))}


table = Table()
table.weaken("otlp.accepted", "export requests are refused", refuse("invalid-value", OTLP, is_json))
table.weaken("otlp.accepted", "fractions are refused", refuse("invalid-value", OTLP, has_fractions))
table.corrupt("otlp.status", "an export request is answered with 202", restate(NEITHER, OTLP, accepted=True))
table.forget("otlp.count", "the count is missing", change_response("accepted", drop, OTLP))
table.corrupt("otlp.count", "the count is of resources", change_response("accepted", lambda _: 1, OTLP))
table.weaken(
    "otlp.max-bytes-accepted",
    "an export request of the largest size is refused",
    refuse("body-too-large", OTLP, largest),
)
table.weaken("otlp.max-bytes", "an export request of any size is accepted", accept(OTLP, too_large))
table.corrupt(
    "otlp.max-bytes-status",
    "an export request that is too large is answered with 400",
    restate(INVALID, OTLP, too_large),
)
table.disorder("otlp.trace.visible", "each span is a trace of its own", apart)
table.forget("otlp.trace.visible", "export requests are not stored", invent(count_of, OTLP, is_json))
table.corrupt(
    "otlp.trace.root-name", "traces have a fixed name", listed(lambda row: {**row, "name": "unknown_service"})
)
table.corrupt(
    "otlp.trace.times",
    "traces end when they begin",
    change_sent(f"{SPANS}.*", lambda span: {**span, "endTimeUnixNano": span["startTimeUnixNano"]}, OTLP),
)
table.corrupt(
    "otlp.trace.times",
    "traces begin when they end",
    change_sent(f"{SPANS}.*", lambda span: {**span, "startTimeUnixNano": span["endTimeUnixNano"]}, OTLP),
)
table.forget(
    "otlp.resource.metadata", "resource attributes are no metadata", listed(lambda row: {**row, "metadata": {}})
)
table.forget("otlp.resource.tags", "resource attributes are no tags", listed(lambda row: {**row, "tags": []}))
table.forget("otlp.resource.tags", "resource attributes are dropped", change_sent(RESOURCE, lambda _: [], OTLP))
table.forget(
    "otlp.span.gen-ai-tokens",
    "gen_ai tokens do not count",
    change_sent(
        f"{SPANS}.*.attributes", without_attributes("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"), OTLP
    ),
)
table.forget(
    "otlp.span.gen-ai-tokens",
    "gen_ai completion tokens do not count",
    change_sent(f"{SPANS}.*.attributes", without_attributes("gen_ai.usage.output_tokens"), OTLP),
)
table.forget(
    "otlp.span.ai-tokens",
    "ai tokens do not count",
    change_sent(f"{SPANS}.*.attributes", without_attributes("ai.prompt_tokens", "ai.completion_tokens"), OTLP),
)
table.forget("otlp.span.status-error", "the status of spans is forgotten", change_sent(f"{SPANS}.*.status", drop, OTLP))
table.weaken("otlp.encoding.integers", "integers in texts are refused", refuse("invalid-value", OTLP, integers_as(str)))
table.weaken(
    "otlp.encoding.integers", "integers as numbers are refused", refuse("invalid-value", OTLP, integers_as(int))
)
table.corrupt("otlp.native-equivalence", "tokens count twice", change_sent(f"{SPANS}.*.attributes", doubled, OTLP))
table.corrupt(
    "otlp.native-equivalence",
    "ends are cut to seconds",
    change_sent(f"{SPANS}.*.endTimeUnixNano", lambda end: str(int(end) // SECOND * SECOND), OTLP),
)
table.corrupt(
    "otlp.native-equivalence",
    "starts are cut to seconds",
    change_sent(f"{SPANS}.*.startTimeUnixNano", lambda start: str(int(start) // SECOND * SECOND), OTLP),
)
table.corrupt(
    "otlp.native-equivalence",
    "fractions of starts lose their first zero",
    change_sent(f"{SPANS}.*.startTimeUnixNano", unpadded, OTLP),
)

# --- all of several ---
table.forget(
    "otlp.trace.visible",
    "only the first scope of a resource is read",
    change_sent("resourceSpans.*.scopeSpans", lambda rows: rows[:1], OTLP),
)
table.forget("otlp.count", "only the first resource is read", change_sent("resourceSpans", lambda rows: rows[:1], OTLP))
table.forget(
    "otlp.resource.metadata",
    "ten attributes of a resource are kept",
    change_sent(RESOURCE, lambda rows: rows[:10], OTLP),
)
