"""Broken servers of the area rate limit. Most have a limiter of their own, before a project that is never limited."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from tests.conformance.apis.rest.broken.combinators import INGESTION, change_header, recode
from tests.conformance.apis.rest.broken.messages import CONTRACT, Asked, Behaviour, Response, Upstream, refusal
from tests.conformance.apis.rest.broken.variants import Operator, Table, Variant

SLOWEST = min(CONTRACT.plans, key=lambda name: CONTRACT.plans[name])
STATUS = CONTRACT.error("rate-limit").status
HEADERS = CONTRACT.rate_limit
BLOCKED = 8.0
"""Seconds that a key stays shut although its refusal says less."""


FEW = 50
"""Requests in a window, far below every plan."""


def limiter(share: float, *, fixed: bool = False, shared: bool = False) -> Behaviour:
    """A limit of its own: so much of the plan's rate, in fixed windows or a sliding one, for each key or for all."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        if asked.operation is None or not CONTRACT.operation(asked.operation).rate_limited or asked.credential is None:
            return await upstream.send(asked)
        now = time.monotonic()
        sent: deque[float] = upstream.memory.setdefault("" if shared else asked.credential, deque())
        start = now // HEADERS.window * HEADERS.window if fixed else now - HEADERS.window
        while sent and sent[0] <= start:
            sent.popleft()
        if len(sent) >= share * CONTRACT.plans[upstream.people.plan]:
            return refusal("rate-limit")
        sent.append(now)
        return await upstream.send(asked)

    return behaviour


async def shut(asked: Asked, upstream: Upstream) -> Response:
    """A key that was refused once stays shut for longer than its refusal says."""
    until: dict[str | None, float] = upstream.memory.setdefault("until", {})
    if asked.operation and time.monotonic() < until.get(asked.credential, 0.0):
        return refusal("rate-limit")
    given = await upstream.send(asked)
    if given.status == STATUS:
        until[asked.credential] = time.monotonic() + BLOCKED
    return given


async def stores_anyway(asked: Asked, upstream: Upstream) -> Response:
    """What is refused is put aside and stored later."""
    given = await upstream.send(asked)
    if asked.operation == INGESTION and given.status == STATUS:
        tasks: set[asyncio.Task[None]] = upstream.memory.setdefault("tasks", set())
        tasks.add(asyncio.create_task(_later(asked, upstream)))
    return given


async def _later(asked: Asked, upstream: Upstream) -> None:
    for _ in range(100):
        await asyncio.sleep(0.1)
        if (await upstream.send(asked)).status != STATUS:
            return


def _row(
    clause: str, operator: Operator, says: str, behaviour: Behaviour, plan: str = SLOWEST, *, free: bool = False
) -> None:
    table.rows.append(Variant(clause, operator, says, behaviour, plan=plan, limited=not free))


table = Table()
_row("rate.burst.refused", Operator.FORGET, "there is no limit", limiter(1000), free=True)
_row(
    "rate.refused.retry-after",
    Operator.FORGET,
    "a 429 has no Retry-After",
    change_header(HEADERS.headers.retry_after, None, STATUS),
)
_row("rate.refused.recovers", Operator.CORRUPT, "a key stays shut for longer than it says", shut)
_row(
    "rate.refused.retry-after-seconds",
    Operator.CORRUPT,
    "Retry-After has a fraction",
    change_header(HEADERS.headers.retry_after, "0.5", STATUS),
)
_row(
    "rate.refused.retry-after-seconds",
    Operator.CORRUPT,
    "Retry-After is 0",
    change_header(HEADERS.headers.retry_after, "0", STATUS),
)
_row("rate.refused.code", Operator.CORRUPT, "a 429 has the code TOO_MANY_REQUESTS", recode(STATUS, "TOO_MANY_REQUESTS"))
_row(
    "rate.refused.reset-header",
    Operator.FORGET,
    "a 429 tells the limit and not its reset",
    change_header(HEADERS.headers.reset, None, STATUS),
)
_row("rate.refused.no-effect", Operator.DISORDER, "what is refused is stored later", stores_anyway)
_row("rate.window.at-most", Operator.WEAKEN, "requests are counted in fixed windows", limiter(1, fixed=True), free=True)
_row("rate.window.at-most", Operator.WEAKEN, "twice as many again are allowed", limiter(3), free=True)
_row("rate.window.below", Operator.WEAKEN, "a fifth of the plan is allowed", limiter(0.2), free=True)
_row("rate.key.own-limit", Operator.DISORDER, "all keys share one limit", limiter(1, shared=True), free=True)
for _plan, _rate in CONTRACT.plans.items():
    _row(f"rate.plan.{_plan}", Operator.WEAKEN, "fifty requests are allowed", limiter(FEW / _rate), _plan, free=True)
