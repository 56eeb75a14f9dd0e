"""Pages of traces and of errors: each action or incident that is asked for has its own scan; the scans are merged."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from twosignal_mock.apis.appsignal.store._traces import Listing, PageQuery, TraceRow
from twosignal_mock.apis.appsignal.store.sqlite._dictionaries import Actions
from twosignal_mock.engine.store import Connection

_TABLES: Mapping[Listing, str] = {Listing.PERFORMANCE: "appsignal_root", Listing.ERRORS: "appsignal_error"}
_COLUMNS = "site, time, span, trace, duration, revision, npo, tags, action"
_TIME, _SPAN, _TRACE, _DURATION, _NPO, _ACTION = 1, 2, 3, 4, 6, 8
"""Of the columns."""
_FEW = 2000
"""Rows that are sorted in a moment: if no more are slow enough, they are found by their duration."""
_MOST_SCANS = 64
"""From more of them on, one scan of each site that looks at every row is cheaper."""


class _Scan(NamedTuple):
    """Rows of one site, in order, found by an index."""

    where: str
    bindings: tuple[Any, ...]


class TracePages:
    """The pages of one project."""

    def __init__(self, connection: Connection, project: int, actions: Actions) -> None:
        self._connection = connection
        self._project = project
        self._actions = actions

    def page(self, query: PageQuery) -> Sequence[TraceRow]:
        """The first rows that the query asks for."""
        actions = self._wanted_actions(query)
        where, bindings = self._conditions(query)
        key = itemgetter(_DURATION if query.by_duration else _TIME, _SPAN, _TRACE)
        scans = [self._run(query, scan, where, bindings) for scan in self._scans(query, actions)]
        rows = heapq.merge(*scans, key=key, reverse=query.descending)
        return [self._row(row) for row in islice(rows, query.limit)]

    def _wanted_actions(self, query: PageQuery) -> Sequence[int] | None:
        """The numbers of the actions that the query allows; None: all."""
        digests = query.digests if query.listing is Listing.PERFORMANCE else None
        if digests is None and query.namespace is None and query.action is None:
            return None
        return [
            known.number
            for known in self._actions.of_sites(query.sites)
            if (digests is None or known.digest in digests)
            and query.namespace in (None, known.namespace)
            and query.action in (None, known.name)
        ]

    def _scans(self, query: PageQuery, actions: Sequence[int] | None) -> Iterator[_Scan]:
        within = "" if actions is None else " AND action IN (SELECT value FROM json_each(?))"
        listed = () if actions is None else (_listed(actions),)
        if query.listing is Listing.ERRORS and query.digests is not None:
            for site, incident in self._incidents(query):
                yield _Scan(f"site = ? AND incident = ?{within}", (site, incident, *listed))
        elif query.trace is None and actions is not None and len(actions) <= _MOST_SCANS:
            for action in actions:
                yield _Scan("action = ?", (action,))
        else:
            for site in query.sites:
                # A trace has few rows, and an index of its own.
                own = "site = ?" if query.trace is None else "+site = ?"
                yield _Scan(f"{own}{within}", (site, *listed))

    def _incidents(self, query: PageQuery) -> Iterator[tuple[int, int]]:
        statement = (
            "SELECT site, number FROM appsignal_incident WHERE project = ? "
            "AND site IN (SELECT value FROM json_each(?)) AND digest IN (SELECT value FROM json_each(?))"
        )
        bindings = (self._project, _listed(query.sites), _listed(query.digests or ()))
        rows: Any = self._connection.execute(statement, bindings)
        yield from rows.fetchall()

    def _conditions(self, query: PageQuery) -> tuple[str, tuple[Any, ...]]:
        """What every row must fulfil besides what its scan finds."""
        where, bindings = list[str](), list[Any]()
        if query.trace is not None:
            where.append("trace = ?")
            bindings.append(query.trace)
        if query.least_duration:
            where.append("duration >= ?")
            bindings.append(query.least_duration)
        for name, value in query.tags:
            where.append("EXISTS (SELECT 1 FROM json_each(tags) WHERE key = ? AND value = ?)")
            bindings += [name, value]
        known = self._actions.of_sites(query.sites) if query.words else ()
        for word in map(str.casefold, query.words):
            named = [each.number for each in known if word in f"{each.namespace}\n{each.name}".casefold()]
            where.append("(action IN (SELECT value FROM json_each(?)) OR instr(words, ?) > 0)")
            bindings += [_listed(named), word]
        return "".join(f" AND {condition}" for condition in where), tuple(bindings)

    def _run(self, query: PageQuery, scan: _Scan, where: str, bindings: tuple[Any, ...]) -> Iterator[Any]:
        way = "DESC" if query.descending else "ASC"
        order = ", ".join(
            f"{column} {way}" for column in ("duration" if query.by_duration else "time", "span", "trace")
        )
        # SQLite takes a column behind a plus sign for no part of an index.
        time = "time" if self._goes_by_time(query, scan) else "+time"
        statement = (
            f"SELECT {_COLUMNS} FROM {_TABLES[query.listing]} WHERE project = ? AND {scan.where} "
            f"AND {time} BETWEEN ? AND ?{where} ORDER BY {order} LIMIT ?"
        )
        values = (self._project, *scan.bindings, *query.range, *bindings, query.limit)
        rows: Any = self._connection.execute(statement, values)
        return iter(rows.fetchall())

    def _goes_by_time(self, query: PageQuery, scan: _Scan) -> bool:
        """Whether an index in the order of time finds the rows soonest."""
        if query.by_duration or query.trace is not None:
            return False
        if not query.least_duration:
            return True
        statement = (
            f"SELECT count(*) FROM (SELECT 1 FROM {_TABLES[query.listing]} WHERE project = ? AND {scan.where} "
            "AND duration >= ? LIMIT ?)"
        )
        values = (self._project, *scan.bindings, query.least_duration, _FEW)
        ((count,),) = self._connection.execute(statement, values).fetchall()
        return count == _FEW

    def _row(self, row: Any) -> TraceRow:
        action = self._actions.get(row[_ACTION])
        return TraceRow(*[*row[:_ACTION], action.namespace, action.name])._replace(npo=bool(row[_NPO]))


def _listed(values: Sequence[object]) -> str:
    return orjson.dumps(list(values)).decode()
