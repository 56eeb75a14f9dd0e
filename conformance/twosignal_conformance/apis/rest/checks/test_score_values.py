"""The value of a score: what is in its range, what is not, what has to be there, and that a refusal leaves no trace."""

from __future__ import annotations

from typing import Any

from twosignal_conformance.apis.rest.checks import ABSENT, ApiClient, Exchange, Judge, TestData, covers, responses
from twosignal_conformance.apis.rest.checks.data import Json
from twosignal_conformance.apis.rest.checks.group import Expect, Group
from twosignal_conformance.apis.rest.checks.judging import judge_cause, judge_response

_STEP = 0.0001
"""How near to its bounds a value is tried: as many decimals as any store of scores keeps."""

_NOT_NUMBERS: tuple[Any, ...] = ("0.5", True, [0.5])

_REQUIRED = {
    "traceId": "scores.required.trace-id",
    "evaluatorName": "scores.required.evaluator-name",
    "value": "scores.required.value",
}


@covers(
    "scores.value.zero",
    "scores.value.one",
    "scores.value.between",
    "scores.value.below",
    "scores.value.above",
    "scores.value.status",
    "scores.value.not-number",
    "scores.refused.not-counted",
    *_REQUIRED.values(),
)
def test_values_have_a_range_and_what_is_refused_does_not_count(
    client: ApiClient, judge: Judge, data: TestData
) -> None:
    """Values in and out of range and of other types, missing fields; then only what was stored may count."""
    bounds = client.contract.schema("ScoreValue")
    least, most = bounds["minimum"], bounds["maximum"]
    group = Group(client, judge, data, "refused")
    trace = group.trace()
    group.ingest(trace)
    group.shown(trace)
    stored = 0
    for clause, values in (
        # Also without a fraction, as some clients write them.
        ("scores.value.zero", (float(least), int(least))),
        ("scores.value.one", (float(most), int(most))),
        ("scores.value.between", (least + _STEP, (least + most) / 3)),
    ):
        for value in values:
            exchange = _send(client, judge, data.score(trace, value=value))
            stored += exchange.ok
            judge_response(judge, clause, exchange, exchange.ok, f"the value {value} is accepted")
    for clause, values in (
        ("scores.value.below", (least - _STEP, least - 1)),
        ("scores.value.above", (most + _STEP, most + 1)),
    ):
        for value in values:
            exchange = _send(client, judge, data.score(trace, value=value))
            stored += exchange.ok
            refused = judge_response(
                judge, clause, exchange, responses.refused(exchange), f"the value {value} is refused"
            )
            if refused:
                judge_cause(client, judge, "scores.value.status", exchange, "invalid-value", f"the value {value}")
    for value in _NOT_NUMBERS:
        exchange = _send(client, judge, data.score(trace, value=value))
        stored += exchange.ok
        judge_cause(client, judge, "scores.value.not-number", exchange, "invalid-value", f"the value {value!r}")
    for missing, clause in _REQUIRED.items():
        exchange = client.call("createScore", json=data.score(trace, **{missing: ABSENT}))
        stored += exchange.ok
        judge_cause(client, judge, clause, exchange, "invalid-value", f"a score without {missing}")
    judge.require(stored, "no score was stored")
    # What was taken by mistake is another clause's; what was refused must not count.
    group.verify(Expect.at_most("scores.refused.not-counted", trace, "scoreCount", stored))


def _send(client: ApiClient, judge: Judge, score: Json) -> Exchange:
    """The response to a score; the check ends here when its trace is not found, which another check judges."""
    exchange = client.call("createScore", json=score)
    judge.require(exchange.status != client.contract.error("unknown-resource").status, "the trace was not found")
    return exchange
