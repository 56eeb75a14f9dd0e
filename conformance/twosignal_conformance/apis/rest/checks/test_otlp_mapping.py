"""What spans of OTLP become: tokens, errors, names and times of their trace, and the same as spans sent natively."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Exchange, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.exports import Exports, attributes, between, whole_second
from twosignal_conformance.apis.rest.checks.group import Expect, Group, Seen

_GEN_AI = ("gen_ai.request.model", "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")
_FORMER = ("gen_ai.request.model", "gen_ai.usage.prompt_tokens", "gen_ai.usage.completion_tokens")
_AI = ("ai.model", "ai.prompt_tokens", "ai.completion_tokens")
"""Attributes for the model, the prompt's tokens and the completion's."""

_MODEL, _PROMPT, _COMPLETION = "gpt-4o-mini", 1000, 250
_TOKENS = _PROMPT + _COMPLETION

_CODE_OF_ERROR = 2
"""Of a span's status, in the OpenTelemetry protocol."""

_FRACTION = timedelta(milliseconds=37)
"""Of the second in which native and exported spans begin: a server that reads nanoseconds as seconds alone shows, and
one that takes them for a fraction without its leading zero."""

_COMPARED = ("spanCount", "totalTokens", "status", "durationMs")
_COMPARED_TIMES = ("startTime", "endTime")


