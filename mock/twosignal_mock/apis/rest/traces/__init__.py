"""Traces: native ingestion, the list, and the detail that only the control API shows."""

from twosignal_mock.apis.rest._formats import canonical_id, format_month, format_timestamp
from twosignal_mock.apis.rest.traces._detail import list_unlisted, show_trace, trace_detail
from twosignal_mock.apis.rest.traces._events import read_detail, tokens_of, write_detail
from twosignal_mock.apis.rest.traces._handlers import handlers
from twosignal_mock.apis.rest.traces._ingestion import Ingestion
from twosignal_mock.apis.rest.traces._list import TraceList
from twosignal_mock.apis.rest.traces._rules import duration_of, end_of

__all__ = [
    "Ingestion",
    "TraceList",
    "canonical_id",
    "duration_of",
    "end_of",
    "format_month",
    "format_timestamp",
    "handlers",
    "list_unlisted",
    "read_detail",
    "show_trace",
    "tokens_of",
    "trace_detail",
    "write_detail",
]
