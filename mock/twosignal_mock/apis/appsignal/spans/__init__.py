"""Spans as they are kept, and what follows from those of one trace. It knows no store and no contract."""

from twosignal_mock.apis.appsignal.spans._facts import Tree, action_digest, digest_of, event_of, facts_of
from twosignal_mock.apis.appsignal.spans._records import (
    Action,
    Facts,
    Occurrence,
    Root,
    SlowEvent,
    SpanEvent,
    SpanRecord,
    TraceError,
)

__all__ = [
    "Action",
    "Facts",
    "Occurrence",
    "Root",
    "SlowEvent",
    "SpanEvent",
    "SpanRecord",
    "TraceError",
    "Tree",
    "action_digest",
    "digest_of",
    "event_of",
    "facts_of",
]
