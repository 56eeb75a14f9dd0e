"""Broken servers that share what belongs to one project, or lose one of several writes at the same time."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable
from typing import Any

from tests.conformance.apis.rest.broken.combinators import (
    INGESTION,
    LISTING,
    OTLP,
    PUSHING,
    RESOLVING,
    SCORING,
    pretended,
)
from tests.conformance.apis.rest.broken.listings import Row, rows_of, with_rows
from tests.conformance.apis.rest.broken.messages import Asked, Behaviour, Response, Upstream
from tests.conformance.apis.rest.broken.otlp import spans as exported
from tests.conformance.apis.rest.broken.shapes import SPAN, bodies, count_of, events, trace_of
from tests.conformance.apis.rest.broken.variants import Table

COLLISION = 0.02
"""Seconds for which a write is under way, so that others come meanwhile."""


def adding(on: str, traces: Callable[[Asked], list[str]], name: str, by: int = 1) -> Behaviour:
    """What the other project writes under an id is added to a member of the main project's trace, too."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        added: dict[str, int] = upstream.memory.setdefault("added", {})
        given = await upstream.send(asked)
        if asked.operation == on and given.accepted and asked.credential == upstream.people.other:
            for trace in traces(asked):
                added[trace] = added.get(trace, 0) + by
        if asked.operation != LISTING or not given.accepted or asked.credential != upstream.people.main:
            return given
        return with_rows(given, [{**row, name: row[name] + added.get(row["id"], 0)} for row in rows_of(given)])

    return behaviour


def scored(asked: Asked) -> list[str]:
    """The trace of a score."""
    return [str(asked.at("traceId"))]


def spanned(asked: Asked) -> list[str]:
    """The trace of each span of a batch."""
    return [str(trace_of(span)) for span in bodies(asked, SPAN)]


async def events_of_all(asked: Asked, upstream: Upstream) -> Response:
    """An event is known when any project sent one with its id."""
    owners: dict[str, str | None] = upstream.memory.setdefault("owners", {})
    if asked.operation != INGESTION:
        return await upstream.send(asked)
    own = [row for row in events(asked) if owners.setdefault(str(row.get("id")), asked.credential) == asked.credential]
    if not own:
        return pretended(asked, count_of(asked))
    return await upstream.send(asked.with_json({**asked.json, "batch": own}))


async def versions_of_all(asked: Asked, upstream: Upstream) -> Response:
    """Versions are counted over all projects."""
    counts: dict[str, int] = upstream.memory.setdefault("counts", {})
    numbers: dict[tuple[str | None, str], int] = upstream.memory.setdefault("numbers", {})
    given = await upstream.send(asked)
    if asked.operation == PUSHING and given.accepted:
        name = str(asked.at("name"))
        counts[name] = numbers[asked.credential, name] = counts.get(name, 0) + 1
    name = asked.parameter("name") or ""
    if asked.operation != RESOLVING or not given.accepted or (asked.credential, name) not in numbers:
        return given
    data = given.at("data")
    version = {**data["version"], "version": numbers[asked.credential, name]}
    return given.with_json({**given.json, "data": {**data, "version": version}})


def losing(on: str, record: Callable[[Asked], Any], answer: Callable[[Asked], Any]) -> Behaviour:
    """A write of a record that comes while another one is under way is answered, and lost."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        if asked.operation != on:
            return await upstream.send(asked)
        under_way: list[Any] = upstream.memory.setdefault("under way", [])
        own = record(asked)
        if own in under_way:
            return pretended(asked, answer(asked))
        under_way.append(own)
        try:
            await asyncio.sleep(COLLISION)
            return await upstream.send(asked)
        finally:
            under_way.remove(own)

    return behaviour


def as_scored(asked: Asked) -> Row:
    """The answer to a score that is not stored."""
    return {"id": str(uuid.uuid4()), **asked.json}


async def ids_of_a_moment(asked: Asked, upstream: Upstream) -> Response:
    """Scores that come at the same time get the same id."""
    given = await upstream.send(asked)
    if asked.operation != SCORING or not given.accepted:
        return given
    shared: list[str] = upstream.memory.setdefault("ids", [])
    shared.append(str(given.at("id")))
    first = shared[0]
    await asyncio.sleep(COLLISION)
    if shared and shared[0] == first:
        shared.clear()
    return given.with_json({**given.json, "id": first})


TRACE = "traces.trace.own-project"

table = Table()
table.weaken(TRACE, "scores of all projects count", adding(SCORING, scored, "scoreCount"))
table.weaken(TRACE, "spans of all projects count", adding(INGESTION, spanned, "spanCount"))
table.weaken(TRACE, "tokens of all projects are added", adding(INGESTION, spanned, "totalTokens", by=1000))
table.disorder(TRACE, "events are known in all projects", events_of_all)
table.corrupt("templates.push.own-project", "versions are counted over all projects", versions_of_all)
table.disorder("scores.create.counted", "of scores at the same time one is stored", losing(SCORING, scored, as_scored))
table.disorder("scores.create.id-unique", "scores at the same time have one id", ids_of_a_moment)
table.disorder(
    "traces.fields.span-count", "of spans at the same time one is stored", losing(INGESTION, spanned, count_of)
)
table.disorder(
    "otlp.trace.visible",
    "of exports at the same time one is stored",
    losing(
        OTLP,
        lambda asked: next((span["traceId"] for span in exported(asked)), None),
        lambda asked: {"accepted": len(list(exported(asked)))},
    ),
)
