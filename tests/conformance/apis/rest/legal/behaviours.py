"""What odd but legal servers do that the mock does not."""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.conformance.apis.rest.broken.combinators import LISTING, after
from tests.conformance.apis.rest.broken.listing import LIMIT, limit_of
from tests.conformance.apis.rest.broken.listings import (
    cursor_of,
    everything,
    field,
    pages,
    rows_of,
    with_cursor,
    with_rows,
)
from tests.conformance.apis.rest.broken.messages import (
    CONTRACT,
    NOT_JSON,
    Asked,
    Behaviour,
    Response,
    Upstream,
    refusal,
)

DAY = timedelta(days=1)
DELAY = 0.05
"""Seconds that a slow server takes for each response."""

BEHIND = timedelta(seconds=0.3)
"""How long after the first replica the second one hears of a trace."""

LARGEST_HEAD = 16_000
"""Bytes of all headers that a gateway takes."""

_OPTIONAL = (
    CONTRACT.rate_limit.headers.limit,
    CONTRACT.rate_limit.headers.remaining,
    CONTRACT.rate_limit.headers.reset,
    "www-authenticate",
    "allow",
    "vary",
)
_TIMES = ("startTime", "endTime", "createdAt", "updatedAt")
_UNTOUCHED = ("metadata", "usage")
"""Members that are the caller's own."""


