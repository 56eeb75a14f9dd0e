"""Sums over the traces of a range: actions, calls between services, slow events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson

from twosignal_mock.apis.appsignal.store._traces import ActionSum, Edge, EventSum, Range
from twosignal_mock.apis.appsignal.store.sqlite._buckets import split
from twosignal_mock.apis.appsignal.store.sqlite._dictionaries import Actions, SlowEvents
from twosignal_mock.engine.store import Connection


class _Source(NamedTuple):
    """Rows and the sums of their buckets, for one kind of sum."""

    sums: str
    """Table of buckets."""
    rows: str
    """Table of single rows."""
    keys: str
    """Columns that stay apart."""
    summed: str
    """Columns of a bucket, and the totals of these columns."""
    single: str
    """What one row counts for in each of them."""


_ACTIONS = _Source(
    "appsignal_action_sum", "appsignal_root", "action", "count, total, failed, npo", "1, duration, failed, npo"
)
_EDGES = _Source("appsignal_action_sum", "appsignal_root", "caller, action", "count", "1")
_EVENTS = _Source("appsignal_event_sum", "appsignal_occurrence", "event, action", "count, total", "1, duration")


class TraceSums:
    """The sums of one project."""

    def __init__(self, connection: Connection, project: int, actions: Actions, events: SlowEvents) -> None:
        self._connection = connection
        self._project = project
        self._actions = actions
        self._events = events

    def actions(
        self,
        site: int,
        range_: Range,
        revision: str | None,
        namespaces: Sequence[str] | None,
        action: str | None,
    ) -> Sequence[ActionSum]:
        """The actions of a site with traces in a range, by namespace and name."""
        where = "site = ?"
        bindings: list[Any] = [site]
        if revision is not None:
            where, bindings = f"{where} AND ifnull(revision, '') = ?", [*bindings, revision]
        found = []
        for number, *sums in self._sum(_ACTIONS, where, bindings, range_):
            known = self._actions.get(number)
            if action in (None, known.name) and (namespaces is None or known.namespace in namespaces):
                found.append(ActionSum(known.namespace, known.name, known.digest, *sums))
        return sorted(found)

    def edges(self, sites: Sequence[int], range_: Range) -> Sequence[Edge]:
        """The calls between actions in which one of the sites calls or is called, in no order."""
        all_sites = orjson.dumps(list(sites)).decode()
        found = []
        for site in sites:
            called = self._sum(_EDGES, "site = ? AND caller > 0", [site], range_)
            # What one of the other sites was called is found there.
            others = "caller > 0 AND caller_site = ? AND site NOT IN (SELECT value FROM json_each(?))"
            called += self._sum(_EDGES, others, [site, all_sites], range_)
            for caller, action, count in called:
                source, target = self._actions.get(caller), self._actions.get(action)
                found.append(Edge(*source[1:5], *target[1:5], count))
        return found

    def slow_events(
        self, sites: Sequence[int], range_: Range, namespaces: Sequence[str] | None, digest: str | None
    ) -> Sequence[EventSum]:
        """The slow events of sites in a range, one row for each with each action, in no order."""
        found = []
        for site in sites:
            where, bindings = "site = ?", [site]
            if digest is not None:
                where, bindings = f"{where} AND event = ?", [*bindings, self._events.find(site, digest) or 0]
            for number, action, count, total in self._sum(_EVENTS, where, bindings, range_):
                known = self._actions.get(action)
                if namespaces is None or known.namespace in namespaces:
                    event = self._events.get(number)
                    found.append(
                        EventSum(event.digest, event.name, event.body, known.namespace, known.name, count, total)
                    )
        return found

    def _sum(self, source: _Source, where: str, bindings: Sequence[Any], range_: Range) -> list[Any]:
        """The totals for each combination of the keys that has any."""
        parts = split(range_)
        pieces: list[str] = []
        values: list[Any] = []

        def add(columns: str, table: str, between: str, ends: tuple[int, int]) -> None:
            pieces.append(f"SELECT {source.keys}, {columns} FROM {table} WHERE project = ? AND {where} AND {between}")
            values.extend((self._project, *bindings, *ends))

        if parts.first <= parts.last:
            add(source.summed, source.sums, "bucket BETWEEN ? AND ?", (parts.first, parts.last))
        for end in parts.ends:
            add(_named(source), source.rows, "time BETWEEN ? AND ?", end)
        totals = ", ".join(f"sum({column})" for column in source.summed.split(", "))
        statement = (
            f"SELECT {source.keys}, {totals} FROM ({' UNION ALL '.join(pieces)}) GROUP BY {source.keys} "
            "HAVING sum(count) > 0"
        )
        rows: Any = self._connection.execute(statement, values)
        return list(rows)


def _named(source: _Source) -> str:
    """What a single row counts for, under the names of the sums."""
    return ", ".join(
        f"{value} AS {name}" for value, name in zip(source.single.split(", "), source.summed.split(", "), strict=True)
    )
