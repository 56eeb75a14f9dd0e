"""What the AppSignal API keeps in the store: records and repositories, a module for each concern; and SQLite tables."""

from twosignal_mock.apis.appsignal.store._logs import (
    Comparison,
    Junction,
    LogLine,
    Logs,
    LogSearch,
    Query,
    SearchTooLongError,
)
from twosignal_mock.apis.appsignal.store._metrics import (
    HOUR,
    MINUTE,
    Bin,
    Cell,
    Metrics,
    Minute,
    Series,
    Stream,
    bin_of,
    value_of,
)
from twosignal_mock.apis.appsignal.store._pods import Pod, Pods, PodStatus
from twosignal_mock.apis.appsignal.store._recording import record_spans
from twosignal_mock.apis.appsignal.store._sites import LogSource, Site, Sites
from twosignal_mock.apis.appsignal.store._tables import TABLES, Repositories, repositories_of
from twosignal_mock.apis.appsignal.store._traces import (
    ActionSum,
    Edge,
    EventSum,
    Incident,
    Listing,
    PageQuery,
    Range,
    TraceRow,
    Traces,
)
from twosignal_mock.apis.appsignal.store._visuals import SavedVisual, SavedVisuals

__all__ = [
    "HOUR",
    "MINUTE",
    "TABLES",
    "ActionSum",
    "Bin",
    "Cell",
    "Comparison",
    "Edge",
    "EventSum",
    "Incident",
    "Junction",
    "Listing",
    "LogLine",
    "LogSearch",
    "LogSource",
    "Logs",
    "Metrics",
    "Minute",
    "PageQuery",
    "Pod",
    "PodStatus",
    "Pods",
    "Query",
    "Range",
    "Repositories",
    "SavedVisual",
    "SavedVisuals",
    "SearchTooLongError",
    "Series",
    "Site",
    "Sites",
    "Stream",
    "TraceRow",
    "Traces",
    "bin_of",
    "record_spans",
    "repositories_of",
    "value_of",
]