@covers("otlp.span.gen-ai-tokens", "otlp.span.ai-tokens", "otlp.span.status-error", "otlp.encoding.integers")
def test_attributes_and_status_of_spans_count(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Three traces with integers as numbers and times as texts; then one with the opposite."""
    exports = Exports(client, judge, data, "attributes")
    gen_ai, ai, failed, opposite = (exports.planned() for _ in range(4))
    numbers = (
        exports.otlp_span(gen_ai, "gen_ai", attributes=_llm(data, _GEN_AI)),
        exports.otlp_span(ai, "ai", attributes=_llm(data, _AI)),
        exports.otlp_span(failed, "failed", status={"code": _CODE_OF_ERROR, "message": f"made up by {data.run_id}"}),
    )
    texts = exports.otlp_span(opposite, "opposite", attributes=_llm(data, _GEN_AI, texts=True))
    texts.update({name: int(texts[name]) for name in ("startTimeUnixNano", "endTimeUnixNano")})
    first, second = exports.export(*numbers), exports.export(texts)
    judge.require(first.ok or second.ok, f"the exports were answered with {first.status} and {second.status}")

    def count(seen: Seen, trace: Json) -> Any:
        return seen.row(trace).get("totalTokens")

    def arrived(seen: Seen) -> bool:
        return all(count(seen, trace) == _TOKENS for trace in (gen_ai, opposite, ai))

    if not (first.ok and second.ok):
        _judge_integers(judge, (first, second), (first.status, second.status))
        judge.require(first.ok, f"an export with integers as numbers was answered with {first.status}")
        exports.verify(*_of_numbers(client, gen_ai, ai, failed))
        return
    seen = exports.see(gen_ai, ai, failed, opposite, until=arrived)
    judge.require(seen.shows([gen_ai, ai, failed, opposite]), "a trace that was accepted did not show in the list")
    tokens = (count(seen, gen_ai), count(seen, opposite))
    _judge_integers(judge, (first, second, seen.page), tokens)
    expectations = list(_of_numbers(client, gen_ai, ai, failed))
    if tokens[0] != _TOKENS == tokens[1]:
        # The attributes are read, only not as numbers, which is the clause above.
        expectations[0] = Expect.value("otlp.span.gen-ai-tokens", opposite, "totalTokens", _TOKENS)
        judge.untested("otlp.span.ai-tokens", "the server does not read integers that are JSON numbers")
        del expectations[1]
    exports.verify(*expectations)


@covers(
    "otlp.trace.rootless-name",
    "otlp.trace.several-roots",
    "otlp.trace.late-span",
    "otlp.span.open",
    "otlp.span.idempotent",
    "otlp.encoding.nanoseconds",
    "otlp.encoding.defaults",
    "otlp.encoding.no-start",
    "otlp.encoding.id-case",
    "otlp.span.gen-ai-former-tokens",
    profile="standard",
)
def test_traces_that_are_unusual(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace for each; a refusal is the server's choice, so each comes in an export of its own."""
    exports = Exports(client, judge, data, "unusual")
    start = whole_second(data)
    rootless, rooted, late, running, twice, fine = (exports.planned() for _ in range(6))
    nulls, startless, cased, former = (exports.planned() for _ in range(4))
    orphans = [
        exports.otlp_span(rootless, label, parentSpanId=data.hex(16), **between(data, start, first, 5))
        for label, first in (("later", 2), ("earlier", 1))
    ]
    roots = [
        exports.otlp_span(rooted, label, **between(data, start, first, 5))
        for label, first in (("later", 2), ("earlier", 1))
    ]
    root = exports.otlp_span(late, "late")
    added = exports.otlp_span(late, "added", parentSpanId=root["spanId"])
    opened = exports.otlp_span(running, "open", endTimeUnixNano=ABSENT)
    repeated = exports.otlp_span(twice, "twice")
    nanoseconds = exports.otlp_span(fine, "fine", **between(data, start, 0, 1))
    nanoseconds["startTimeUnixNano"] = str(int(nanoseconds["startTimeUnixNano"]) + 123_999_999)
    null = exports.otlp_span(nulls, "null", **dict.fromkeys(("kind", "attributes", "events", "status")))
    starts_nowhere = exports.otlp_span(startless, "startless", startTimeUnixNano=ABSENT)
    in_upper_case = exports.request(exports.otlp_span(cased, "cased"))
    (told,) = in_upper_case["resourceSpans"][0]["scopeSpans"][0]["spans"]
    told.update({name: told[name].upper() for name in ("traceId", "spanId")})
    formerly = exports.otlp_span(former, "former", attributes=_llm(data, _FORMER))
    sent = {
        "otlp.encoding.defaults": exports.export(null),
        "otlp.encoding.no-start": exports.export(starts_nowhere),
        "otlp.encoding.id-case": client.call("ingestOtlpTraces", json=in_upper_case),
        "otlp.span.gen-ai-former-tokens": exports.export(formerly),
        "otlp.trace.rootless-name": exports.export(*orphans),
        "otlp.trace.several-roots": exports.export(*roots),
        "otlp.trace.late-span": exports.export(root),
        "otlp.span.open": exports.export(opened),
        "otlp.span.idempotent": exports.export(repeated),
        "otlp.encoding.nanoseconds": exports.export(nanoseconds),
    }
    for again in (added, repeated):
        exports.export(again)
    shown = {
        "otlp.trace.rootless-name": (rootless, "name"),
        "otlp.trace.several-roots": (rooted, "name"),
        "otlp.trace.late-span": (late, "spanCount"),
        "otlp.span.open": (running, "endTime"),
        "otlp.span.idempotent": (twice, "spanCount"),
        "otlp.encoding.nanoseconds": (fine, "startTime"),
        "otlp.encoding.defaults": (nulls, "spanCount"),
        "otlp.encoding.no-start": (startless, "startTime"),
        "otlp.encoding.id-case": (cased, "id"),
        "otlp.span.gen-ai-former-tokens": (former, "totalTokens"),
    }
    seen = exports.see(*(shown[clause][0] for clause, exchange in sent.items() if exchange.ok))
    for clause, exchange in sent.items():
        row = seen.row(shown[clause][0])
        what = f"{shown[clause][1]} {row[shown[clause][1]]!r}" if shown[clause][1] in row else "not in the list"
        judge.observe(clause, f"status {exchange.status}, {what}", evidence=(exchange, seen.page))


@covers("otlp.native-equivalence")
def test_otlp_and_native_spans_become_the_same(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A root, a call of a model with tokens, and a tool that failed: sent both ways with the same times.

    To the millisecond: how a server writes times does not matter, since both are read back from it.
    """
    start = whole_second(data) + _FRACTION
    exports, group = Exports(client, judge, data, "exported"), Group(client, judge, data, "native")
    exported = exports.planned()
    spans = _exported(exports, data, exported, start)
    native, bodies = _native(client, group, data, start)
    exchange = exports.export(*spans)
    judge.require(exchange.ok, f"the export was answered with {exchange.status}")
    group.ingest(native, *bodies)
    natively = group.see(native, until=lambda seen: _as_sent(seen.row(native), len(bodies)))
    judge.require(
        _as_sent(natively.row(native), len(bodies)), "the native trace does not show the spans that were sent"
    )
    wanted = _essence(natively.row(native))
    seen = exports.see(exported, until=lambda seen: _essence(seen.row(exported)) == wanted)
    judge.require(seen.shows([exported]), "the exported trace did not show in the list")
    found = _essence(seen.row(exported))
    differing = [name for name in wanted if found[name] != wanted[name]]
    judge.check(
        "otlp.native-equivalence",
        not differing,
        expected="; ".join(f"{name} {wanted[name]}" for name in differing or wanted),
        actual="; ".join(f"{name} {found[name]}" for name in differing or wanted),
        evidence=(exchange, natively.page, seen.page),
    )


def _llm(data: TestData, names: tuple[str, str, str], *, texts: bool = False) -> list[Json]:
    return attributes(data, dict(zip(names, (_MODEL, _PROMPT, _COMPLETION), strict=True)), texts=texts)


def _of_numbers(client: ApiClient, gen_ai: Json, ai: Json, failed: Json) -> tuple[Expect, ...]:
    return (
        Expect.value("otlp.span.gen-ai-tokens", gen_ai, "totalTokens", _TOKENS),
        Expect.value("otlp.span.ai-tokens", ai, "totalTokens", _TOKENS),
        Expect.value("otlp.span.status-error", failed, "status", client.contract.enum("Status")[-1]),
    )


def _judge_integers(judge: Judge, evidence: tuple[Exchange, ...], both: tuple[Any, Any]) -> None:
    """By what integers as numbers and as texts lead to: the same, whether it is right or not."""
    judge.check(
        "otlp.encoding.integers",
        both[0] == both[1],
        expected="the same of integers as JSON numbers and as decimal strings",
        actual=f"{both[0]} and {both[1]}",
        evidence=evidence,
    )


def _exported(exports: Exports, data: TestData, trace: Json, start: datetime) -> list[Json]:
    root = exports.otlp_span(trace, "root", kind=2, **between(data, start, 0, 6.289))
    parent: Json = {"kind": 3, "parentSpanId": root["spanId"]}
    model = exports.otlp_span(
        trace, "model", **parent, **between(data, start, 1.137, 3), attributes=_llm(data, _GEN_AI)
    )
    status = {"code": _CODE_OF_ERROR}
    tool = exports.otlp_span(trace, "tool", **parent, **between(data, start, 3, 5), status=status)
    return [root, model, tool]


def _native(client: ApiClient, group: Group, data: TestData, start: datetime) -> tuple[Json, list[Json]]:
    def times(first: float, last: float) -> Json:
        moments = {"startTime": first, "endTime": last}
        return {name: data.stamp(start + timedelta(seconds=seconds)) for name, seconds in moments.items()}

    trace = group.trace(**times(0, 6.289))
    root = group.span(trace, **times(0, 6.289))
    usage = {"promptTokens": _PROMPT, "completionTokens": _COMPLETION, "totalTokens": _TOKENS}
    parent = root["id"]
    model = group.span(trace, parentSpanId=parent, model=_MODEL, usage=usage, **times(1.137, 3))
    tool = group.span(trace, parentSpanId=parent, status=client.contract.enum("Status")[-1], **times(3, 5))
    return trace, [root, model, tool]


def _as_sent(row: Json, spans: int) -> bool:
    return row.get("spanCount") == spans and row.get("totalTokens") == _TOKENS


def _essence(row: Json) -> Json:
    """What has to be the same; times by their instants, however they are written."""
    times = {name: responses.instant(row.get(name)) for name in _COMPARED_TIMES}
    return {name: row.get(name) for name in _COMPARED} | times
