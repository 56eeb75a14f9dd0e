"""Log lines: their language, how they are taken in, and the search."""

from twosignal_mock.apis.appsignal.logs._lines import LineMaker, LogEntry
from twosignal_mock.apis.appsignal.logs._query import QueryReader

__all__ = ["LineMaker", "LogEntry", "QueryReader"]
