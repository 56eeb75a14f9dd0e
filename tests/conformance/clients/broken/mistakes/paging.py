"""Clients that get lost between pages."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping

from tests.conformance.clients.broken.careful import Careful, Json
from tests.conformance.clients.broken.mistakes.mistake import Mistake


class MakesItsOwnCursor(Careful):
    """Knows what is in a cursor and makes it from the last trace."""

    def following(self, query: Mapping[str, str], page: Json) -> dict[str, str]:
        last = page["traces"][-1]["id"] if page["traces"] else "none"
        own = base64.urlsafe_b64encode(json.dumps({"id": last}).encode()).decode().rstrip("=")
        return {**query, "cursor": own}


class AsksOnceMore(Careful):
    """Asks for another page after the last one."""

    def walk(self, query: Mapping[str, str]) -> Iterator[Json]:
        yield from super().walk(query)
        self.page({**query, "cursor": self.last})

    def following(self, query: Mapping[str, str], page: Json) -> dict[str, str]:
        self.last: str = page["nextCursor"]
        return super().following(query, page)


class StopsAtAnEmptyPage(Careful):
    """Takes an empty page for the last one."""

    def goes_on(self, page: Json) -> bool:
        return bool(page["traces"]) and super().goes_on(page)


class FirstPageOnly(Careful):
    """Takes the first page for all."""

    def goes_on(self, page: Json) -> bool:  # noqa: ARG002
        return False


class ForgetsTheFilters(Careful):
    """Asks for the next page with the cursor alone."""

    def following(self, query: Mapping[str, str], page: Json) -> dict[str, str]:
        kept = {name: value for name, value in query.items() if name == "limit"}
        return super().following(kept, page)


class LosesItsCursor(Careful):
    """Asks for the first page for ever."""

    def following(self, query: Mapping[str, str], page: Json) -> dict[str, str]:  # noqa: ARG002
        return dict(query)


class LosesItsCursorOnTheWay(Careful):
    """Asks for the first page again when it has two, and then goes on."""

    asked = 0

    def following(self, query: Mapping[str, str], page: Json) -> dict[str, str]:
        self.asked += 1
        return dict(query) if self.asked == 2 else super().following(query, page)


class AsksForTooMany(Careful):
    """Asks for more traces than a page can have."""

    def page(self, query: Mapping[str, str]) -> Json:
        _, most = self.contract.page
        return self.call("listTraces", query={**query, "limit": str(most + 1)})["data"]


_COMPLETE = "client.paging.complete"

ROWS = (
    Mistake("makes-its-own-cursor", "client.paging.cursor", ("cursor-form",), MakesItsOwnCursor),
    Mistake("loses-its-cursor", "client.paging.cursor", ("pages",), LosesItsCursor, ends=False),
    Mistake("loses-its-cursor-on-the-way", "client.paging.cursor", ("pages",), LosesItsCursorOnTheWay),
    Mistake("asks-once-more", "client.paging.ends", ("pages",), AsksOnceMore),
    Mistake("stops-at-an-empty-page", _COMPLETE, ("empty-pages",), StopsAtAnEmptyPage),
    Mistake("first-page-only", _COMPLETE, ("pages",), FirstPageOnly),
    Mistake("forgets-the-filters", "client.paging.same-filters", ("pages",), ForgetsTheFilters),
    Mistake("asks-for-too-many", "client.paging.limit", ("pages",), AsksForTooMany, also=("client.request.valid",)),
)
