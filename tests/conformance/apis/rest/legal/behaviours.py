"""What odd but legal servers do that the mock does not."""

from __future__ import annotations

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
BEHIND = timedelta(seconds=0.3)
"""How long after the first replica the second one hears of a trace."""

_OPTIONAL = (
    CONTRACT.rate_limit.headers.limit,
    CONTRACT.rate_limit.headers.remaining,
    CONTRACT.rate_limit.headers.reset,
    "www-authenticate",
    "allow",
    "vary",
)
_TIMES = ("startTime", "endTime", "createdAt", "updatedAt")
_EVERY_TYPE: dict[str, Any] = {
    "x_null": None,
    "x_true": True,
    "x_integer": 2**53,
    "x_number": -1.5e-7,
    "x_text": "\u00e9\U0001f600",
    "x_array": [[], {}, None, 1],
    "x_object": {"x": {"": {}}},
}
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


def strange(value: Any) -> Any:
    """Objects with undocumented members of every type; what the caller sent is left alone."""
    if isinstance(value, dict):
        own = {key: inner if key in _UNTOUCHED else strange(inner) for key, inner in value.items()}
        return {**own, **_EVERY_TYPE}
    return [strange(inner) for inner in value] if isinstance(value, list) else value


def ordered(value: Any) -> Any:
    """Objects with their members by the alphabet."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(inner) for inner in value] if isinstance(value, list) else value


def explained(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """Errors tell more than their code, and at length."""
    if given.accepted or given.at("error", "message") is None:
        return given
    error = given.json["error"]
    more = {"details": [{"path": ["batch", 0], "hint": None}], "requestId": "7f3a", "status": given.status}
    told = {**error, **more, "message": f"{error['message']}. " + "See the documentation. " * 300}
    return given.with_json({**given.json, "error": told})


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


def cursors(make: Callable[[int], str]) -> Behaviour:
    """Cursors are other texts, made from how many there were before."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        known: dict[str, str] = upstream.memory.setdefault("cursors", {})
        cursor = asked.parameter("cursor")
        if asked.operation == LISTING and cursor is not None:
            asked = asked.with_parameter("cursor", known.get(cursor, "not one of ours"))
        given = await upstream.send(asked)
        if asked.operation == LISTING and given.accepted and (found := cursor_of(given)):
            fresh = make(len(known))
            known[fresh] = found
            return with_cursor(given, fresh)
        return given

    return behaviour


def opaque(_number: int) -> str:
    """A random text of signs that have to be encoded, too."""
    return f"{secrets.token_urlsafe(300)}+/="


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
    return await _late(given, _asked, upstream)


replicas = pages(_turns)
"""One of two replicas gives a page; one of them hears of new traces later."""


async def _late(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    known = datetime.now(UTC) - BEHIND
    return with_rows(given, [row for row in rows_of(given) if datetime.fromisoformat(row["createdAt"]) < known])


late = pages(_late)
"""Pages show what is new a moment later."""


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
