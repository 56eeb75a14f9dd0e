"""A page of the list of traces: chooses the shortest walk to it.

A walk goes through an index in the order of the list: all traces, the failing ones, those of a tag, or those of a few
names. The other filters are judged on the way, so the rarest filter should lead. A probe tells which one that is.

Before any walk, the kinds of traces tell whether a trace can pass all filters.

A part of a name has three cases. When it is common, any walk fills a page soon. When few names have it, these names
lead. When many rare names have it, their traces are gathered and sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import apsw
import orjson

from twosignal_mock.apis.rest.store._traces import ListedTrace, TraceQuery
from twosignal_mock.apis.rest.store.sqlite._kinds import may_occur, names_with
from twosignal_mock.apis.rest.store.sqlite._walks import (
    EVERYTHING,
    FAILING,
    MOVED,
    Lead,
    bindings_of,
    bounded_statement,
    filters_of,
    gathering_statement,
    moved_statement,
    probe_statement,
    walk_statement,
)

_PROBE: Mapping[str, int] = {"tag": 40, "name": 10, "failing": 10, "all": 10}
"""Steps by which the walks of two leads are compared. The one that gets further with them goes through fewer traces.
A tag that does not lead costs a look-up at each step; a name or a failure does not. So a tag gets more steps."""
_MOST_TAG_LEADS = 8
"""Tags that are compared with each other; more of them are rare enough together."""
_TRIAL = 4
"""Steps for each trace of a page, in which a common part of a name fills it before anybody asks which names have it."""
_MOST_LEADING = 12
"""Names that lead together: each has its own walk, and the walks are merged."""
_MOST_NAMES = 400
"""Names whose traces are gathered; with more of them a walk finds enough."""
_MOST_GATHERED = 2000
"""Traces that are gathered and sorted; takes a few milliseconds."""


class Pages:
    """The pages of one project."""

    def __init__(self, connection: apsw.Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def page(self, query: TraceQuery) -> Sequence[ListedTrace]:
        """The first listed traces that the query asks for, in the order of (sort_key, id)."""
        found = self._page(query)
        moved = [] if query.moves is None else self._moved(query)
        return _first(query, [*found, *moved]) if moved else found

    def _page(self, query: TraceQuery) -> Sequence[ListedTrace]:
        """The same, without those that moved since the query's walk began."""
        filters = len(query.tags) + (query.name is not None) + (query.failed is not None)
        if filters > 1 and not may_occur(self._connection, self._project, query):
            return ()
        leads = _leads(query)
        lead = self._choose(query, leads)
        if query.name is None:
            return self._walk(query, lead)
        found = self._walk(query, lead, steps=_TRIAL * query.limit)
        if len(found) == query.limit:
            return found
        names = names_with(self._connection, self._project, query.name, _MOST_NAMES)
        if names is None:
            return self._walk(query, lead)
        if len(names) <= _MOST_LEADING:
            return self._page_of_names(query, leads, names)
        gathered = self._gather(query, names)
        return self._walk(query, lead) if gathered is None else gathered

    def _page_of_names(self, query: TraceQuery, leads: Sequence[Lead], names: Sequence[str]) -> Sequence[ListedTrace]:
        if not names:
            return ()
        by_name = Lead("name", tuple(names))
        others = [lead for lead in leads if lead != EVERYTHING]
        return self._walk(query, self._choose(query, [*others, by_name]))

    def _choose(self, query: TraceQuery, leads: Sequence[Lead]) -> Lead:
        """The lead of which there are fewest where the page begins."""
        return leads[0] if len(leads) == 1 else max(leads, key=lambda lead: self._reach(query, lead))

    def _reach(self, query: TraceQuery, lead: Lead) -> int:
        """The sort key that a walk without other filters gets to in a few steps; `before` when it has fewer steps."""
        statement = probe_statement(lead.kind, len(lead.values))
        bindings = bindings_of(self._project, query, lead, steps=_PROBE[lead.kind])
        row = self._connection.execute(statement, bindings).fetchone()
        return query.before if row is None else cast(int, row[0])

    def _walk(self, query: TraceQuery, lead: Lead, *, steps: int | None = None) -> Sequence[ListedTrace]:
        """What a walk finds on its whole way, or in its first steps."""
        filters = filters_of(query, lead)
        if steps is None:
            statement = walk_statement(lead.kind, len(lead.values), filters)
        else:
            statement = bounded_statement(lead.kind, len(lead.values), filters)
        bindings = bindings_of(self._project, query, lead, steps=steps or 0)
        return cast(list[ListedTrace], self._connection.execute(statement, bindings).fetchall())

    def _gather(self, query: TraceQuery, names: Sequence[str]) -> Sequence[ListedTrace] | None:
        """The page from all traces with these names; None when there are too many to gather."""
        named = query._replace(name=None)
        lead = Lead("name")
        bindings = bindings_of(self._project, named, lead, steps=_MOST_GATHERED + 1)
        statement = gathering_statement(filters_of(named, lead))
        rows = self._connection.execute(statement, {**bindings, "names": orjson.dumps(names).decode()}).fetchall()
        if len(rows) > _MOST_GATHERED:
            return None
        return _first(query, [row[:-1] for row in rows if row[-1]])

    def _moved(self, query: TraceQuery) -> Sequence[ListedTrace]:
        """Those that moved since the query's walk began, where they stood then."""
        bindings = bindings_of(self._project, query, MOVED)
        statement = moved_statement(filters_of(query, MOVED))
        return cast(list[ListedTrace], self._connection.execute(statement, bindings).fetchall())


def _first(query: TraceQuery, found: Iterable[tuple[Any, ...]]) -> Sequence[ListedTrace]:
    """The first of the traces in the order of SQLite: texts by the bytes of UTF-8."""
    traces = [ListedTrace(*row) for row in found]
    return sorted(traces, key=lambda trace: (trace.sort_key, trace.id.encode()))[: query.limit]


def _leads(query: TraceQuery) -> Sequence[Lead]:
    leads = [Lead("tag", (tag,)) for tag in query.tags[:_MOST_TAG_LEADS]]
    if query.failed:
        leads.append(FAILING)
    return leads or [EVERYTHING]