def rewritten(function: Callable[[Any], Any]) -> Behaviour:
    """The JSON of every response is another one."""

    def edit(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
        return given if given.json is NOT_JSON else given.with_json(function(given.json))

    return after(edit)


def text(function: Callable[[Any], str]) -> Behaviour:
    """The JSON of every response is the same, written otherwise."""

    def edit(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
        return given if given.json is NOT_JSON else given.with_body(function(given.json).encode())

    return after(edit)


def turned(value: Any) -> Any:
    """Objects with their members in the other order."""
    if isinstance(value, dict):
        return {key: turned(inner) for key, inner in reversed(value.items())}
    return [turned(inner) for inner in value] if isinstance(value, list) else value


def richer(value: Any) -> Any:
    """Objects with members that nobody documents; what the caller sent is left alone."""
    if isinstance(value, dict):
        own = {key: inner if key in _UNTOUCHED else richer(inner) for key, inner in value.items()}
        return {"_links": {"self": None}, **own, "region": "eu-1"}
    return [richer(inner) for inner in value] if isinstance(value, list) else value


def timed(function: Callable[[datetime], str]) -> Behaviour:
    """Timestamps are written otherwise."""

    def again(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: function(datetime.fromisoformat(inner)) if key in _TIMES and isinstance(inner, str)
                else inner if key in _UNTOUCHED else again(inner)
                for key, inner in value.items()
            }  # fmt: skip
        return [again(inner) for inner in value] if isinstance(value, list) else value

    return rewritten(again)


def other_words(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """Messages in another language."""
    if given.accepted or given.at("error", "message") is None:
        return given
    return given.with_json({**given.json, "error": {**given.json["error"], "message": "So nicht. Попробуйте иначе."}})


def bare(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """Without any header that may be left out."""
    for name in _OPTIONAL:
        given = given.with_header(name, None)
    return given


def charset(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """The media type has a parameter and capitals."""
    return (
        given.with_header("content-type", "Application/JSON; Charset=UTF-8") if given.header("content-type") else given
    )


async def opaque(asked: Asked, upstream: Upstream) -> Response:
    """Cursors are random texts, other ones each time."""
    known: dict[str, str] = upstream.memory.setdefault("cursors", {})
    cursor = asked.parameter("cursor")
    if asked.operation == LISTING and cursor is not None:
        asked = asked.with_parameter("cursor", known.get(cursor, "not one of ours"))
    given = await upstream.send(asked)
    if asked.operation == LISTING and given.accepted and (found := cursor_of(given)):
        fresh = f"{secrets.token_urlsafe(300)}+/="
        known[fresh] = found
        return with_cursor(given, fresh)
    return given


def _young(row: dict[str, Any]) -> bool:
    started = datetime.fromisoformat(row["startTime"])
    return datetime.now(started.tzinfo) - started < DAY


async def _only_young(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    return with_rows(given, [row for row in rows_of(given) if _young(row)])


retention = pages(_only_young)
"""Traces from before yesterday are hidden, as on a plan with short retention."""


async def _turns(given: Response, _asked: Asked, upstream: Upstream) -> Response:
    chance = upstream.memory.setdefault("chance", random.Random(1))  # noqa: S311 - it must repeat
    if chance.random() < 1 / 2:
        return given
    known = datetime.now(UTC) - BEHIND
    return with_rows(given, [row for row in rows_of(given) if datetime.fromisoformat(row["createdAt"]) < known])


replicas = pages(_turns)
"""One of two replicas gives a page; one of them hears of new traces later."""


async def by_creation(asked: Asked, upstream: Upstream) -> Response:
    """Dates in a query are compared with createdAt."""
    names = [name for name in ("startDate", "endDate") if asked.parameter(name) is not None]
    given = await upstream.send(asked)
    if asked.operation != LISTING or not names or not given.accepted or asked.parameter("cursor"):
        return given
    question = asked
    for name in names:
        question = question.with_parameter(name, None)
    rows = [row for row in await everything(question, upstream) if _within(row["createdAt"], asked)]
    return with_cursor(with_rows(given, rows[: limit_of(asked) or LIMIT.default]), None)


def _within(created: str, asked: Asked) -> bool:
    instant = datetime.fromisoformat(created)
    first, last = (_bound(asked.parameter(name)) for name in ("startDate", "endDate"))
    return (first is None or instant >= first) and (last is None or instant <= last)


def _bound(text: str | None) -> datetime | None:
    """A plus sign that nobody encoded comes as a space."""
    return None if text is None else datetime.fromisoformat(text.replace(" ", "+"))


async def approximate(asked: Asked, upstream: Upstream) -> Response:
    """The limit is reckoned from the counts of this fixed window and the one before, as many gateways do."""
    if asked.operation is None or not CONTRACT.operation(asked.operation).rate_limited or asked.credential is None:
        return await upstream.send(asked)
    window = CONTRACT.rate_limit.window
    number, into = divmod(time.time(), window)
    counts: dict[float, int] = upstream.memory.setdefault(asked.credential, {})
    reckoned = counts.get(number - 1, 0) * (1 - into / window) + counts.get(number, 0)
    if reckoned >= CONTRACT.plans[upstream.people.plan]:
        return refusal("rate-limit")
    counts[number] = counts.get(number, 0) + 1
    return await upstream.send(asked)


async def slow(asked: Asked, upstream: Upstream) -> Response:
    """Every response takes its time."""
    await asyncio.sleep(DELAY)
    return await upstream.send(asked)


PLAIN_HTTP: tuple[tuple[int, Callable[[Asked], bool]], ...] = (
    (431, lambda asked: sum(len(name) + len(value) for name, value in asked.headers) > LARGEST_HEAD),
    (411, lambda asked: asked.header("transfer-encoding") is not None),
    (415, lambda asked: asked.header("content-encoding") is not None),
    (415, lambda asked: (asked.header("content-type") or "application/json") != "application/json"),
)
"""Statuses of a library of HTTP or a gateway, which answers before the API is asked, and to what."""


def page(status: int, **headers: str) -> Response:
    """The page of a gateway or of a library of HTTP, which knows no envelope."""
    named = {"content-type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    rows = tuple((name.encode(), value.encode()) for name, value in named.items())
    return Response(rows, f"<html><h1>{status}</h1></html>".encode(), status)


async def gateway(asked: Asked, upstream: Upstream) -> Response:
    """HTTP that the gateway does not take never reaches the API; its answers are pages, or nothing."""
    status = next((status for status, holds in PLAIN_HTTP if holds(asked)), None)
    return await upstream.send(asked) if status is None else page(status)


def passing(*statuses: int, every: int) -> Behaviour:
    """One of so many requests meets an error that passes, each of these in turn."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        number = upstream.memory["number"] = upstream.memory.get("number", 0) + 1
        turn, rest = divmod(number, every)
        status = statuses[turn % len(statuses)]
        if rest or asked.operation is None or asked.operation == "getHealth":
            return await upstream.send(asked)
        return page(status, retry_after="0") if status == 503 else page(status)

    return behaviour


def decimal_sizes(asked: Asked) -> bool:
    """True when a body is larger than what every server must accept."""
    limit = CONTRACT.payload_limits.get(asked.operation or "")
    return limit is not None and len(asked.body) > limit.bytes


def cost(function: Callable[[Decimal], str]) -> Behaviour:
    """Costs are written otherwise."""
    return field("totalCost", lambda value: None if value is None else function(Decimal(value)))


def written(**options: Any) -> Behaviour:
    """JSON is written with these options of json.dumps."""
    return text(lambda value: json.dumps(value, **options))
