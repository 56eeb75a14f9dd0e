"""The tables of the AppSignal API in SQLite, as numbered migrations, and what makes its repositories.

All APIs share a database: every table here begins with the API's name. Sites, sources, actions and series have numbers
of their own in each project, so that rows and their indexes stay small.
"""

from __future__ import annotations

from twosignal_mock.apis.appsignal.store.sqlite import _logs, _pods, _visuals
from twosignal_mock.apis.appsignal.store.sqlite._logs import SqliteLogs
from twosignal_mock.apis.appsignal.store.sqlite._metrics import SqliteMetrics
from twosignal_mock.apis.appsignal.store.sqlite._pods import SqlitePods
from twosignal_mock.apis.appsignal.store.sqlite._sites import SqliteSites
from twosignal_mock.apis.appsignal.store.sqlite._traces import SqliteTraces
from twosignal_mock.apis.appsignal.store.sqlite._visuals import SqliteSavedVisuals
from twosignal_mock.engine.store import Connection, MadeOnce, SqliteTables


class SqliteRepositories:
    """The repositories of one project, for one transaction."""

    sites = MadeOnce(SqliteSites)
    traces = MadeOnce(SqliteTraces)
    metrics = MadeOnce(SqliteMetrics)
    logs = MadeOnce(SqliteLogs)
    pods = MadeOnce(SqlitePods)
    visuals = MadeOnce(SqliteSavedVisuals)

    def __init__(self, connection: Connection, project: int) -> None:
        self.connection = connection
        self.project = project


