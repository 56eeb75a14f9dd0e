"""Broken servers of the area scores."""

from __future__ import annotations

from typing import Any

from tests.conformance.apis.rest.broken.combinators import (
    SCORING,
    accept,
    both,
    change_response,
    change_sent,
    drop,
    is_json,
    refuse,
    restate,
)
from tests.conformance.apis.rest.broken.errors import INVALID, UNPROCESSABLE, whole
from tests.conformance.apis.rest.broken.listings import each
from tests.conformance.apis.rest.broken.messages import CONTRACT, Asked, Response, Upstream
from tests.conformance.apis.rest.broken.shapes import largest, too_large
from tests.conformance.apis.rest.broken.variants import Table

LOWEST, HIGHEST = (CONTRACT.schema("ScoreValue")[name] for name in ("minimum", "maximum"))


def value(asked: Asked) -> Any:
    """The value of a score, where it is a number."""
    found = asked.at("value")
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def below(asked: Asked) -> bool:
    """Below the lowest."""
    return value(asked) is not None and value(asked) < LOWEST


def above(asked: Asked) -> bool:
    """Above the highest."""
    return value(asked) is not None and value(asked) > HIGHEST


def not_number(asked: Asked) -> bool:
    """There, and no number."""
    return is_json(asked) and value(asked) is None and isinstance(asked.json, dict) and "value" in asked.json


def missing(name: str) -> Any:
    """True when a field is not there."""
    return lambda asked: isinstance(asked.json, dict) and name not in asked.json


def of_span(asked: Asked) -> bool:
    """True when a score is of a span."""
    return asked.at("spanId") is not None


async def same_id(asked: Asked, upstream: Upstream) -> Response:
    """All scores have the id of the first."""
    given = await upstream.send(asked)
    if asked.operation != SCORING or not given.accepted:
        return given
    return given.with_json({**given.json, "id": upstream.memory.setdefault("id", given.at("id"))})


async def forgets_spans(asked: Asked, upstream: Upstream) -> Response:
    """Scores of spans do not count in their traces."""
    hidden: dict[str, int] = upstream.memory.setdefault("hidden", {})
    if asked.operation == SCORING:
        given = await upstream.send(asked)
        if given.accepted and of_span(asked):
            hidden[asked.at("traceId")] = hidden.get(asked.at("traceId"), 0) + 1
        return given
    return await each(lambda row: {**row, "scoreCount": row["scoreCount"] - hidden.get(row["id"], 0)})(asked, upstream)


async def counts_refused(asked: Asked, upstream: Upstream) -> Response:
    """Refused scores count, too."""
    added: dict[str, int] = upstream.memory.setdefault("added", {})
    if asked.operation == SCORING:
        given = await upstream.send(asked)
        if not given.accepted and isinstance(asked.at("traceId"), str):
            added[asked.at("traceId")] = added.get(asked.at("traceId"), 0) + 1
        return given
    return await each(lambda row: {**row, "scoreCount": row["scoreCount"] + added.get(row["id"], 0)})(asked, upstream)


async def refuses_young(asked: Asked, upstream: Upstream) -> Response:
    """The first score of each trace is refused, as if the trace were not there yet."""
    seen: set[str] = upstream.memory.setdefault("seen", set())
    trace = asked.at("traceId")
    if asked.operation == SCORING and isinstance(trace, str) and trace not in seen:
        seen.add(trace)
        return await refuse("unknown-resource")(asked, upstream)
    return await upstream.send(asked)


