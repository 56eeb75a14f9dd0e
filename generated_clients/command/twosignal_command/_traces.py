"""Walks over traces: page by page, with the scores of each where they are wanted, and on as new ones come."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypedDict, TypeVar

from ._connection import CONNECTIONS
from ._errors import ApiError, CommandError
from ._output import note
from ._records import Record, rows
from .generated import policy
from .generated.procedures import Procedures

T = TypeVar("T")

PAGE = policy.PROCEDURES["trace.list"].fields["limit"]
_LONGEST_PATIENCE = 60.0
"""Seconds for which a walk waits, all in all, when the server says that it comes too fast."""
_SHORTEST_WAIT = 1.0
_MOST_EMPTY_PAGES = 1000
"""Pages without a trace in a row; a walk over more would never end."""
_REMEMBERED = 10_000
"""Traces that `follow` knows to have shown."""


class Filters(TypedDict, total=False):
    """What `trace.list` filters by."""

    status: str | None
    name: str | None
    tags: list[str] | None
    start_date: str | None
    end_date: str | None


class Walk:
    """The traces of a project that pass some filters, the newest first."""

    def __init__(self, api: Procedures, project: str, filters: Filters) -> None:
        self._api = api
        self._project = project
        self._filters = filters
        self._patience = _LONGEST_PATIENCE

    def pages(self, most: int | None) -> Iterator[list[Record]]:
        """Pages with all traces, or with the first ones: `most` is how many."""
        cursor: str | None = None
        seen: set[str] = set()
        empty = 0
        while most is None or most > 0:
            page, following = self._page(min(most or _largest(), _largest()), cursor)
            page = page if most is None else page[:most]
            empty = 0 if page else empty + 1
            most = None if most is None else most - len(page)
            if page:
                yield page
            if following is None:
                return
            if following in seen or empty > _MOST_EMPTY_PAGES:
                cause = "The server gives the same page again and again"
                raise CommandError("Endless list", cause, "Use --limit, and tell who runs the server")
            seen.add(following)
            cursor = following

    def scored(self, page: list[Record]) -> list[Record]:
        """The same traces with their scores. Where the list has none, each trace that has some is asked for."""
        pool = ThreadPoolExecutor(CONNECTIONS)
        try:
            return list(pool.map(self._with_scores, page))
        finally:
            # After an error or Ctrl-C nobody waits for the others.
            pool.shutdown(wait=False, cancel_futures=True)

    def follow(self, first: int, interval: float) -> Iterator[Record]:
        """The last traces, the oldest first, and then new ones as they come, for ever."""
        known = [trace for page in self.pages(max(first, _largest())) for trace in page]
        shown = deque((str(trace.get("id")) for trace in reversed(known)), maxlen=_REMEMBERED)
        yield from reversed(known[:first])
        while True:
            time.sleep(interval)
            try:
                fresh = self._unseen(frozenset(shown))
            except CommandError as error:
                if isinstance(error, ApiError) and error.code != policy.RATE_LIMITED:
                    raise
                note(f"Warning: {error.title}: {error.cause}; trying again")
                continue
            for trace in reversed(fresh):
                shown.append(str(trace.get("id")))
                yield trace

    def _unseen(self, known: frozenset[str]) -> list[Record]:
        """New traces: those above the first page that has one that is known."""
        found: list[Record] = []
        for page in self.pages(_REMEMBERED):
            fresh = [trace for trace in page if str(trace.get("id")) not in known]
            found += fresh
            if len(fresh) < len(page):
                break
        return found

    def _page(self, limit: int, cursor: str | None) -> tuple[list[Record], str | None]:
        value: Any = self._patiently(
            lambda: self._api.trace_list(project_id=self._project, limit=limit, cursor=cursor, **self._filters)
        )
        following: Any = value.get("nextCursor") if isinstance(value, Mapping) else None
        return rows(value, "traces"), following if isinstance(following, str) and following else None

    def _with_scores(self, trace: Record) -> Record:
        counts = trace.get("_count")
        if "scores" in trace or not isinstance(trace.get("id"), str):
            return trace
        if isinstance(counts, Mapping) and counts.get("scores") == 0:
            return {**trace, "scores": []}
        try:
            detail: Any = self._patiently(lambda: self._api.trace_by_id(id=trace["id"], project_id=self._project))
        except ApiError as error:
            if error.code != policy.NOT_FOUND:
                raise
            detail = {}  # deleted meanwhile
        return {**trace, "scores": detail.get("scores", []) if isinstance(detail, Mapping) else []}

    def _patiently(self, call: Callable[[], T]) -> T:
        """The result of a call that is made again when the server says that it came too fast."""
        while True:
            try:
                return call()
            except ApiError as error:
                seconds = max(_SHORTEST_WAIT, error.wait or 0)
                if error.code != policy.RATE_LIMITED or seconds > self._patience:
                    raise
                self._patience -= seconds
            time.sleep(seconds)


def _largest() -> int:
    return PAGE.most or 1
