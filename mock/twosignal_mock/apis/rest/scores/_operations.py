"""The operation of scores: a score is stored and counted in its trace in one write."""

from __future__ import annotations

from twosignal_contract import Contract

from twosignal_mock.apis.rest._identifiers import identifier_check
from twosignal_mock.apis.rest.scores._wire import score_answer, score_of
from twosignal_mock.apis.rest.store import Repositories, ScoreRecord, repositories_of
from twosignal_mock.engine.api import Call, Operation, Refusal, Setting
from twosignal_mock.engine.store import Transaction


def operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:
    """POST /api/v1/scores."""
    del contract
    return (Operation("createScore", _Create(setting), writes=True),)


class _Create:
    def __init__(self, setting: Setting) -> None:
        self._check = identifier_check(setting)
        self._lag = setting.lag

    def __call__(self, call: Call, transaction: Transaction) -> object:
        score = score_of(call.body, call.new_id(), call.now)
        if self._check is not None:
            self._check(score.trace, "trace")
            self._check(score.span, "span")
        repositories = repositories_of(transaction)
        self._refuse_unknown(score, call.now, repositories)
        repositories.scores.add(score)
        repositories.traces.count_score(score.trace)
        return score_answer(score)

    def _refuse_unknown(self, score: ScoreRecord, now: int, repositories: Repositories) -> None:
        trace = repositories.traces.find(score.trace)
        # What no list shows yet is not there yet: spans without their trace, and traces within the lag.
        if trace is None or trace.sort_key is None or (self._lag and trace.created > now - self._lag):
            raise Refusal("unknown-resource", resource="trace", id=score.trace)
        if score.span is not None and not repositories.traces.has_span(score.trace, score.span):
            raise Refusal("unknown-resource", resource="span", id=score.span)
