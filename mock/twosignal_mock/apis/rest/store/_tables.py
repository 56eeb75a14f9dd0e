"""All that the REST API keeps, as one value for the store, and the way to its repositories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, Protocol

from twosignal_mock.apis.rest.store._evaluators import (
    EvaluationRecord,
    Evaluations,
    EvaluatorRecord,
    Evaluators,
    Usage,
    UsageRecord,
)
from twosignal_mock.apis.rest.store._routing_configs import RoutingConfig, RoutingConfigs
from twosignal_mock.apis.rest.store._sessions import SessionRecord, Sessions
from twosignal_mock.apis.rest.store._spans import SpanRecord, Spans, TraceEvent
from twosignal_mock.apis.rest.store._templates import TemplateRecord, Templates, TemplateVersionRecord
from twosignal_mock.apis.rest.store._traces import ScoreRecord, Scores, TraceRecord, Traces
from twosignal_mock.apis.rest.store.sqlite import SQLITE
from twosignal_mock.engine.store import RecordSet, Tables, Transaction


class Repositories(Protocol):
    """The repositories of one project, for one transaction."""

    @property
    def traces(self) -> Traces:
        """Traces."""
        ...

    @property
    def spans(self) -> Spans:
        """Spans and ids of events."""
        ...

    @property
    def scores(self) -> Scores:
        """Scores."""
        ...

    @property
    def templates(self) -> Templates:
        """Prompt templates."""
        ...

    @property
    def routing(self) -> RoutingConfigs:
        """Model routing configurations."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Open sessions."""
        ...

    @property
    def evaluators(self) -> Evaluators:
        """What judges ingested traces."""
        ...

    @property
    def evaluations(self) -> Evaluations:
        """Traces that evaluators have yet to judge."""
        ...

    @property
    def usage(self) -> Usage:
        """What is counted in a month."""
        ...


def repositories_of(transaction: Transaction) -> Repositories:
    """The repositories that a transaction gives the REST API."""
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
    name="rest",
    export_version=3,
    record_sets=(
        RecordSet(
            "events",
            TraceEvent,
            lambda all_: all_.spans.all_events(),
            lambda all_, new: all_.spans.add(new),
            attrgetter("trace", "event"),
        ),
        RecordSet(
            "traces",
            TraceRecord,
            lambda all_: all_.traces.all(),
            lambda all_, new: all_.traces.save(*new),
            attrgetter("id"),
        ),
        RecordSet(
            "spans",
            SpanRecord,
            lambda all_: all_.spans.all(),
            lambda all_, new: all_.spans.add(new),
            attrgetter("trace", "id"),
        ),
        RecordSet("scores", ScoreRecord, lambda all_: all_.scores.all(), _each("scores", "add"), attrgetter("id")),
        RecordSet(
            "templates",
            TemplateRecord,
            lambda all_: all_.templates.all(),
            _each("templates", "put"),
            attrgetter("name"),
        ),
        RecordSet(
            "templateVersions",
            TemplateVersionRecord,
            lambda all_: all_.templates.versions(),
            _each("templates", "add_version"),
            attrgetter("template", "number"),
        ),
        RecordSet(
            "routingConfigs",
            RoutingConfig,
            lambda all_: all_.routing.all(),
            _each("routing", "put"),
            attrgetter("name"),
        ),
        RecordSet(
            "sessions",
            SessionRecord,
            lambda all_: all_.sessions.all(),
            _each("sessions", "put"),
            attrgetter("id"),
        ),
        RecordSet(
            "evaluators",
            EvaluatorRecord,
            lambda all_: all_.evaluators.all(),
            _each("evaluators", "put"),
            attrgetter("id"),
        ),
        RecordSet(
            "evaluations",
            EvaluationRecord,
            lambda all_: all_.evaluations.all(),
            _each("evaluations", "put"),
            attrgetter("trace"),
        ),
        RecordSet("months", UsageRecord, lambda all_: all_.usage.all(), _each("usage", "add"), attrgetter("month")),
    ),
    sqlite=SQLITE,
)
