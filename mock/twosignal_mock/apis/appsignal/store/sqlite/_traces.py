"""Spans in SQLite, and what follows from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

import orjson

from twosignal_mock.apis.appsignal.spans import Facts, Occurrence, Root, SpanRecord, TraceError
from twosignal_mock.apis.appsignal.store._traces import (
    ActionSum,
    Edge,
    EventSum,
    Incident,
    PageQuery,
    Range,
    TraceRow,
)
from twosignal_mock.apis.appsignal.store.sqlite._buckets import BUCKET
from twosignal_mock.apis.appsignal.store.sqlite._dictionaries import Actions, SlowEvents
from twosignal_mock.apis.appsignal.store.sqlite._span_chunks import read_chunk, write_chunk
from twosignal_mock.apis.appsignal.store.sqlite._trace_pages import TracePages
from twosignal_mock.apis.appsignal.store.sqlite._trace_sums import TraceSums
from twosignal_mock.engine.store import Connection


class SqliteTraces:
    """The spans of one project, and what follows from them."""

    def __init__(self, connection: Connection, project: int) -> None:
        self._connection = connection
        self._project = project
        self._actions = Actions(connection, project)
        self._events = SlowEvents(connection, project)
        self._pages = TracePages(connection, project, self._actions)
        self._sums = TraceSums(connection, project, self._actions, self._events)

    def spans(self, trace: str, sites: Collection[int] | None = None) -> Sequence[SpanRecord]:
        """The spans of a trace, in some sites or in all, in the order in which they came."""
        rows: Any = self._connection.execute(_CHUNKS, (self._project, trace))
        return [
            span for site, chunk in rows if sites is None or site in sites for span in read_chunk(site, trace, chunk)
        ]

    def add_spans(self, spans: Sequence[SpanRecord]) -> None:
        """Keeps spans of one trace."""
        by_site: dict[int, list[SpanRecord]] = {}
        for span in spans:
            by_site.setdefault(span.site, []).append(span)
        for site, each in by_site.items():
            row = (self._project, site, each[0].trace, write_chunk(each))
            self._connection.execute(_ADD_CHUNK, row)

    def change(self, before: Facts, after: Facts) -> None:
        """Puts facts in the place of those that they replace. An error that is new may make an incident."""
        for root in _missing(before.roots, after.roots):
            self._drop("appsignal_root", root)
            self._count_root(root, -1)
        for root in _missing(after.roots, before.roots):
            self._add_root(root)
            self._count_root(root, 1)
        for error in _missing(before.errors, after.errors):
            self._drop("appsignal_error", error)
        for error in _missing(after.errors, before.errors):
            self._add_error(error)
        for occurrence in _missing(before.occurrences, after.occurrences):
            self._drop("appsignal_occurrence", occurrence)
            self._count_occurrence(occurrence, -1)
        for occurrence in _missing(after.occurrences, before.occurrences):
            self._add_occurrence(occurrence)
            self._count_occurrence(occurrence, 1)

    def page(self, query: PageQuery) -> Sequence[TraceRow]:
        """The first rows that the query asks for."""
        return self._pages.page(query)

    def incidents(self, trace: str, sites: Sequence[int]) -> Sequence[Incident]:
        """The incidents that a trace belongs to, by site and number."""
        found = orjson.dumps(list(sites)).decode()
        rows: Any = self._connection.execute(_INCIDENTS_OF, (self._project, self._project, trace, found))
        return [Incident(*row) for row in rows]

    def incident(self, site: int, digest: str) -> Incident | None:
        """The incident of a digest."""
        row: Any = self._connection.execute(_INCIDENT, (self._project, site, digest)).fetchone()
        return None if row is None else Incident(*row)

    def actions(
        self,
        site: int,
        range_: Range,
        revision: str | None = None,
        namespaces: Sequence[str] | None = None,
        action: str | None = None,
    ) -> Sequence[ActionSum]:
        """The actions of a site with traces in a range, by namespace and name."""
        return self._sums.actions(site, range_, revision, namespaces, action)

    def edges(self, sites: Sequence[int], range_: Range) -> Sequence[Edge]:
        """The calls between actions in which one of the sites calls or is called, in no order."""
        return self._sums.edges(sites, range_)

    def slow_events(
        self, sites: Sequence[int], range_: Range, namespaces: Sequence[str] | None, digest: str | None = None
    ) -> Sequence[EventSum]:
        """The slow events of sites in a range, one row for each with each action, in no order."""
        return self._sums.slow_events(sites, range_, namespaces, digest)

    def all_spans(self) -> Iterator[SpanRecord]:
        """All spans, by trace, site and id."""
        rows: Any = self._connection.execute(_ALL_CHUNKS, (self._project,))
        for _, chunks in groupby(rows, itemgetter(1)):
            spans = [span for site, trace, chunk in chunks for span in read_chunk(site, trace, chunk)]
            yield from sorted(spans, key=attrgetter("site", "id"))

    def all_incidents(self) -> Iterable[Incident]:
        """All incidents, by site and number."""
        rows: Any = self._connection.execute(f"{_INCIDENTS} ORDER BY site, number", (self._project,))
        return (Incident(*row) for row in rows)

    def put_incident(self, incident: Incident) -> None:
        """Keeps an incident that is not there yet."""
        self._connection.execute(_ADD_INCIDENT, (self._project, *incident))

    def _drop(self, table: str, row: Root | TraceError | Occurrence) -> None:
        key = "project = ? AND site = ? AND time = ? AND span = ? AND trace = ?"
        self._connection.execute(f"DELETE FROM {table} WHERE {key}", (self._project, *row[:4]))

    def _add_root(self, root: Root) -> None:
        caller = root.caller
        row = (
            *_shown(self._project, root),
            self._actions.number(root.action),
            0 if caller is None else self._actions.number(caller),
            0 if caller is None else caller.site,
            root.failed,
        )
        self._connection.execute(_ADD_ROOT, row)

    def _count_root(self, root: Root, sign: int) -> None:
        caller = root.caller
        row = (
            self._project,
            root.site,
            root.time // BUCKET,
            self._actions.number(root.action),
            root.revision or "",
            0 if caller is None else self._actions.number(caller),
            0 if caller is None else caller.site,
            sign,
            sign * float(root.duration),
            sign * root.failed,
            sign * root.npo,
        )
        self._connection.execute(_COUNT_ROOT, row)

    def _add_error(self, error: TraceError) -> None:
        incident = self.incident(error.site, error.digest)
        if incident is None:
            row: Any = self._connection.execute(_NEXT_INCIDENT, (self._project, error.site)).fetchone()
            incident = Incident(error.site, row[0], error.digest, error.exception)
            self.put_incident(incident)
        row = (*_shown(self._project, error), self._actions.number(error.action), incident.number)
        self._connection.execute(_ADD_ERROR, row)

    def _add_occurrence(self, occurrence: Occurrence) -> None:
        row = (
            self._project,
            *occurrence[:5],
            self._events.number(occurrence.event),
            self._actions.number(occurrence.action),
        )
        self._connection.execute(_ADD_OCCURRENCE, row)

    def _count_occurrence(self, occurrence: Occurrence, sign: int) -> None:
        row = (
            self._project,
            occurrence.site,
            occurrence.time // BUCKET,
            self._events.number(occurrence.event),
            self._actions.number(occurrence.action),
            sign,
            sign * float(occurrence.duration),
        )
        self._connection.execute(_COUNT_OCCURRENCE, row)


_CHUNKS = "SELECT site, spans FROM appsignal_span_chunk WHERE project = ? AND trace = ? ORDER BY rowid"
_ALL_CHUNKS = "SELECT site, trace, spans FROM appsignal_span_chunk WHERE project = ? ORDER BY trace, rowid"
_ADD_CHUNK = "INSERT INTO appsignal_span_chunk (project, site, trace, spans) VALUES (?, ?, ?, ?)"

_SHOWN = "project, site, time, span, trace, duration, revision, npo, tags, words"
_ADD_ROOT = (
    f"INSERT INTO appsignal_root ({_SHOWN}, action, caller, caller_site, failed) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_ERROR = f"INSERT INTO appsignal_error ({_SHOWN}, action, incident) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_COUNT_ROOT = """