def unknown_as(status: int) -> Any:
    """Whatever is not there is answered with another status."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        given = await upstream.send(asked)
        unknown = asked.operation == SCORING and given.status == CONTRACT.error("unknown-resource").status
        return given.with_status(status) if unknown else given

    return behaviour


async def other_traces(asked: Asked, upstream: Upstream) -> Response:
    """The other project may score traces of the main one."""
    if asked.operation == SCORING and asked.credential == upstream.people.other:
        asked = asked.with_credential(upstream.people.main)
    return await upstream.send(asked)


table = Table()
table.corrupt("scores.create.status", "a score is answered with 200", restate(200, SCORING, accepted=True))
table.corrupt(
    "scores.create.bare",
    "a score stands in data",
    whole(lambda body: {"data": body, "error": None}, accepted=True, on=SCORING),
)
table.forget("scores.create.id", "a score has no id", change_response("id", drop, SCORING))
table.corrupt("scores.create.id", "ids of scores are numbers", change_response("id", lambda _: 7, SCORING))
table.corrupt("scores.create.id-unique", "all scores have one id", same_id)
table.corrupt("scores.create.trace-id", "traceId is in capitals", change_response("traceId", str.upper, SCORING))
table.corrupt("scores.create.span-id", "spanId is null", change_response("spanId", lambda _: None, SCORING))
table.forget(
    "scores.create.span-id-null",
    "spanId is missing when there is none",
    change_response("spanId", lambda span: drop(span) if span is None else span, SCORING),
)
table.corrupt(
    "scores.create.evaluator-name", "evaluatorName is in capitals", change_response("evaluatorName", str.upper, SCORING)
)
table.corrupt(
    "scores.create.value",
    "values are rounded to one decimal",
    change_response("value", lambda number: round(number, 1), SCORING),
)
table.corrupt(
    "scores.create.value", "values are in percent", change_response("value", lambda number: number * 100, SCORING)
)
table.forget("scores.create.label", "labels are lost", change_response("label", lambda _: None, SCORING))
table.forget(
    "scores.create.reasoning",
    "reasoning is cut",
    change_response("reasoning", lambda text: text and text[:10], SCORING),
)
table.weaken(
    "scores.create.optional-fields", "a score needs a label", refuse("invalid-value", SCORING, missing("label"))
)
table.weaken(
    "scores.create.null-span",
    "spanId may not be null",
    refuse(
        "invalid-value", SCORING, lambda asked: isinstance(asked.json, dict) and asked.json.get("spanId", "") is None
    ),
)
table.weaken("scores.create.span", "scores of spans are refused", refuse("invalid-value", SCORING, of_span))
table.weaken(
    "scores.create.any-evaluator",
    "only known evaluators score",
    refuse("invalid-value", SCORING, lambda asked: " " in str(asked.at("evaluatorName"))),
)
table.forget("scores.create.counted", "scores are not counted", each(lambda row: {**row, "scoreCount": 0}))
table.forget("scores.create.span-counted", "scores of spans are not counted", forgets_spans)
table.weaken(
    "scores.value.zero",
    "the value 0 is refused",
    refuse("invalid-value", SCORING, lambda asked: value(asked) == LOWEST),
)
table.weaken(
    "scores.value.one",
    "the value 1 is refused",
    refuse("invalid-value", SCORING, lambda asked: value(asked) == HIGHEST),
)
table.weaken(
    "scores.value.between",
    "values with more than two decimals are refused",
    refuse("invalid-value", SCORING, lambda asked: value(asked) is not None and round(value(asked), 2) != value(asked)),
)
table.weaken(
    "scores.value.between",
    "only 0 and 1 are accepted",
    refuse("invalid-value", SCORING, lambda asked: value(asked) not in (None, LOWEST, HIGHEST)),
)
table.weaken(
    "scores.value.below", "a value below 0 is raised to 0", change_sent("value", lambda _: LOWEST, SCORING, below)
)
table.weaken("scores.value.above", "a value above 1 is accepted", accept(SCORING, above))
table.corrupt(
    "scores.value.status",
    "a value out of range is answered with 422",
    restate(UNPROCESSABLE, SCORING, lambda asked: below(asked) or above(asked)),
)
table.weaken("scores.value.not-number", "a number in a text is a number", accept(SCORING, not_number))
table.weaken("scores.required.trace-id", "a score needs no trace", accept(SCORING, missing("traceId")))
table.weaken("scores.required.evaluator-name", "a score needs no evaluator", accept(SCORING, missing("evaluatorName")))
table.weaken("scores.required.value", "a score needs no value", accept(SCORING, missing("value")))
table.corrupt(
    "scores.required.value", "a missing value is answered with 422", restate(UNPROCESSABLE, SCORING, missing("value"))
)
table.disorder("scores.refused.not-counted", "refused scores are counted", counts_refused)
table.weaken(
    "scores.trace.unknown", "a trace that does not exist has scores", accept(SCORING, both(is_json, lambda asked: True))
)
table.corrupt("scores.trace.unknown", "a trace that does not exist is answered with 400", unknown_as(INVALID))
table.weaken("scores.trace.other-project", "another project scores the trace", other_traces)
table.weaken("scores.span.unknown", "a span that does not exist is left out", accept(SCORING, of_span))
table.disorder("scores.trace.just-ingested", "the first score of a trace is refused", refuses_young)
table.weaken(
    "scores.max-bytes-accepted", "a score of the largest size is refused", refuse("body-too-large", SCORING, largest)
)
table.weaken("scores.max-bytes", "a score of any size is accepted", accept(SCORING, too_large))
table.corrupt(
    "scores.max-bytes-status", "a score that is too large is answered with 400", restate(INVALID, SCORING, too_large)
)

# --- values at the edges of their types ---
table.corrupt(
    "scores.create.value",
    "values have three decimals",
    change_response("value", lambda number: round(number, 3), SCORING),
)
table.corrupt(
    "scores.create.reasoning",
    "reasonings end after a thousand characters",
    change_response("reasoning", lambda text: text and text[:1000], SCORING),
)
table.corrupt(
    "scores.create.label", "an empty label is null", change_response("label", lambda text: text or None, SCORING)
)
table.corrupt(
    "scores.create.evaluator-name",
    "names of evaluators are trimmed",
    change_response("evaluatorName", str.strip, SCORING),
)
