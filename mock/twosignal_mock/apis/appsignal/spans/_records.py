"""What is kept of a span, and what follows from the spans of a trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class SpanEvent(NamedTuple):
    """An event of a span."""

    name: str
    time: int
    attributes: Mapping[str, Any]


class SpanRecord(NamedTuple):
    """One span of a site. Times are nanoseconds since 1970."""

    site: int
    """The number of the site."""
    trace: str
    id: str
    parent: str
    """Empty for none."""
    start: int
    end: int
    """Never before `start`."""
    name: str
    kind: int
    """As OpenTelemetry numbers them."""
    status: int
    message: str
    state: str
    """The tracestate of W3C Trace Context."""
    scope: str
    scope_version: str
    service: str
    namespace: str
    """With its service, as the API shows it."""
    action: str
    """What the span does, should its service be called with it."""
    revision: str | None
    statement: str | None
    """The query of a database, as it was sent."""
    is_query: bool
    """True for what a database is asked."""
    exception: str | None
    """The class of the first exception that was recorded in the span."""
    incident: str | None
    """Digest that the exception came with; None when one is to be made."""
    tags: Mapping[str, str]
    attributes: Mapping[str, Any]
    resource: Mapping[str, Any]
    events: tuple[SpanEvent, ...]


class Action(NamedTuple):
    """What a service does for one kind of request or job."""

    site: int
    service: str
    namespace: str
    name: str


class Root(NamedTuple):
    """A span with which a service was called: what lists show, and actions count."""

    site: int
    time: int
    span: str
    trace: str
    duration: int
    """Nanoseconds."""
    action: Action
    revision: str | None
    npo: bool
    """True when one kind of query was made again and again below it (N+1)."""
    tags: str
    """JSON text."""
    caller: Action | None
    """The action that called it."""
    failed: bool
    """True when an exception was recorded in it or below it."""


class TraceError(NamedTuple):
    """A span in which an exception was recorded."""

    site: int
    time: int
    span: str
    trace: str
    duration: int
    """Nanoseconds."""
    action: Action
    revision: str | None
    npo: bool
    """Of its root."""
    tags: str
    """JSON text."""
    digest: str
    exception: str
    """The class of the exception."""


class SlowEvent(NamedTuple):
    """One kind of span that takes time, such as one query of a database."""

    site: int
    digest: str
    name: str
    body: str | None
    """The statement without its literals."""


class Occurrence(NamedTuple):
    """A span that is a slow event."""

    site: int
    time: int
    span: str
    trace: str
    duration: int
    """Nanoseconds."""
    event: SlowEvent
    action: Action


class Facts(NamedTuple):
    """What follows from the spans of a trace. The same spans give equal facts."""

    roots: Sequence[Root] = ()
    errors: Sequence[TraceError] = ()
    occurrences: Sequence[Occurrence] = ()
