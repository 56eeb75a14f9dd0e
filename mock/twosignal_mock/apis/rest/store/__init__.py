"""What the REST API keeps in the store: records and repositories, one module for each concern, and the SQLite tables.

The dashboard API works on the same traces, keys and routing configurations, through these repositories.
"""

from twosignal_mock.apis.rest.store._evaluators import (
    EvaluationRecord,
    Evaluations,
    EvaluatorRecord,
    Evaluators,
    Usage,
    UsageRecord,
)
from twosignal_mock.apis.rest.store._routing_configs import RoutingConfig, RoutingConfigs, RoutingRule
from twosignal_mock.apis.rest.store._sessions import SessionRecord, Sessions
from twosignal_mock.apis.rest.store._spans import Arrived, SpanRecord, Spans, TraceEvent
from twosignal_mock.apis.rest.store._tables import TABLES, Repositories, repositories_of
from twosignal_mock.apis.rest.store._templates import TemplateRecord, Templates, TemplateVersionRecord
from twosignal_mock.apis.rest.store._traces import (
    ListedTrace,
    ScoreRecord,
    Scores,
    TraceQuery,
    TraceRecord,
    Traces,
)

__all__ = [
    "TABLES",
    "Arrived",
    "EvaluationRecord",
    "Evaluations",
    "EvaluatorRecord",
    "Evaluators",
    "ListedTrace",
    "Repositories",
    "RoutingConfig",
    "RoutingConfigs",
    "RoutingRule",
    "ScoreRecord",
    "Scores",
    "SessionRecord",
    "Sessions",
    "SpanRecord",
    "Spans",
    "TemplateRecord",
    "TemplateVersionRecord",
    "Templates",
    "TraceEvent",
    "TraceQuery",
    "TraceRecord",
    "Traces",
    "Usage",
    "UsageRecord",
    "repositories_of",
]
