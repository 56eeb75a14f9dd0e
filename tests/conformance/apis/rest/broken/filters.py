"""Broken servers of the area filters: what a query keeps and what it leaves out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.conformance.apis.rest.broken.combinators import LISTING, accept, change_parameter, ignore_parameter
from tests.conformance.apis.rest.broken.listing import LIMIT, limit_of
from tests.conformance.apis.rest.broken.listings import everything, pages, traces, with_cursor, with_rows
from tests.conformance.apis.rest.broken.messages import Asked, Behaviour, Response, Upstream
from tests.conformance.apis.rest.broken.variants import Table

FILTERS = ("name", "status", "tags", "startDate", "endDate")

Row = dict[str, Any]


def keeping(name: str, keeps: Callable[[Row, str], bool], when: Callable[[str], bool] = lambda _: True) -> Behaviour:
    """A filter is another one than documented; all that it keeps comes on one page."""

    async def edit(given: Response, asked: Asked, upstream: Upstream) -> Response:
        wanted = asked.parameter(name)
        if wanted is None or not when(wanted):
            return given
        rows = await everything(asked.with_parameter(name, None), upstream)
        kept = [row for row in rows if keeps(row, wanted)]
        return with_cursor(with_rows(given, kept[: limit_of(asked) or LIMIT.default]), None)

    return pages(edit)


def like(row: Row, wanted: str) -> bool:
    """As SQL's LIKE and the shell's patterns have it."""
    pattern = "".join(".*" if sign in "%*" else "." if sign == "_" else re.escape(sign) for sign in wanted)
    return re.search(pattern, row["name"], re.DOTALL) is not None


def special(wanted: str) -> bool:
    """True when a text has signs that patterns give a meaning."""
    return any(sign in wanted for sign in "%_*")


def first_only(asked: Asked) -> Asked:
    """A query with the first of its filters alone."""
    used = [name for name, _ in asked.query if name in FILTERS]
    for name in used[1:]:
        asked = asked.with_parameter(name, None)
    return asked


async def one_filter(asked: Asked, upstream: Upstream) -> Response:
    """Only one filter counts."""
    return await upstream.send(first_only(asked) if asked.operation == LISTING else asked)


def hidden(name: str) -> Behaviour:
    """With this filter nothing is found."""
    return traces(lambda rows, asked: [] if asked.parameter(name) is not None else rows)


def odd(name: str) -> Callable[[Asked], bool]:
    """True when the parameter is there; used for what the good server refuses."""
    return lambda asked: asked.parameter(name) is not None


table = Table()
table.corrupt(
    "traces.list.name.substring",
    "name is compared with the whole name",
    keeping("name", lambda row, wanted: row["name"] == wanted),
)
table.corrupt(
    "traces.list.name.substring",
    "name is compared with the beginning",
    keeping("name", lambda row, wanted: row["name"].startswith(wanted)),
)
table.weaken("traces.list.name.excludes", "name is ignored", ignore_parameter("name"))
table.corrupt("traces.list.name.literal", "signs in name are patterns", keeping("name", like, special))
table.weaken(
    "traces.list.status.error",
    "status=ERROR is ignored",
    ignore_parameter("status", LISTING, lambda asked: asked.parameter("status") == "ERROR"),
)
table.corrupt(
    "traces.list.status.error",
    "status=ERROR finds nothing",
    keeping("status", lambda row, wanted: wanted != "ERROR" and row["status"] == wanted),
)
table.weaken(
    "traces.list.status.ok",
    "status=OK is ignored",
    ignore_parameter("status", LISTING, lambda asked: asked.parameter("status") == "OK"),
)
table.weaken("traces.list.status.unknown", "an unknown status is ignored", accept(LISTING, odd("status")))
table.weaken("traces.list.tags.one", "tags are ignored", ignore_parameter("tags"))
table.corrupt("traces.list.tags.one", "tags find nothing", hidden("tags"))
table.weaken(
    "traces.list.tags.all",
    "any of the tags is enough",
    keeping("tags", lambda row, wanted: any(tag in row["tags"] for tag in wanted.split(","))),
)
table.weaken(
    "traces.list.tags.all", "only the first tag counts", change_parameter("tags", lambda wanted: wanted.split(",")[0])
)
table.weaken(
    "traces.list.tags.whole",
    "parts of tags match",
    keeping("tags", lambda row, wanted: all(tag in ",".join(row["tags"]) for tag in wanted.split(","))),
)
table.weaken("traces.list.start-date.after", "startDate is ignored", ignore_parameter("startDate"))
table.corrupt("traces.list.start-date.keeps", "startDate finds nothing", hidden("startDate"))
table.weaken("traces.list.end-date.before", "endDate is ignored", ignore_parameter("endDate"))
table.corrupt("traces.list.end-date.keeps", "endDate finds nothing", hidden("endDate"))
table.weaken("traces.list.dates.malformed", "a startDate that is no date is ignored", accept(LISTING, odd("startDate")))
table.weaken("traces.list.dates.malformed", "an endDate that is no date is ignored", accept(LISTING, odd("endDate")))
table.weaken("traces.list.filters.combined", "only the first filter counts", one_filter)

# --- long and many values ---
table.corrupt(
    "traces.list.name.excludes",
    "the first 64 characters of name are compared",
    keeping("name", lambda row, wanted: wanted[:64] in row["name"]),
)
table.weaken(
    "traces.list.tags.all",
    "eight tags are compared",
    change_parameter("tags", lambda wanted: ",".join(wanted.split(",")[:8])),
)
