"""Broken servers of the area of trace fields: what a listed trace says of itself."""

from __future__ import annotations

import struct
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.conformance.apis.rest.broken.combinators import INGESTION, change_sent
from tests.conformance.apis.rest.broken.listings import each, field, page, rows_of, with_rows, without
from tests.conformance.apis.rest.broken.messages import Asked, Response, Upstream
from tests.conformance.apis.rest.broken.shapes import SPAN, bodies, trace_of
from tests.conformance.apis.rest.broken.timestamps import moved
from tests.conformance.apis.rest.broken.variants import Table

Row = dict[str, Any]


def running(row: Row) -> Row:
    """A trace that runs has ended at its start."""
    return {**row, "endTime": row["endTime"] or row["startTime"]}


def ends_at_start(row: Row) -> Row:
    """Every end is the start."""
    return {**row, "endTime": row["endTime"] and row["startTime"]}


def late_without_spans(row: Row) -> Row:
    """The end of a trace of its own is a second late."""
    return {**row, "endTime": moved(seconds=1)(row["endTime"])}


def without_nulls(value: Any) -> Any:
    """Objects without members that are null."""
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(inner) for inner in value] if isinstance(value, list) else value


def flat(metadata: Row) -> Row:
    """Nested values as texts."""
    return {key: str(value) if isinstance(value, dict | list) else value for key, value in metadata.items()}


def binary(cost: str | None) -> str | None:
    """The cost as a sum of binary fractions shows it."""
    return None if cost is None else f"{Decimal(float(cost)):f}"


def cents(cost: str | None) -> str | None:
    """The cost rounded to cents."""
    return None if cost is None else str(round(Decimal(cost), 2))


def decimals(digits: int) -> Callable[[str | None], str | None]:
    """A function for costs: rounded to so many decimals."""
    return lambda cost: None if cost is None else f"{round(Decimal(cost), digits).normalize():f}"


def in_31_bits(count: int) -> int:
    """A number as a column of 32 bits with a sign holds it."""
    return min(count, 2**31 - 1)


def in_keys(function: Callable[[str], str | None]) -> Callable[[Any], Any]:
    """A function for metadata: keys are others, or with None their members are lost."""

    def edit(value: Any) -> Any:
        if isinstance(value, dict):
            rows = ((function(key), edit(inner)) for key, inner in value.items())
            return {key: inner for key, inner in rows if key is not None}
        return [edit(inner) for inner in value] if isinstance(value, list) else value

    return edit


