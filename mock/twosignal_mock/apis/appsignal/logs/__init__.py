"""Log lines: taken in by OTLP, and searched by queries in a language of their own."""

from twosignal_mock.apis.appsignal.logs._ingestion import read_entries, take_logs
from twosignal_mock.apis.appsignal.logs._lines import LineMaker, LogEntry
from twosignal_mock.apis.appsignal.logs._query import QueryReader
from twosignal_mock.apis.appsignal.logs._search import handlers

__all__ = ["LineMaker", "LogEntry", "QueryReader", "handlers", "read_entries", "take_logs"]
