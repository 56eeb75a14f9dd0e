"""What rows about the listing are made of: behaviours that act on its pages, and questions to the good server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.conformance.apis.rest.broken.combinators import LISTING, concerns
from tests.conformance.apis.rest.broken.messages import Asked, Behaviour, Response, Upstream

Row = dict[str, Any]
EachRow = Callable[[Row], Row]
AllRows = Callable[[list[Row], Asked], list[Row]]


def rows_of(given: Response) -> list[Row]:
    """The traces of a page."""
    return list(given.at("data", "traces") or ())


def with_rows(given: Response, rows: list[Row]) -> Response:
    """The page with other traces."""
    return given.with_json({**given.json, "data": {**given.json["data"], "traces": rows}})


def cursor_of(given: Response) -> str | None:
    """Where the next page begins."""
    cursor: str | None = given.at("data", "nextCursor")
    return cursor


def with_cursor(given: Response, cursor: Any) -> Response:
    """The page with another next one."""
    return given.with_json({**given.json, "data": {**given.json["data"], "nextCursor": cursor}})


def pages(edit: Callable[[Response, Asked, Upstream], Awaitable[Response]]) -> Behaviour:
    """Accepted answers of the listing are edited by something that may ask the good server more."""

    async def behaviour(asked: Asked, upstream: Upstream) -> Response:
        given = await upstream.send(asked)
        if concerns(asked, LISTING) and given.accepted and given.body:
            return await edit(given, asked, upstream)
        return given

    return behaviour


def page(edit: Callable[[Response, Asked, Upstream], Response]) -> Behaviour:
    """Accepted answers of the listing are edited."""

    async def asking(given: Response, asked: Asked, upstream: Upstream) -> Response:
        return edit(given, asked, upstream)

    return pages(asking)


def each(function: EachRow) -> Behaviour:
    """Each listed trace is another one."""
    return page(lambda given, asked, upstream: with_rows(given, [function(row) for row in rows_of(given)]))


def field(name: str, function: Callable[[Any], Any]) -> Behaviour:
    """A field of each listed trace has another value."""
    return each(lambda row: {**row, name: function(row[name])})


def without(name: str) -> Behaviour:
    """A field of each listed trace is missing."""
    return each(lambda row: {key: value for key, value in row.items() if key != name})


def traces(function: AllRows) -> Behaviour:
    """The traces of a page are others, or in another order."""
    return page(lambda given, asked, upstream: with_rows(given, function(rows_of(given), asked)))


async def everything(asked: Asked, upstream: Upstream, most: int = 40) -> list[Row]:
    """All traces that match the filters of a request, in order, whatever page was asked for."""
    found: list[Row] = []
    question = asked.with_parameter("cursor", None).with_parameter("limit", None)
    for _ in range(most):
        given = await upstream.send(question)
        found += rows_of(given)
        if (cursor := cursor_of(given)) is None:
            break
        question = question.with_parameter("cursor", cursor)
    return found
