"""The handler of scores: a score is stored and counted in its trace in one write."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest._formats import canonical_id, identifier_check
from twosignal_mock.apis.rest.store import Repositories, ScoreRecord, repositories_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction


def handlers(contract: Contract, dependencies: Dependencies) -> tuple[Handler, ...]:
    """POST /api/v1/scores."""
    del contract
    return (Handler("createScore", _Create(dependencies), writes=True),)


class _Create:
    def __init__(self, dependencies: Dependencies) -> None:
        self._check = identifier_check(dependencies)
        self._lag = dependencies.lag

    def __call__(self, call: Call, transaction: Transaction) -> object:
        score = score_of(call.body, call.new_id(), call.now)
        if self._check is not None:
            self._check(score.trace, "trace")
            self._check(score.span, "span")
        repositories = repositories_of(transaction)
        self._check_known(score, call.now, repositories)
        repositories.scores.add(score)
        repositories.traces.count_score(score.trace)
        return score_response(score) | {"traceId": call.body["traceId"]}

    def _check_known(self, score: ScoreRecord, now: int, repositories: Repositories) -> None:
        trace = repositories.traces.find(score.trace)
        # What no list shows yet is not there yet: spans without their trace, and traces within the lag.
        if trace is None or trace.sort_key is None or (self._lag and trace.created > now - self._lag):
            raise ApiError("unknown-resource", resource="trace", id=score.trace)
        names = () if score.span is None else (score.span, canonical_id(score.span))
        if names and not any(repositories.spans.has(score.trace, name) for name in names):
            raise ApiError("unknown-resource", resource="span", id=score.span)


def score_of(body: Mapping[str, Any], score_id: str, now: int) -> ScoreRecord:
    """The score that a checked request asks to store; `now` in milliseconds since 1970."""
    return ScoreRecord(
        id=score_id,
        trace=canonical_id(body["traceId"]),
        span=body.get("spanId"),
        evaluator=body["evaluatorName"],
        value=body["value"],
        label=body.get("label"),
        reasoning=body.get("reasoning"),
        created=now,
    )


def score_response(score: ScoreRecord) -> dict[str, Any]:
    """A stored score as it is sent back; what was not sent is null."""
    return {
        "id": score.id,
        "traceId": score.trace,
        "spanId": score.span,
        "evaluatorName": score.evaluator,
        "value": score.value,
        "label": score.label,
        "reasoning": score.reasoning,
    }
