"""From an OTLP/JSON export of logs to log lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from twosignal_mock.apis.appsignal._attributes import attribute_text
from twosignal_mock.apis.appsignal._instants import LATEST
from twosignal_mock.apis.appsignal._rejection import Rejection
from twosignal_mock.apis.appsignal.logs._lines import LineMaker, LogEntry
from twosignal_mock.apis.appsignal.sites import site_of
from twosignal_mock.apis.appsignal.store import LogSource, Site, Sites, repositories_of
from twosignal_mock.engine.api import ControlCall
from twosignal_mock.engine.store import Transaction
from twosignal_mock.otlp import (
    plain_attributes,
    plain_value,
    read_log_record,
    read_logs_request,
    read_resource,
    read_resource_logs,
    read_scope,
    read_scope_logs,
)

_SOURCE = ("appsignal.log_source", "service.name")
"""Attributes that name the source of a record. AppSignal says nothing of sources of OpenTelemetry logs."""
_HOST = "host.name"
_DEFAULT_SOURCE = "application"
"""Made for the first record of a site without sources."""
_ID_DIGITS = 24
"""Clause access.sites.identifier-form."""


SourceOf = Callable[[Sequence[str]], int]
"""From the names that a record has for its source, the best one first, to the number of one."""


async def take_logs(call: ControlCall) -> object:
    """Keeps the records of an export; what cannot be kept is counted in the response."""
    maker = LineMaker(call.contract.extension("x-appsignal-log-query"))
    rejection = Rejection("rejectedLogRecords")

    def work(transaction: Transaction) -> None:
        repositories = repositories_of(transaction)
        sources = _SourcesOf(repositories.sites, site_of(transaction, call.path))
        entries = list(read_entries(call.body, sources.named, rejection))
        repositories.logs.add(maker.lines(entries, repositories.logs.next_chunk()))

    await call.write(work)
    return rejection.response()


def read_entries(body: Mapping[str, Any], source_of: SourceOf, rejection: Rejection) -> Iterator[LogEntry]:
    """The records of a checked export request."""
    (groups,) = read_logs_request(body)
    for group in groups:
        resource, scopes = read_resource_logs(group)
        shared = plain_attributes(*read_resource(resource))
        host = attribute_text(shared.get(_HOST))
        for each in scopes:
            scope, records = read_scope_logs(each)
            name, _ = read_scope(scope)
            origin = _Origin(shared, host, name or None)
            for record in records:
                entry = _entry(record, origin, source_of)
                if entry is None:
                    rejection.add(1, "a log record needs a time that is not before 1970")
                else:
                    yield entry


class _Origin(NamedTuple):
    """What the records of one scope have in common."""

    resource: Mapping[str, Any]
    host: str
    scope: str | None


def _entry(record: Mapping[str, Any], origin: _Origin, source_of: SourceOf) -> LogEntry | None:
    time, observed, number, text, body, sent, trace, span = read_log_record(record)
    instant = time or observed
    if not 0 < instant <= LATEST:
        return None
    attributes = plain_attributes(sent)
    ids = {"trace_id": trace, "span_id": span}
    everything = {**origin.resource, **attributes}
    names = [attribute_text(everything[key]) for key in _SOURCE if everything.get(key)]
    return LogEntry(
        source=source_of(names),
        time=instant,
        severity_text=text,
        severity_number=number,
        hostname=origin.host,
        group=origin.scope,
        body=plain_value(body),
        attributes={**{key: id_ for key, id_ in ids.items() if id_}, **attributes},
    )


class _SourcesOf:
    """The log sources of a site."""

    def __init__(self, sites: Sites, site: Site) -> None:
        self._sites = sites
        self._site = site
        everything = sites.sources()
        own = [each for each in everything if each.site == site.number]
        self._count = len(everything)
        self._numbers = {name: each.number for each in reversed(own) for name in (each.name, each.id)}
        self._first = own[0].number if own else None

    def named(self, names: Sequence[str]) -> int:
        """The number of the source that the first known of these names means, or of the site's first source."""
        found = next((self._numbers[name] for name in names if name in self._numbers), self._first)
        return self._make() if found is None else found

    def _make(self) -> int:
        digest = sha256(f"{self._site.id} {_DEFAULT_SOURCE}".encode()).hexdigest()[:_ID_DIGITS]
        source = LogSource(self._site.number, digest, self._count + 1, _DEFAULT_SOURCE)
        self._sites.put_source(source)
        self._first = source.number
        return source.number
