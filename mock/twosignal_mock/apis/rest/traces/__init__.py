"""Traces: native ingestion, the query, and the detail that only the control API shows."""

from twosignal_mock.apis.rest.traces._detail import trace_detail
from twosignal_mock.apis.rest.traces._ingestion import Ingestion
from twosignal_mock.apis.rest.traces._operations import operations
from twosignal_mock.apis.rest.traces._span_detail import write_detail
from twosignal_mock.apis.rest.traces._wire import tokens_of

__all__ = ["Ingestion", "operations", "tokens_of", "trace_detail", "write_detail"]
