"""Spans, and what follows from them: traces, errors, actions and slow events. Bound to one project.

What follows is kept beside the spans, so that lists and sums are read at once. Numbers in a range of time come from
sums of ten minutes, and at both of its ends from the rows themselves: they are exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from enum import Enum
from typing import NamedTuple, Protocol

from twosignal_mock.apis.appsignal.spans import Facts, SpanRecord


class Range(NamedTuple):
    """Nanoseconds since 1970; both ends belong to it."""

    since: int
    until: int


class Listing(Enum):
    """Which rows a page shows."""

    PERFORMANCE = "performance"
    """Spans with which a service was called."""
    ERRORS = "errors"
    """Spans in which an exception was recorded."""


class PageQuery(NamedTuple):
    """Which rows, and in what order. Ties are in the order of the span's id."""

    listing: Listing
    sites: Sequence[int]
    range: Range
    limit: int
    descending: bool
    by_duration: bool = False
    """In the order of duration; else of time."""
    trace: str | None = None
    digests: Sequence[str] | None = None
    """One of them: of the action, or in a list of errors of the error. None: whatever it is."""
    namespace: str | None = None
    action: str | None = None
    least_duration: int = 0
    """Nanoseconds."""
    words: Sequence[str] = ()
    """Each of them is part of the action, the namespace, the revision or a tag's value, in any letter case."""
    tags: Sequence[tuple[str, str]] = ()
    """Keys with values; all of them."""


class TraceRow(NamedTuple):
    """A row of a page."""

    site: int
    time: int
    span: str
    trace: str
    duration: int
    """Nanoseconds."""
    revision: str | None
    npo: bool
    tags: str
    """JSON text."""
    namespace: str
    action: str


class ActionSum(NamedTuple):
    """The numbers of an action in a range."""

    namespace: str
    name: str
    digest: str
    traces: int
    total: float
    """Of the durations, in nanoseconds."""
    failed: int
    npo: int


class Edge(NamedTuple):
    """Calls from one action to another."""

    caller_site: int
    caller_service: str
    caller_namespace: str
    caller_action: str
    site: int
    service: str
    namespace: str
    action: str
    calls: int


class EventSum(NamedTuple):
    """The numbers of a slow event in a range, for one action."""

    digest: str
    name: str
    body: str | None
    namespace: str
    action: str
    spans: int
    total: float
    """Of the durations, in nanoseconds."""


class Incident(NamedTuple):
    """All errors of a site with one digest."""

    site: int
    number: int
    """From 1 in each site."""
    digest: str
    exception: str


class Traces(Protocol):
    """The spans of a project, and what follows from them."""

    def spans(self, trace: str, sites: Collection[int] | None = None) -> Sequence[SpanRecord]:
        """The spans of a trace, in some sites or in all, in the order in which they came."""
        ...

    def add_spans(self, spans: Sequence[SpanRecord]) -> None:
        """Keeps spans of one trace."""
        ...

    def change(self, before: Facts, after: Facts) -> None:
        """Puts facts in the place of those that they replace. An error that is new may make an incident."""
        ...

    def page(self, query: PageQuery) -> Sequence[TraceRow]:
        """The first rows that the query asks for."""
        ...

    def incidents(self, trace: str, sites: Sequence[int]) -> Sequence[Incident]:
        """The incidents that a trace belongs to, by site and number."""
        ...

    def incident(self, site: int, digest: str) -> Incident | None:
        """The incident of a digest."""
        ...

    def actions(
        self,
        site: int,
        range_: Range,
        revision: str | None = None,
        namespaces: Sequence[str] | None = None,
        action: str | None = None,
    ) -> Sequence[ActionSum]:
        """The actions of a site with traces in a range, by namespace and name."""
        ...

    def edges(self, sites: Sequence[int], range_: Range) -> Sequence[Edge]:
        """The calls between actions in which one of the sites calls or is called, in no order."""
        ...

    def slow_events(
        self, sites: Sequence[int], range_: Range, namespaces: Sequence[str] | None, digest: str | None = None
    ) -> Sequence[EventSum]:
        """The slow events of sites in a range, one row for each with each action, in no order."""
        ...

    def all_spans(self) -> Iterable[SpanRecord]:
        """All spans, by trace, site and id."""
        ...

    def all_incidents(self) -> Iterable[Incident]:
        """All incidents, by site and number."""
        ...

    def put_incident(self, incident: Incident) -> None:
        """Keeps an incident that is not there yet."""
        ...
