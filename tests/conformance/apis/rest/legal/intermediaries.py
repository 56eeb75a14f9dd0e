"""What stands between the suite and a legal server does: gateways, edges and caches, and the way to them."""

from __future__ import annotations

import asyncio
import gzip
import random
import time
from collections.abc import Callable
from email.utils import formatdate

from tests.conformance.apis.rest.broken.messages import (
    NOT_JSON,
    Asked,
    Behaviour,
    Response,
    Upstream,
    json_response,
    refusal,
)

LARGEST_HEAD = 16_000
"""Bytes of all headers that a gateway takes."""

DELAY = 0.05
"""Seconds that a slow server takes for each response."""

COLD = 1.5
"""Seconds that a server takes for its first response."""

SIGN_IN = 0.4
"""Seconds that a server takes to look at a password."""

PLAIN_HTTP: tuple[tuple[int, Callable[[Asked], bool]], ...] = (
    (431, lambda asked: sum(len(name) + len(value) for name, value in asked.headers) > LARGEST_HEAD),
    (411, lambda asked: asked.header("transfer-encoding") is not None),
    (415, lambda asked: asked.header("content-encoding") is not None),
    (415, lambda asked: (asked.header("content-type") or "application/json") != "application/json"),
)
"""Statuses of a library of HTTP or a gateway, which answers before the API is asked, and to what."""

LOGIN = "login"
_HEADERS = {
    "server": "edge/2.4",
    "via": "1.1 edge-7, 1.1 origin",
    "x-cache": "MISS",
    "set-cookie": "lb=7; Path=/; HttpOnly",
    "strict-transport-security": "max-age=31536000",
    "cache-control": "no-store, private",
    "etag": '"5d8c72a5edda8d6a"',
}


def page(status: int, **headers: str) -> Response:
    """The page of a gateway or of a library of HTTP, which knows no envelope."""
    named = {"content-type": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
    rows = tuple((name.encode(), value.encode()) for name, value in named.items())
    return Response(rows, f"<html><h1>{status}</h1></html>".encode(), status)


def note(status: int) -> Response:
    """The same in JSON, in an envelope of the gateway's own."""
    return json_response(status, {"message": "upstream is away", "status": status})


def back_soon(status: int) -> Response:
    """A page that names the time at which to come again."""
    return page(status, retry_after=formatdate(time.time(), usegmt=True))


async def gateway(asked: Asked, upstream: Upstream) -> Response:
    """HTTP that the gateway does not take never reaches the API; its answers are pages, or nothing."""
    status = next((status for status, holds in PLAIN_HTTP if holds(asked)), None)
    return await upstream.send(asked) if status is None else page(status)


def passing(*statuses: int, every: int, answer: Callable[[int], Response] = page) -> Behaviour:
    """One of so many requests meets an error that passes, each of these in turn."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        number = upstream.memory["number"] = upstream.memory.get("number", 0) + 1
        turn, rest = divmod(number, every)
        status = statuses[turn % len(statuses)]
        if rest or asked.operation is None or asked.operation == "getHealth":
            return await upstream.send(asked)
        return page(status, retry_after="0") if answer is page and status == 503 else answer(status)

    return behaviour


async def slow(asked: Asked, upstream: Upstream) -> Response:
    """Every response takes its time."""
    await asyncio.sleep(DELAY)
    return await upstream.send(asked)


async def unsteady(asked: Asked, upstream: Upstream) -> Response:
    """Some responses take their time, so that later requests overtake earlier ones."""
    chance = upstream.memory.setdefault("chance", random.Random(1))  # noqa: S311 - it must repeat
    await asyncio.sleep(chance.choice((0, 0, 0, DELAY, 2 * DELAY)))
    return await upstream.send(asked)


async def cold(asked: Asked, upstream: Upstream) -> Response:
    """The first response of a server that was asleep."""
    if not upstream.memory.setdefault("awake", False):
        upstream.memory["awake"] = True
        await asyncio.sleep(COLD)
    return await upstream.send(asked)


async def slow_sign_in(asked: Asked, upstream: Upstream) -> Response:
    """A password is looked at with care."""
    if asked.operation == LOGIN:
        await asyncio.sleep(SIGN_IN)
    return await upstream.send(asked)


async def throttled_sign_in(asked: Asked, upstream: Upstream) -> Response:
    """Of logins in a row every third has to wait a second; the documentation limits neither these nor forbids it."""
    if asked.operation == LOGIN:
        number = upstream.memory["logins"] = upstream.memory.get("logins", 0) + 1
        if number % 3 == 0:
            return refusal("rate-limit")
    return await upstream.send(asked)


def more_headers(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """Headers of an edge, of a load balancer and of a cache."""
    for name, value in _HEADERS.items():
        given = given.with_header(name, value)
    return given


def capital_headers(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """Names of headers in capitals."""
    return Response(tuple((name.upper(), value) for name, value in given.headers), given.body, given.status)


def compressed(given: Response, asked: Asked, _upstream: Upstream) -> Response:
    """JSON is compressed for whom that suits."""
    if given.json is NOT_JSON or "gzip" not in (asked.header("accept-encoding") or ""):
        return given
    return given.with_body(gzip.compress(given.body)).with_header("content-encoding", "gzip")


def undated(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """Without the time."""
    return given.with_header("date", None)