INSERT INTO appsignal_action_sum
    (project, site, bucket, action, revision, caller, caller_site, count, total, failed, npo)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, total = total + excluded.total,
    failed = failed + excluded.failed, npo = npo + excluded.npo
"""
_ADD_OCCURRENCE = (
    "INSERT INTO appsignal_occurrence (project, site, time, span, trace, duration, event, action) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_COUNT_OCCURRENCE = """
INSERT INTO appsignal_event_sum (project, site, bucket, event, action, count, total) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count, total = total + excluded.total
"""
_INCIDENTS = f"SELECT {', '.join(Incident._fields)} FROM appsignal_incident WHERE project = ?"
_INCIDENT = f"{_INCIDENTS} AND site = ? AND digest = ?"
_INCIDENTS_OF = f"""
{_INCIDENTS} AND (site, number) IN (
    SELECT site, incident FROM appsignal_error
    WHERE project = ? AND trace = ? AND site IN (SELECT value FROM json_each(?))
) ORDER BY site, number
"""
_NEXT_INCIDENT = "SELECT ifnull(max(number), 0) + 1 FROM appsignal_incident WHERE project = ? AND site = ?"
_ADD_INCIDENT = f"INSERT INTO appsignal_incident (project, {', '.join(Incident._fields)}) VALUES (?, ?, ?, ?, ?)"


def _missing(rows: Sequence[Any], others: Sequence[Any]) -> Iterable[Any]:
    """The rows that are not among the others."""
    there = set(others)
    return [row for row in rows if row not in there]


def _shown(project: int, row: Root | TraceError) -> tuple[Any, ...]:
    """The columns that a list shows, and the words that it is searched for."""
    tags: dict[str, str] = orjson.loads(row.tags)
    words = "\n".join((row.revision or "", *tags.values())).casefold()
    return (project, *row[:5], row.revision, row.npo, row.tags, words)
