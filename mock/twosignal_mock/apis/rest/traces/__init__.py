"""Traces: native ingestion, the list, and the detail that only the control API shows."""

from twosignal_mock.apis.rest.traces._detail import list_unlisted, show_trace, trace_detail
from twosignal_mock.apis.rest.traces._events import tokens_of, write_detail
from twosignal_mock.apis.rest.traces._handlers import handlers
from twosignal_mock.apis.rest.traces._ingestion import Ingestion

__all__ = ["Ingestion", "handlers", "list_unlisted", "show_trace", "tokens_of", "trace_detail", "write_detail"]
