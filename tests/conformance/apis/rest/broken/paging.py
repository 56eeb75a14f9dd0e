"""Broken servers of the area paging: walks and cursors."""

from __future__ import annotations

import secrets

from tests.conformance.apis.rest.broken.combinators import LISTING, accept, restate
from tests.conformance.apis.rest.broken.errors import INTERNAL
from tests.conformance.apis.rest.broken.listing import LIMIT, limit_of
from tests.conformance.apis.rest.broken.listings import cursor_of, everything, page, rows_of, with_cursor, with_rows
from tests.conformance.apis.rest.broken.messages import Asked, Behaviour, Response, Upstream
from tests.conformance.apis.rest.broken.variants import Table

BEYOND = "beyond"
"""A cursor after the last page."""


def has_cursor(asked: Asked) -> bool:
    """True when a query goes on with a walk."""
    return asked.parameter("cursor") is not None


def loses_last(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """The last trace of a page is on no page."""
    return with_rows(given, rows_of(given)[:-1]) if cursor_of(given) else given


def repeats_last(given: Response, asked: Asked, upstream: Upstream) -> Response:
    """A page begins with the last trace of the page before."""
    rows = rows_of(given)
    before = upstream.memory.get(f"last {asked.parameter('cursor')}")
    if (cursor := cursor_of(given)) and rows:
        upstream.memory[f"last {cursor}"] = rows[-1]
    return with_rows(given, [before, *rows][: limit_of(asked) or LIMIT.default]) if before else given


def repeats_all(given: Response, asked: Asked, upstream: Upstream) -> Response:
    """A page holds the page before again."""
    rows = rows_of(given)
    before = upstream.memory.get(f"page {asked.parameter('cursor')}", [])
    if cursor := cursor_of(given):
        upstream.memory[f"page {cursor}"] = rows
    return with_rows(given, [*before, *rows])


async def never_ends(asked: Asked, upstream: Upstream) -> Response:
    """After the last page comes an empty one, and again."""
    beyond = asked.operation == LISTING and asked.parameter("cursor") == BEYOND
    given = await upstream.send(asked.with_parameter("cursor", None) if beyond else asked)
    if asked.operation != LISTING or not given.accepted:
        return given
    return with_cursor(
        with_rows(given, []) if beyond else given, cursor_of(given) if cursor_of(given) and not beyond else BEYOND
    )


async def empty_last(asked: Asked, upstream: Upstream) -> Response:
    """A last page that is full is followed by an empty one."""
    known: dict[str, Asked] = upstream.memory.setdefault("ends", {})
    cursor = asked.parameter("cursor")
    if asked.operation == LISTING and cursor in known and asked.credential == known[cursor].credential:
        given = await upstream.send(asked.with_parameter("cursor", None))
        return with_cursor(with_rows(given, []), None) if given.accepted else given
    given = await upstream.send(asked)
    full = len(rows_of(given)) == (limit_of(asked) or LIMIT.default)
    if asked.operation == LISTING and given.accepted and full and cursor_of(given) is None:
        end = f"end.{secrets.token_urlsafe(9)}"
        known[end] = asked
        return with_cursor(given, end)
    return given


def empty_text(given: Response, _asked: Asked, _upstream: Upstream) -> Response:
    """The cursor of the last page is an empty text."""
    return given if cursor_of(given) else with_cursor(given, "")


async def filters_late(asked: Asked, upstream: Upstream) -> Response:
    """A page is cut first and filtered then."""
    names = {name for name, _ in asked.query} - {"cursor", "limit"}
    if asked.operation != LISTING or not names:
        return await upstream.send(asked)
    bare = asked
    for name in names:
        bare = bare.with_parameter(name, None)
    given = await upstream.send(bare)
    kept = {row["id"] for row in await everything(asked, upstream)}
    return with_rows(given, [row for row in rows_of(given) if row["id"] in kept]) if given.accepted else given


def loses_after(pages_before: int) -> Behaviour:
    """The walk ends after so many pages."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        given = await upstream.send(asked)
        cursor = cursor_of(given) if asked.operation == LISTING and given.accepted else None
        if cursor is None:
            return given
        depths: dict[str | None, int] = upstream.memory.setdefault("depths", {None: 0})
        depths[cursor] = depths.get(asked.parameter("cursor"), 0) + 1
        return with_cursor(given, None) if depths[cursor] >= pages_before else given

    return behaviour


def small_pages_lose(given: Response, asked: Asked, upstream: Upstream) -> Response:
    """Pages of few traces lose one."""
    small = (limit_of(asked) or LIMIT.default) <= 3
    return loses_last(given, asked, upstream) if small else given


def small_pages_turn(given: Response, asked: Asked, _upstream: Upstream) -> Response:
    """Pages of few traces are turned round."""
    small = 1 < (limit_of(asked) or LIMIT.default) <= 5
    return with_rows(given, rows_of(given)[::-1]) if small else given


def by_number() -> Behaviour:
    """The cursor counts traces from the newest, so that new ones move all the others on."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        cursor = asked.parameter("cursor") or ""
        if asked.operation != LISTING or (cursor and not cursor.startswith("at-")):
            return await upstream.send(asked)
        given = await upstream.send(asked.with_parameter("cursor", None))
        if not given.accepted:
            return given
        rows = await everything(asked, upstream)
        return _numbered(given, rows, int(cursor.removeprefix("at-") or 0), limit_of(asked) or LIMIT.default)

    return behaviour


def _numbered(given: Response, rows: list[dict[str, object]], first: int, limit: int) -> Response:
    end = first + limit
    return with_cursor(with_rows(given, rows[first:end]), f"at-{end}" if end < len(rows) else None)


async def filters_end(asked: Asked, upstream: Upstream) -> Response:
    """Filters count on the first page only."""
    if asked.operation != LISTING or not has_cursor(asked):
        return await upstream.send(asked)
    given = await upstream.send(asked)
    names = {name for name, _ in asked.query} - {"cursor", "limit"}
    if not given.accepted or not names:
        return given
    bare = asked.with_parameter("cursor", None)
    for name in names:
        bare = bare.with_parameter(name, None)
    kept = {row["id"] for row in await everything(asked, upstream)}
    others = [row for row in await everything(bare, upstream) if row["id"] not in kept]
    return with_rows(given, [*rows_of(given), *others[:1]][-(limit_of(asked) or LIMIT.default) :])


async def tells_others(asked: Asked, upstream: Upstream) -> Response:
    """A cursor opens the project that it was made in."""
    owners: dict[str, str] = upstream.memory.setdefault("cursors", {})
    cursor = asked.parameter("cursor")
    given = await upstream.send(asked.with_credential(owners[cursor]) if cursor in owners else asked)
    if asked.operation == LISTING and (found := cursor_of(given)) and asked.credential:
        owners.setdefault(found, asked.credential)
    return given


table = Table()
table.disorder("traces.list.walk.complete", "the last trace of each page is lost", page(loses_last))
table.disorder(
    "traces.list.walk.no-repeat", "each page begins with the last trace of the one before", page(repeats_last)
)
table.disorder("traces.list.walk.no-repeat", "each page holds the one before again", page(repeats_all))
table.disorder("traces.list.walk.ends", "there is always a next page", never_ends)
table.disorder("traces.list.walk.ends", "a full last page is followed by an empty one", empty_last)
table.corrupt("traces.list.walk.ends", "the cursor of the last page is an empty text", page(empty_text))
table.corrupt("traces.list.empty", "no results have an empty text for a cursor", page(empty_text))
table.disorder("traces.list.limit.full", "filters come after the page was cut", filters_late)
table.disorder("traces.list.walk.complete", "a walk ends after five pages", loses_after(5))
table.disorder("traces.list.walk.same-set", "small pages lose traces", page(small_pages_lose))
table.disorder("traces.list.walk.same-order", "small pages are turned round", page(small_pages_turn))
table.disorder("traces.list.walk.filters", "later pages hold a trace that does not match", filters_end)
table.disorder("traces.list.walk.inserts", "the cursor counts from the newest trace", by_number())
table.weaken("traces.list.cursor.malformed", "any text is a cursor", accept(LISTING, has_cursor))
table.corrupt(
    "traces.list.cursor.not-500", "a wrong cursor is answered with 500", restate(INTERNAL, LISTING, has_cursor)
)
table.weaken("traces.list.cursor.other-project", "a cursor opens the project that it was made in", tells_others)