def in_values(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A function for metadata: arrays, numbers and texts in it are others."""

    def edit(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: edit(inner) for key, inner in value.items()}
        return function([edit(inner) for inner in value] if isinstance(value, list) else value)

    return edit


def of_32_bits(value: Any) -> Any:
    """A number as a float of 32 bits holds it."""
    plain = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e38
    return struct.unpack("f", struct.pack("f", value))[0] if plain else value


def hour_late(text: Any) -> Any:
    """A timestamp whose offset is taken for summer time."""
    return moved(hours=1)(text) if isinstance(text, str) and text.endswith("+00:00") else text


def only_prompt(usage: Any) -> Any:
    """Tokens that are counted without those of the completion."""
    if not isinstance(usage, dict) or "totalTokens" in usage or "total_tokens" in usage:
        return usage
    return {**usage, "totalTokens": usage.get("promptTokens", usage.get("prompt_tokens")) or 0}


async def last_status(asked: Asked, upstream: Upstream) -> Response:
    """A trace has the status of the span that came last."""
    for span in bodies(asked, SPAN) if asked.operation == INGESTION else ():
        if trace_of(span) is not None:
            upstream.memory[str(trace_of(span))] = "ERROR" if span.get("status") == "ERROR" else "OK"
    return await page(_remembered)(asked, upstream)


def _remembered(given: Response, _asked: Asked, upstream: Upstream) -> Response:
    memory = upstream.memory
    return with_rows(given, [{**row, "status": memory.get(row["id"], row["status"])} for row in rows_of(given)])


table = Table()
table.corrupt("traces.fields.id", "ids are in capitals", field("id", str.upper))
table.corrupt("traces.fields.id", "ids have a prefix", field("id", lambda identifier: f"trace_{identifier}"))
table.corrupt("traces.fields.name", "names end after twenty characters", field("name", lambda name: name[:20]))
table.corrupt("traces.fields.name", "names are in small letters", field("name", lambda name: name.lower() + "."))
table.corrupt(
    "traces.fields.status",
    "a trace that is not ERROR is UNSET",
    field("status", lambda status: status if status == "ERROR" else "UNSET"),
)
table.corrupt(
    "traces.fields.start-time",
    "a trace begins when it was stored",
    each(lambda row: {**row, "startTime": row["createdAt"]}),
)
table.forget("traces.fields.start-time", "startTime is missing", without("startTime"))
table.corrupt("traces.fields.end-time", "ends are numbers", field("endTime", lambda end: 0 if end is None else 1))
table.forget("traces.fields.end-time", "endTime is missing", without("endTime"))
table.corrupt("traces.fields.end-time-running", "a trace that runs has ended", each(running))
table.corrupt("traces.fields.end-time-own", "ends are a second late", field("endTime", moved(seconds=1)))
table.forget("traces.fields.end-time-own", "ends are forgotten", field("endTime", lambda _: None))
table.corrupt("traces.fields.end-time-spans", "a trace ends when it begins", each(ends_at_start))
table.corrupt(
    "traces.fields.duration",
    "durations are texts",
    field("durationMs", lambda length: None if length is None else str(length)),
)
table.forget("traces.fields.duration", "there are no durations", field("durationMs", lambda _: None))
table.corrupt(
    "traces.fields.duration-arithmetic",
    "durations are in seconds",
    field("durationMs", lambda length: length and length // 1000),
)
table.corrupt(
    "traces.fields.duration-arithmetic",
    "durations are one too long",
    field("durationMs", lambda length: None if length is None else length + 1),
)
table.corrupt("traces.fields.total-cost", "costs are numbers", field("totalCost", lambda cost: cost and float(cost)))
table.corrupt("traces.fields.total-cost", "costs have a currency", field("totalCost", lambda cost: f"USD {cost}"))
table.forget("traces.fields.total-cost-sum", "costs are not added", field("totalCost", lambda _: "0"))
table.corrupt("traces.fields.total-cost-sum", "costs are rounded to cents", field("totalCost", cents))
table.corrupt("traces.fields.total-cost-exact", "costs are added in binary", field("totalCost", binary))
table.corrupt("traces.fields.total-tokens", "tokens are texts", field("totalTokens", str))
table.corrupt("traces.fields.total-tokens", "tokens are null", field("totalTokens", lambda _: None))
table.corrupt(
    "traces.fields.total-tokens-sum", "tokens are one too few", field("totalTokens", lambda count: max(0, count - 1))
)
table.corrupt("traces.fields.total-tokens-sum", "tokens are not counted", field("totalTokens", lambda _: 0))
table.forget("traces.fields.tags", "the last tag is lost", field("tags", lambda tags: tags[:-1]))
table.corrupt("traces.fields.tags", "tags are in capitals", field("tags", lambda tags: [tag.upper() for tag in tags]))
table.corrupt("traces.fields.tags-none", "no tags are null", field("tags", lambda tags: tags or None))
table.forget("traces.fields.metadata", "metadata is forgotten", field("metadata", lambda _: {}))
table.corrupt("traces.fields.metadata", "nested metadata becomes text", field("metadata", flat))
table.corrupt(
    "traces.fields.metadata-none", "no metadata is null", field("metadata", lambda metadata: metadata or None)
)
table.forget("traces.fields.metadata-nulls", "nulls of metadata are lost", field("metadata", without_nulls))
table.corrupt("traces.fields.span-count", "spans are counted to one", field("spanCount", lambda count: min(1, count)))
table.corrupt("traces.fields.span-count", "the trace counts as a span", field("spanCount", lambda count: count + 1))
table.forget("traces.fields.score-count", "scores are not counted", field("scoreCount", lambda _: 0))
table.forget("traces.fields.created-at", "createdAt is missing", without("createdAt"))
table.corrupt("traces.fields.created-at", "createdAt is null", field("createdAt", lambda _: None))
table.forget("traces.status.error", "every trace is OK", field("status", lambda _: "OK"))
table.corrupt("traces.status.ok", "every trace is ERROR", field("status", lambda _: "ERROR"))
table.corrupt(
    "traces.status.ok",
    "a trace without spans is ERROR",
    each(lambda row: {**row, "status": row["status"] if row["spanCount"] else "ERROR"}),
)
table.disorder("traces.status.stays-error", "a trace is as its last span", last_status)
table.corrupt(
    "traces.usage.prompt-completion",
    "only prompt tokens count",
    change_sent("batch.*.body.usage", only_prompt, INGESTION),
)

# --- values at the edges of their types ---
table.corrupt("traces.fields.name", "names are trimmed", field("name", str.strip))
table.corrupt("traces.fields.name", "names end after 255 characters", field("name", lambda name: name[:255]))
table.corrupt(
    "traces.fields.name",
    "letters and accents are joined",
    field("name", lambda name: unicodedata.normalize("NFC", name)),
)
table.corrupt(
    "traces.fields.tags", "tags are trimmed", field("tags", lambda tags: list(dict.fromkeys(map(str.strip, tags))))
)
table.corrupt(
    "traces.fields.tags",
    "tags that differ in case are one",
    field("tags", lambda tags: list({tag.casefold(): tag for tag in tags}.values())),
)
table.forget("traces.fields.tags", "thirty tags are kept", field("tags", lambda tags: tags[:30]))
table.forget(
    "traces.fields.metadata",
    "keys that begin with $ are lost",
    field("metadata", in_keys(lambda key: None if key.startswith("$") else key)),
)
table.corrupt(
    "traces.fields.metadata",
    "a dot in a key becomes a line",
    field("metadata", in_keys(lambda key: key.replace(".", "_"))),
)
table.forget("traces.fields.metadata", "empty keys are lost", field("metadata", in_keys(lambda key: key or None)))
table.forget(
    "traces.fields.metadata", "a hundred keys are kept", field("metadata", lambda held: dict([*held.items()][:100]))
)
table.disorder(
    "traces.fields.metadata",
    "arrays of metadata are sorted",
    field("metadata", in_values(lambda held: sorted(held, key=repr) if isinstance(held, list) else held)),
)
table.corrupt("traces.fields.metadata", "numbers of metadata have 32 bits", field("metadata", in_values(of_32_bits)))
table.corrupt("traces.fields.total-cost-sum", "costs are rounded to four decimals", field("totalCost", decimals(4)))
table.corrupt("traces.fields.total-cost-exact", "costs are rounded to six decimals", field("totalCost", decimals(6)))
table.corrupt("traces.fields.total-tokens-sum", "tokens have 31 bits", field("totalTokens", in_31_bits))
table.corrupt(
    "traces.fields.start-time",
    "starts with +00:00 are an hour late",
    change_sent("batch.*.body.startTime", hour_late, INGESTION),
)
table.corrupt(
    "traces.fields.end-time-own",
    "ends with +00:00 are an hour late",
    change_sent("batch.*.body.endTime", hour_late, INGESTION),
)
