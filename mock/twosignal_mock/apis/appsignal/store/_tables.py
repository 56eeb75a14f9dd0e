"""All that the AppSignal API keeps, as one value for the store, and the way to its repositories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Protocol

from twosignal_mock.apis.appsignal.spans import SpanRecord
from twosignal_mock.apis.appsignal.store._logs import LogLine, Logs
from twosignal_mock.apis.appsignal.store._metrics import Metrics, Minute, Series, Stream
from twosignal_mock.apis.appsignal.store._pods import Pod, Pods, PodStatus
from twosignal_mock.apis.appsignal.store._recording import record_spans
from twosignal_mock.apis.appsignal.store._sites import LogSource, Site, Sites
from twosignal_mock.apis.appsignal.store._traces import Incident, Traces
from twosignal_mock.apis.appsignal.store._visuals import SavedVisual, SavedVisuals
from twosignal_mock.apis.appsignal.store.sqlite import SQLITE
from twosignal_mock.engine.store import RecordSet, Tables, Transaction


class Repositories(Protocol):
    """The repositories of one project, for one transaction."""

    @property
    def sites(self) -> Sites:
        """Sites and log sources."""
        ...

    @property
    def traces(self) -> Traces:
        """Spans, and what follows from them."""
        ...

    @property
    def metrics(self) -> Metrics:
        """Metrics."""
        ...

    @property
    def logs(self) -> Logs:
        """Log lines."""
        ...

    @property
    def pods(self) -> Pods:
        """Pods of Kubernetes."""
        ...

    @property
    def visuals(self) -> SavedVisuals:
        """Saved visuals."""
        ...


def repositories_of(transaction: Transaction) -> Repositories:
    """The repositories that a transaction gives the AppSignal API."""
    return transaction.of(TABLES)


_Add = Callable[[Repositories, Sequence[Any]], object]


def _each(repository: str, method: str) -> _Add:
    """Adds records one by one, by a method of a repository."""
    find = attrgetter(f"{repository}.{method}")

    def add(repositories: Repositories, records: Sequence[Any]) -> None:
        keep = find(repositories)
        for record in records:
            keep(record)

    return add


TABLES: Tables[Repositories] = Tables(
    name="appsignal",
    export_version=1,
    record_sets=(
        RecordSet("sites", Site, lambda all_: all_.sites.all(), _each("sites", "put"), attrgetter("id")),
        RecordSet(
            "log_sources",
            LogSource,
            lambda all_: all_.sites.sources(),
            _each("sites", "put_source"),
            attrgetter("site", "id"),
        ),
        RecordSet(
            "incidents",
            Incident,
            lambda all_: all_.traces.all_incidents(),
            _each("traces", "put_incident"),
            attrgetter("site", "number"),
        ),
        RecordSet(
            "spans",
            SpanRecord,
            lambda all_: all_.traces.all_spans(),
            lambda all_, new: record_spans(all_.traces, new),
            attrgetter("site", "trace", "id"),
        ),
        RecordSet(
            "series",
            Series,
            lambda all_: all_.metrics.all_series(),
            _each("metrics", "put_series"),
            attrgetter("number"),
        ),
        RecordSet(
            "minutes",
            Minute,
            lambda all_: all_.metrics.all_minutes(),
            lambda all_, new: all_.metrics.add(new),
            attrgetter("series", "start"),
        ),
        RecordSet(
            "streams",
            Stream,
            lambda all_: all_.metrics.all_streams(),
            _each("metrics", "put_stream"),
            attrgetter("key"),
        ),
        RecordSet(
            "log_lines",
            LogLine,
            lambda all_: all_.logs.all(),
            lambda all_, new: all_.logs.add(new),
            attrgetter("chunk", "place"),
        ),
        RecordSet(
            "pods", Pod, lambda all_: all_.pods.all(), _each("pods", "put"), attrgetter("site", "namespace", "name")
        ),
        RecordSet(
            "pod_statuses",
            PodStatus,
            lambda all_: all_.pods.all_statuses(),
            _each("pods", "put_status"),
            attrgetter("site", "namespace", "name", "minute"),
        ),
        RecordSet(
            "saved_visuals", SavedVisual, lambda all_: all_.visuals.all(), _each("visuals", "put"), attrgetter("id")
        ),
    ),
    sqlite=SQLITE,
)
"""An export holds them in this order, and an import adds them in it."""
