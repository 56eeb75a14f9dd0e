"""Records of every kind that the REST API keeps, with every field filled in and with as few as possible."""

from __future__ import annotations

from twosignal_mock.apis.rest.store import (
    EvaluationRecord,
    EvaluatorRecord,
    Repositories,
    RoutingConfig,
    RoutingRule,
    ScoreRecord,
    SessionRecord,
    SpanRecord,
    TemplateRecord,
    TemplateVersionRecord,
    TraceEvent,
    TraceRecord,
    UsageRecord,
)

TRACE = TraceRecord(
    id="t1", created=5, sort_key=-4, name="caf\xe9", own_end=9, tags='["a","b"]', metadata='{"k":[1,null,"\xfc"]}',
    extra='{"sessionId":"s"}', stamp=4_000, stamps='{"name":4000}', lead="", earliest=4, latest=8, spans=2, open=1,
    failed=1, tokens=7, cost="0.25", scores=1, item='{"id":"t1","tags":["a","b"]}',
)  # fmt: skip
BARE_TRACE = TraceRecord("t2", 6)
SPAN = SpanRecord(
    "t1", "s1", "e1", "s0", "step", "LLM", 4, 8, True, 7, "2.5e-1", '[{"a":1},null,"m",null,null,null,null]'
)
TRACE_EVENT = TraceEvent("t1", "e0")
BARE_SPAN = SpanRecord("t1", "s2", None, None, "", "TOOL", 5, None, False, 0, None, "[]")
SCORE = ScoreRecord("x1", "t1", "s1", "accuracy", 0.25, "pass", "because", 7)
BARE_SCORE = ScoreRecord("x2", "t1", None, "accuracy", 1.0, None, None, 8)
TEMPLATE = TemplateRecord("p1", "greeting", "says hello", 2, 1, 2)
BARE_TEMPLATE = TemplateRecord("p2", "a bare one", None, 1, 3, 3)
VERSIONS = (
    TemplateVersionRecord("p1", "v1", 1, "Hello", (), None, 1),
    TemplateVersionRecord("p1", "v2", 2, "Hello {{name}}", ("name", "other"), "politer", 2),
    TemplateVersionRecord("p2", "v3", 1, "", (), None, 3),
)
CONFIG = RoutingConfig(
    "support",
    "small",
    True,
    (
        RoutingRule("long", {"type": "token_count", "maxTokens": 100}, "large", 1),
        RoutingRule("words", {"type": "keyword", "keywords": ["a", "b"]}, "large", 2),
    ),
    id="support",
)
BARE_CONFIG = RoutingConfig("empty", "small", False, (), id="empty")
SESSION = SessionRecord("i1", "u1", "d1", 100, 1)
EVALUATOR = EvaluatorRecord("v1", "Has JSON", "JSON_SCHEMA", '{"schema":{"type":"object"}}', True, 5, 6)
BARE_EVALUATOR = EvaluatorRecord("v2", "Own", "CUSTOM", "{}", False, 5, 5)
EVALUATION = EvaluationRecord("t1", 7, True, '["v1"]')
BARE_EVALUATION = EvaluationRecord("t2", None, False, '["v1","v2"]')
USAGE = UsageRecord("1970-01", 2, 2, 0)


def fill(repositories: Repositories) -> None:
    """Adds all of them."""
    fill_first(repositories)
    for evaluator in (EVALUATOR, BARE_EVALUATOR):
        repositories.evaluators.put(evaluator)
    for evaluation in (BARE_EVALUATION, EVALUATION):
        repositories.evaluations.put(evaluation)


def fill_first(repositories: Repositories) -> None:
    """Adds those that the first numbered build kept, and what follows from them."""
    repositories.traces.save(TRACE, BARE_TRACE)
    repositories.spans.add([TRACE_EVENT, SPAN, BARE_SPAN])
    for score in (SCORE, BARE_SCORE):
        repositories.scores.add(score)
    for template in (TEMPLATE, BARE_TEMPLATE):
        repositories.templates.put(template)
    for version in VERSIONS:
        repositories.templates.add_version(version)
    for config in (BARE_CONFIG, CONFIG):
        repositories.routing.put(config)
    repositories.sessions.put(SESSION)
    repositories.usage.add(USAGE)
