"""Strategies for what the machine sends. Pools are small, so that ids, names and times meet again and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from twosignal_contract import load_contract

Json = dict[str, Any]
Strategy = st.SearchStrategy

_SCHEMAS = load_contract().document["components"]["schemas"]

TRACES = ("trace-1", "A", "a", "\uffff", "\U0001f600")
EXPORTED = ("5b8efff798038103d269b633813fc60c", "000102030405060708090a0b0c0d0e0f")
TEMPLATES = ("reply", "Reply", "a")
SPANS = ("span-1", "span-2", "span-3", "ś")
NAMES = ("support-agent", "Support-Agent", "50%_done*", "50 done", "naïve agent", "agent")
NAME_FILTERS = ("", "support", "agent", "%", "_", "*", "0%_", "done", "ï", "nothing")
TAGS = ("production", "prod", "v2", "a b", "é")
STATUSES = tuple(_SCHEMAS["Status"]["enum"])
TYPES = tuple(_SCHEMAS["SpanType"]["enum"])
START = datetime(2026, 3, 14, 10, tzinfo=UTC)
"""Near this everything happens."""

RESOURCES: dict[str, Json] = {
    EXPORTED[0]: {"service.name": "support-agent", "deployment.environment": "prod"},
    EXPORTED[1]: {},
}
"""Of each trace from OTLP."""


def _text(instant: datetime, form: str) -> str:
    digits = {"seconds": "", "milliseconds": f".{instant.microsecond // 1000:03d}"}.get(
        form, f".{instant.microsecond:06d}"
    )
    return f"{instant:%Y-%m-%dT%H:%M:%S}{digits}{'+00:00' if form == 'offset' else 'Z'}"


instants: Strategy[datetime] = st.builds(
    lambda seconds, microseconds: START + timedelta(seconds=seconds, microseconds=microseconds),
    st.integers(-1, 1),
    st.sampled_from([0, 1_000, 1_999]),
)
times: Strategy[str] = st.builds(
    _text, instants, st.sampled_from(["seconds", "milliseconds", "microseconds", "offset"])
)
dates: Strategy[str] = st.builds(_text, instants, st.sampled_from(["seconds", "milliseconds"]))
"""For filters: whole milliseconds."""

values: Strategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "text", "é😀"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["k", "l"]), inner, max_size=2),
    max_leaves=4,
)
metadata: Strategy[Any] = st.none() | st.dictionaries(st.sampled_from(["version", "prod", "owner"]), values, max_size=3)
costs: Strategy[Any] = st.sampled_from(
    [None, 0, 0.0, 0.1, 0.2, 1e-7, 1.5e-10, 123456789, 0.000025, 1000000000]
) | st.integers(0, 10**6).map(lambda number: number / 10**6)
counts: Strategy[Any] = st.none() | st.integers(0, 1000)
usages: Strategy[Any] = st.none() | st.fixed_dictionaries(
    {}, optional={"promptTokens": counts, "completionTokens": counts, "totalTokens": counts, "cachedTokens": counts}
)


def _some(**optional: Strategy[Any]) -> Strategy[Json]:
    return st.fixed_dictionaries({}, optional=optional)


def _with(required: dict[str, Strategy[Any]], **optional: Strategy[Any]) -> Strategy[Json]:
    return st.fixed_dictionaries(required, optional=optional)


trace_bodies = _with(
    {"id": st.sampled_from(TRACES), "name": st.sampled_from(NAMES)},
    metadata=metadata,
    tags=st.none() | st.lists(st.sampled_from(TAGS), max_size=3),
    startTime=st.none() | times,
    endTime=st.none() | times,
    sessionId=st.none() | st.just("session"),
    somethingElse=values,
)
span_bodies = _with(
    {"traceId": st.sampled_from(TRACES), "name": st.sampled_from(NAMES), "type": st.sampled_from(TYPES)},
    id=st.none() | st.sampled_from(SPANS),
    parentSpanId=st.none() | st.sampled_from(SPANS),
    startTime=st.none() | times,
    endTime=st.none() | times,
    input=values,
    output=values,
    model=st.none() | st.just("gpt-4o"),
    modelParameters=metadata,
    usage=usages,
    cost=costs,
    status=st.none() | st.sampled_from(STATUSES),
    errorMessage=st.none(),
    metadata=metadata,
)
breakages: Strategy[Json] = st.sampled_from([{"id": None}, {"type": "other"}, {"timestamp": "today"}, {"body": {}}])
"""What makes an event invalid, whichever it is."""

exported_spans = _with(
    {
        "traceId": st.sampled_from([*EXPORTED, EXPORTED[0].upper()]),
        "spanId": st.sampled_from(["eee19b7ec3c1b174", "EEE19B7EC3C1B174", "0000000000000001", "0000000000000002"]),
        "name": st.sampled_from(NAMES),
        "seconds": st.integers(-3, 3),
        "as_text": st.booleans(),
    },
    duration=st.none() | st.integers(0, 3000),
    parentSpanId=st.sampled_from(["", "eee19b7ec3c1b174"]),
    kind=st.integers(0, 5),
    status=st.fixed_dictionaries({"code": st.integers(0, 2)}),
    tokens=st.tuples(st.integers(0, 99), st.integers(0, 99)),
)
filters = _some(
    name=st.sampled_from(NAME_FILTERS),
    status=st.sampled_from(STATUSES),
    tags=st.lists(st.sampled_from([*TAGS, "", "service.name:support-agent"]), max_size=3),
    startDate=dates,
    endDate=dates,
)
scores = _with(
    {
        "traceId": st.sampled_from(TRACES + EXPORTED + ("nobody",)),
        "evaluatorName": st.sampled_from(["accuracy", "human review"]),
        "value": st.sampled_from([0, 0.0, 0.5, 1, 1.0, -0.1, 1.1, "1", None, True]),
    },
    spanId=st.none() | st.sampled_from((*SPANS, "nobody")),
    label=st.none() | st.just("pass"),
    reasoning=st.none() | st.just("because"),
)
pushes = _with(
    {
        "name": st.sampled_from(TEMPLATES),
        "content": st.sampled_from(["", "Hello {{name}}", "{{b}} {{a}} {{b}}"]),
    },
    description=st.none() | st.sampled_from(["one", "two"]),
    commitMessage=st.none() | st.just("why"),
)
