"""Broken servers of the area listing: the response to a query, its limit and its order."""

from __future__ import annotations

from collections.abc import Callable

from tests.conformance.apis.rest.broken.authentication import as_main, other
from tests.conformance.apis.rest.broken.combinators import (
    LISTING,
    accept,
    change,
    change_parameter,
    put,
    recode,
    refuse,
    restate,
)
from tests.conformance.apis.rest.broken.errors import INVALID, UNPROCESSABLE, whole
from tests.conformance.apis.rest.broken.listings import cursor_of, page, rows_of, traces, with_cursor, with_rows
from tests.conformance.apis.rest.broken.messages import CONTRACT, Asked, Response, Upstream
from tests.conformance.apis.rest.broken.variants import Table

LIMIT = CONTRACT.parameter(LISTING, "limit")
UNAUTHORIZED = CONTRACT.error("missing-key").status


def limit_of(asked: Asked) -> int | None:
    """The limit of a query, where it is a number."""
    text = asked.parameter("limit")
    return int(text) if text is not None and text.removeprefix("-").isdigit() else None


def limit_is(number: int) -> Callable[[Asked], bool]:
    """True when the limit is this."""
    return lambda asked: limit_of(asked) == number


def with_limit(number: int) -> Callable[[Asked], Asked]:
    """The query with this limit."""
    return lambda asked: asked.with_parameter("limit", str(number))


def no_limit(asked: Asked) -> bool:
    """True when the query leaves the limit to the server."""
    return asked.parameter("limit") is None


def odd_limit(asked: Asked) -> bool:
    """True when the limit is no integer."""
    return not no_limit(asked) and limit_of(asked) is None


def one_more(text: str) -> str:
    """A limit that is one too high."""
    return str(min(int(text) + 1, LIMIT.maximum)) if text.isdigit() and int(text) else text


def one_less(text: str) -> str:
    """A limit that is one too low."""
    return str(max(int(text) - 1, 1)) if text.isdigit() and int(text) <= LIMIT.maximum and int(text) else text


def cursor_of_nothing(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """A page without traces has a next one."""
    return given if rows_of(given) else with_cursor(given, "MA==")


def flickering(given: Response, _asked: Asked, upstream: Upstream) -> Response:
    """Every other response is turned round."""
    upstream.memory["turn"] = not upstream.memory.get("turn", False)
    return with_rows(given, rows_of(given)[::-1]) if upstream.memory["turn"] else given


table = Table()
table.corrupt("traces.list.status", "a query is answered with 202", restate(202, LISTING, accepted=True))
table.corrupt(
    "traces.list.envelope",
    "data is the array",
    whole(lambda body: {**body, "data": body["data"]["traces"]}, accepted=True, on=LISTING),
)
table.corrupt(
    "traces.list.envelope", "there is no envelope", whole(lambda body: body["data"], accepted=True, on=LISTING)
)
table.corrupt("traces.list.error-null", "error is an empty object", whole(put("error", {}), accepted=True, on=LISTING))
table.corrupt(
    "traces.list.next-cursor",
    "nextCursor is false at the end",
    page(lambda given, asked, upstream: with_cursor(given, cursor_of(given) or False)),
)
table.corrupt(
    "traces.list.next-cursor", "nextCursor is a number", page(lambda given, asked, upstream: with_cursor(given, 7))
)
table.corrupt(
    "traces.list.unauthorized-code",
    "a query without a key has the code MISSING_KEY",
    recode(UNAUTHORIZED, "MISSING_KEY", LISTING),
)
table.corrupt(
    "traces.list.validation-code",
    "a wrong parameter has the code INVALID_QUERY",
    recode(INVALID, "INVALID_QUERY", LISTING),
)
table.corrupt("traces.list.empty", "no traces have a next page", page(cursor_of_nothing))
table.weaken(
    "traces.list.limit.default",
    "without limit a page holds twice as many",
    change(with_limit(LIMIT.maximum), LISTING, no_limit),
)
table.forget(
    "traces.list.limit.default-full",
    "without limit a page holds twenty",
    change(with_limit(LIMIT.default // 2), LISTING, no_limit),
)
table.weaken("traces.list.limit.size", "a page holds one more", change_parameter("limit", one_more))
table.weaken(
    "traces.list.limit.size",
    "limit is ignored",
    change(with_limit(LIMIT.maximum), LISTING, lambda asked: bool(limit_of(asked))),
)
table.forget("traces.list.limit.full", "a page holds one less", change_parameter("limit", one_less))
table.weaken(
    "traces.list.limit.smallest",
    "the smallest limit is refused",
    refuse("invalid-value", LISTING, limit_is(LIMIT.minimum)),
)
table.weaken(
    "traces.list.limit.largest",
    "the largest limit is refused",
    refuse("invalid-value", LISTING, limit_is(LIMIT.maximum)),
)
table.weaken(
    "traces.list.limit.below",
    "the limit 0 is taken for 1",
    change(with_limit(LIMIT.minimum), LISTING, limit_is(LIMIT.minimum - 1)),
)
table.corrupt(
    "traces.list.limit.below",
    "the limit 0 is answered with 422",
    restate(UNPROCESSABLE, LISTING, limit_is(LIMIT.minimum - 1)),
)
table.weaken(
    "traces.list.limit.above",
    "a limit that is too high is lowered",
    change(with_limit(LIMIT.maximum), LISTING, limit_is(LIMIT.maximum + 1)),
)
table.weaken("traces.list.limit.not-integer", "a limit that is no integer is left out", accept(LISTING, odd_limit))
table.disorder("traces.list.order.newest-first", "a page has the oldest first", traces(lambda rows, asked: rows[::-1]))
table.disorder(
    "traces.list.order.newest-first",
    "a page is in the order of names",
    traces(lambda rows, asked: sorted(rows, key=lambda row: str(row["name"]) + row["id"])),
)
table.disorder("traces.list.order.stable", "every other response is turned round", page(flickering))
table.weaken("traces.project.isolated", "the other project sees the main one", as_main(other, LISTING))