_SITES = """
CREATE TABLE appsignal_site (
    project INTEGER NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL, organization TEXT NOT NULL,
    accessible INTEGER NOT NULL,
    PRIMARY KEY (project, id)
) WITHOUT ROWID;
CREATE TABLE appsignal_log_source (
    project INTEGER NOT NULL, site INTEGER NOT NULL, id TEXT NOT NULL, number INTEGER NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (project, site, id)
) WITHOUT ROWID;
"""
_TRACES = """
-- What one export brought of a trace is one row, in the order in which it came.
CREATE TABLE appsignal_span_chunk (
    project INTEGER NOT NULL, site INTEGER NOT NULL, trace TEXT NOT NULL, spans BLOB NOT NULL
);
CREATE INDEX appsignal_span_chunk_by_trace ON appsignal_span_chunk (project, trace);
CREATE TABLE appsignal_action (
    project INTEGER NOT NULL, number INTEGER NOT NULL, site INTEGER NOT NULL, service TEXT NOT NULL,
    namespace TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (project, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX appsignal_action_by_name ON appsignal_action (project, site, namespace, name, service);
CREATE TABLE appsignal_slow_event (
    project INTEGER NOT NULL, number INTEGER NOT NULL, site INTEGER NOT NULL, digest TEXT NOT NULL, name TEXT NOT NULL,
    body TEXT,
    PRIMARY KEY (project, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX appsignal_slow_event_by_digest ON appsignal_slow_event (project, site, digest);
CREATE TABLE appsignal_incident (
    project INTEGER NOT NULL, site INTEGER NOT NULL, number INTEGER NOT NULL, digest TEXT NOT NULL,
    exception TEXT NOT NULL,
    PRIMARY KEY (project, site, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX appsignal_incident_by_digest ON appsignal_incident (project, site, digest);
CREATE TABLE appsignal_root (
    project INTEGER NOT NULL, site INTEGER NOT NULL, time INTEGER NOT NULL, span TEXT NOT NULL, trace TEXT NOT NULL,
    duration INTEGER NOT NULL, revision TEXT, npo INTEGER NOT NULL, tags TEXT NOT NULL, words TEXT NOT NULL,
    action INTEGER NOT NULL, caller INTEGER NOT NULL, caller_site INTEGER NOT NULL, failed INTEGER NOT NULL
);
CREATE UNIQUE INDEX appsignal_root_by_time ON appsignal_root (project, site, time, span, trace);
CREATE INDEX appsignal_root_by_action ON appsignal_root (project, action, time, span, trace);
CREATE INDEX appsignal_root_by_duration ON appsignal_root (project, site, duration, span, trace, time);
CREATE INDEX appsignal_root_by_action_duration ON appsignal_root (project, action, duration, span, trace, time);
CREATE INDEX appsignal_root_by_trace ON appsignal_root (project, trace, site);
CREATE INDEX appsignal_root_by_caller ON appsignal_root (project, caller_site, time) WHERE caller > 0;
CREATE TABLE appsignal_error (
    project INTEGER NOT NULL, site INTEGER NOT NULL, time INTEGER NOT NULL, span TEXT NOT NULL, trace TEXT NOT NULL,
    duration INTEGER NOT NULL, revision TEXT, npo INTEGER NOT NULL, tags TEXT NOT NULL, words TEXT NOT NULL,
    action INTEGER NOT NULL, incident INTEGER NOT NULL
);
CREATE UNIQUE INDEX appsignal_error_by_time ON appsignal_error (project, site, time, span, trace);
CREATE INDEX appsignal_error_by_incident ON appsignal_error (project, site, incident, time, span, trace);
CREATE INDEX appsignal_error_by_action ON appsignal_error (project, action, time, span, trace);
CREATE INDEX appsignal_error_by_duration ON appsignal_error (project, site, duration, span, trace, time);
CREATE INDEX appsignal_error_by_trace ON appsignal_error (project, trace, site);
CREATE TABLE appsignal_occurrence (
    project INTEGER NOT NULL, site INTEGER NOT NULL, time INTEGER NOT NULL, span TEXT NOT NULL, trace TEXT NOT NULL,
    duration INTEGER NOT NULL, event INTEGER NOT NULL, action INTEGER NOT NULL,
    PRIMARY KEY (project, site, time, span, trace)
) WITHOUT ROWID;
-- Sums of the rows above in whole buckets of time; caller 0 stands for none.
CREATE TABLE appsignal_action_sum (
    project INTEGER NOT NULL, site INTEGER NOT NULL, bucket INTEGER NOT NULL, action INTEGER NOT NULL,
    revision TEXT NOT NULL, caller INTEGER NOT NULL, caller_site INTEGER NOT NULL, count INTEGER NOT NULL,
    total REAL NOT NULL, failed INTEGER NOT NULL, npo INTEGER NOT NULL,
    PRIMARY KEY (project, site, bucket, action, revision, caller)
) WITHOUT ROWID;
CREATE INDEX appsignal_action_sum_by_caller ON appsignal_action_sum (project, caller_site, bucket) WHERE caller > 0;
CREATE TABLE appsignal_event_sum (
    project INTEGER NOT NULL, site INTEGER NOT NULL, bucket INTEGER NOT NULL, event INTEGER NOT NULL,
    action INTEGER NOT NULL, count INTEGER NOT NULL, total REAL NOT NULL,
    PRIMARY KEY (project, site, bucket, event, action)
) WITHOUT ROWID;
"""
_METRICS = """
CREATE TABLE appsignal_series (
    project INTEGER NOT NULL, number INTEGER NOT NULL, site INTEGER NOT NULL, metric TEXT NOT NULL, type TEXT NOT NULL,
    tags TEXT NOT NULL,
    PRIMARY KEY (project, number)
) WITHOUT ROWID;
CREATE UNIQUE INDEX appsignal_series_by_tags ON appsignal_series (project, site, metric, tags);
CREATE TABLE appsignal_metric_minute (
    project INTEGER NOT NULL, series INTEGER NOT NULL, start INTEGER NOT NULL, count INTEGER NOT NULL,
    sum REAL NOT NULL, least REAL NOT NULL, most REAL NOT NULL,
    PRIMARY KEY (project, series, start)
) WITHOUT ROWID;
CREATE TABLE appsignal_metric_hour (
    project INTEGER NOT NULL, series INTEGER NOT NULL, start INTEGER NOT NULL, count INTEGER NOT NULL,
    sum REAL NOT NULL, least REAL NOT NULL, most REAL NOT NULL,
    PRIMARY KEY (project, series, start)
) WITHOUT ROWID;
CREATE TABLE appsignal_metric_minute_bin (
    project INTEGER NOT NULL, series INTEGER NOT NULL, start INTEGER NOT NULL, bin INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (project, series, start, bin)
) WITHOUT ROWID;
CREATE TABLE appsignal_metric_hour_bin (
    project INTEGER NOT NULL, series INTEGER NOT NULL, start INTEGER NOT NULL, bin INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (project, series, start, bin)
) WITHOUT ROWID;
CREATE TABLE appsignal_stream (
    project INTEGER NOT NULL, key TEXT NOT NULL, start INTEGER NOT NULL, time INTEGER NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (project, key)
) WITHOUT ROWID;
"""

SQLITE = SqliteTables(
    migrations=("".join((_SITES, _TRACES, _METRICS, _logs.SCRIPT, _pods.SCRIPT, _visuals.SCRIPT)),),
    tables=(
        "appsignal_site",
        "appsignal_log_source",
        "appsignal_span_chunk",
        "appsignal_action",
        "appsignal_slow_event",
        "appsignal_incident",
        "appsignal_root",
        "appsignal_error",
        "appsignal_occurrence",
        "appsignal_action_sum",
        "appsignal_event_sum",
        "appsignal_series",
        "appsignal_metric_minute",
        "appsignal_metric_hour",
        "appsignal_metric_minute_bin",
        "appsignal_metric_hour_bin",
        "appsignal_stream",
        *_logs.TABLES,
        *_pods.TABLES,
        *_visuals.TABLES,
    ),
    repositories=SqliteRepositories,
)
