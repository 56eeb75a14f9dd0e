"""Scores as they are stored: the response, what may be left out, what counts, what does not exist, how large one is."""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import MISSING, ApiClient, Exchange, Judge, Key, TestData, covers
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.judging import judge_cause, judge_response, judge_status
from twosignal_conformance.apis.rest.checks.responses import same
from twosignal_conformance.apis.rest.checks.sizes import judge_sizes

_ECHOED = {
    "traceId": "scores.create.trace-id",
    "evaluatorName": "scores.create.evaluator-name",
    "value": "scores.create.value",
    "label": "scores.create.label",
    "reasoning": "scores.create.reasoning",
}
"""Member of a score to the clause that its response has it."""

_BOTH = 2
"""Scores of a trace, one of the whole and one of its span."""


@covers(
    "scores.trace.just-ingested",
    "scores.create.optional-fields",
    "scores.create.status",
    "scores.create.bare",
    "scores.create.id",
    "scores.create.id-unique",
    "scores.create.span-id-null",
    "scores.create.absent-null",
    "scores.create.null-span",
    "scores.create.any-evaluator",
    "scores.create.counted",
    *_ECHOED.values(),
)
def test_a_score_is_stored_answered_and_counted(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One trace with four scores: the least, a full one, one with spanId null, one by a name that nobody knows."""
    group = Group(client, judge, data, "scored")
    trace = group.trace()
    group.ingest(trace)
    group.shown(trace)
    least = data.score(trace)
    full = data.score(trace, value=0.92, label="pass", reasoning='It says why: weil 漢字 🚀 "so".\nTwo lines.')
    null = data.score(trace, evaluatorName=f"null span {data.run_id}", spanId=None)
    named = data.score(trace, evaluatorName=f"Prüfung № 7 / «{data.run_id}» 🚀")

    first = client.call("createScore", json=least)
    unknown = client.contract.error("unknown-resource").status
    judge_response(
        judge,
        "scores.trace.just-ingested",
        first,
        first.status != unknown,
        "a score of a trace that shows in the list is accepted",
    )
    judge.require(first.status != unknown, "the trace was not found")
    if _judge_taken(judge, "scores.create.optional-fields", first, "a score with its three required fields"):
        seen = [first.at(name) for name in ("label", "reasoning")]
        judge.observe("scores.create.absent-null", f"label {seen[0]!r}, reasoning {seen[1]!r}", evidence=first)
    whole = client.call("createScore", json=full)
    without_span = client.call("createScore", json=null)
    _judge_taken(judge, "scores.create.null-span", without_span, "a score with spanId null")
    by_name = client.call("createScore", json=named)
    _judge_taken(judge, "scores.create.any-evaluator", by_name, "a score of any evaluatorName")

    sent = [(first, least), (whole, full), (without_span, null), (by_name, named)]
    stored = [(exchange, score) for exchange, score in sent if exchange.ok]
    judge_status(judge, "scores.create.status", whole, client.contract.operation("createScore").success)
    for exchange, score in stored:
        _judge_response(judge, exchange, score)
    ids = [exchange.at("id") for exchange, _ in stored]
    if len(ids) > 1 and all(isinstance(identifier, str) for identifier in ids):
        judge.check(
            "scores.create.id-unique",
            len(set(ids)) == len(ids),
            expected=f"{len(ids)} different ids",
            actual=ids,
            evidence=[exchange for exchange, _ in stored],
        )
    judge.require(stored, "no score was stored")
    group.verify(Expect.value("scores.create.counted", trace, "scoreCount", len(stored)))


@covers(
    "scores.create.span",
    "scores.create.span-id",
    "scores.create.span-counted",
    "scores.trace.unknown",
    "scores.span.unknown",
)
def test_a_span_is_scored_and_what_does_not_exist_is_not(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Scores of a span and of its trace; of a trace and of a span that nobody sent."""
    group = Group(client, judge, data, "span score")
    trace = group.trace()
    span = group.span(trace)
    exchange = client.call("createScore", json=data.score(data.id()))
    judge_cause(client, judge, "scores.trace.unknown", exchange, "unknown-resource", "a trace that does not exist")
    _ingest_spanned(judge, group, trace, span)
    exchange = client.call("createScore", json=data.score(trace))
    judge.require(exchange.ok, f"a score of a whole trace was answered with {exchange.status}")
    exchange = client.call("createScore", json=data.score(trace, spanId=span["id"]))
    judge.require(_judge_taken(judge, "scores.create.span", exchange, "a score of a span"), "it was refused")
    seen = group.see(trace, until=lambda seen: seen.row(trace).get("scoreCount") == _BOTH)
    unknown = client.call("createScore", json=data.score(trace, spanId=data.id()))
    judge_cause(client, judge, "scores.span.unknown", unknown, "unknown-resource", "a span that does not exist")
    # Where no score counts at all it is scores.create.counted that says so.
    if seen.row(trace).get("scoreCount"):
        judge.check(
            "scores.create.span-counted",
            seen.row(trace)["scoreCount"] == _BOTH,
            expected=f"scoreCount {_BOTH}",
            actual=seen.row(trace)["scoreCount"],
            evidence=(exchange, seen.page),
        )
    judge.require(exchange.at("id") is not MISSING, "the response is not the score itself")
    judge.check(
        "scores.create.span-id",
        exchange.at("spanId") == span["id"],
        expected=f"spanId {span['id']}",
        actual=exchange.at("spanId"),
        evidence=exchange,
    )


@covers("scores.create.repeat", "scores.span.other-trace", profile="standard")
def test_a_repeated_score_and_one_of_another_span(client: ApiClient, judge: Judge, data: TestData) -> None:
    """One score twice, then one of a trace that names the span of another."""
    group = Group(client, judge, data, "odd score")
    repeated, other = group.trace("repeated"), group.trace("other")
    span = group.span(other)
    group.ingest(repeated)
    _ingest_spanned(judge, group, other, span)
    once = data.score(repeated, label="fail")
    twice = [client.call("createScore", json=once) for _ in range(2)]
    judge.require(twice[0].ok, f"a score of a whole trace was answered with {twice[0].status}")
    seen = group.see(repeated, until=lambda seen: seen.row(repeated).get("scoreCount") == len(twice))
    count = seen.row(repeated).get("scoreCount")
    statuses = [exchange.status for exchange in twice]
    judge.observe(
        "scores.create.repeat", f"statuses {statuses}, then scoreCount {count!r}", evidence=(*twice, seen.page)
    )
    exchange = client.call("createScore", json=data.score(repeated, spanId=span["id"]))
    judge_cause(client, judge, "scores.span.other-trace", exchange, "unknown-resource", "a span of another trace")


@covers("scores.trace.other-project", needs=(Key.OTHER,))
def test_a_trace_of_another_project_is_not_scored(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace that its own key shows, scored with the key of another project."""
    group = Group(client, judge, data, "foreign")
    trace = group.trace()
    group.ingest(trace)
    group.shown(trace)
    exchange = client.call("createScore", json=data.score(trace), key=Key.OTHER)
    what = "a trace of another project"
    judge_cause(client, judge, "scores.trace.other-project", exchange, "unknown-resource", what)


@covers("scores.max-bytes-accepted", "scores.max-bytes", "scores.max-bytes-status", profile="standard")
def test_the_size_of_a_score_has_a_limit_in_bytes(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Reasoning of several bytes a character, exactly at both edges."""
    group = Group(client, judge, data, "large")
    trace = group.trace()
    group.ingest(trace)
    group.shown(trace)
    judge_sizes(client, judge, "createScore", "scores", lambda text: data.score(trace, reasoning=text))


def _ingest_spanned(judge: Judge, group: Group, trace: Json, span: Json) -> None:
    """A trace with a span, once both show; the check ends here when they do not."""
    group.ingest(trace, span)
    seen = group.see(trace, until=lambda seen: seen.row(trace).get("spanCount") == 1)
    judge.require(seen.row(trace).get("spanCount") == 1, "the span did not show in the spanCount of its trace")


def _judge_taken(judge: Judge, clause: str, exchange: Exchange, what: str) -> bool:
    return judge_response(judge, clause, exchange, exchange.ok, f"{what} is accepted")


def _judge_response(judge: Judge, exchange: Exchange, score: Json) -> None:
    """The response is the score itself, with an id and with what was sent."""
    score_body = exchange.json
    bare = isinstance(score_body, dict) and "id" in score_body
    wrapped = exchange.at("data", "id") is not MISSING or exchange.at("score", "id") is not MISSING
    if not judge.check(
        "scores.create.bare",
        isinstance(score_body, dict) and (bare or not wrapped),
        expected="the score itself, not in an envelope",
        actual=exchange.text,
        evidence=exchange,
    ):
        return
    identifier = exchange.at("id")
    judge.check(
        "scores.create.id",
        isinstance(identifier, str) and bool(identifier),
        expected='a string "id"',
        actual=identifier,
        evidence=exchange,
    )
    for name in _ECHOED.keys() & score.keys():
        judge.check(
            _ECHOED[name],
            same(exchange.at(name), score[name]),
            expected=f"{name} {score[name]!r}",
            actual=exchange.at(name),
            evidence=exchange,
        )
    if score.get("spanId") is None:
        judge.check(
            "scores.create.span-id-null",
            exchange.at("spanId") is None,
            expected="spanId null",
            actual=exchange.at("spanId"),
            evidence=exchange,
        )
