"""Runs evaluators on what was ingested, beside the requests: a trace that is complete, and whose lag has passed.

Two workers share the work. One carries out the rules, a few traces in a turn; the other one asks models and webhooks,
which may take their time. A score and the note that it is due are changed in one write, so that no end of the process
makes a score come twice; only a webhook may be asked again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from twosignal_contract import Contract

from twosignal_mock.apis.rest.evaluators import (
    EVALUATION,
    Catalogue,
    EvaluatorError,
    Subject,
    TooMuchWorkError,
    Verdict,
    forget_patterns,
    label_of,
    text_or_none,
)
from twosignal_mock.apis.rest.store import (
    EvaluationRecord,
    EvaluatorRecord,
    Repositories,
    ScoreRecord,
    TraceRecord,
    UsageRecord,
    repositories_of,
)
from twosignal_mock.apis.rest.traces import duration_of, end_of, format_month, read_detail
from twosignal_mock.engine.api import Dependencies, WorkCall, Worker
from twosignal_mock.engine.store import Transaction

_TRACES = 4
"""Read in a turn of the rules: their texts are held meanwhile."""
_ASKED = 8
"""Traces whose evaluators elsewhere are asked in one turn, all at the same time."""
_STEPS = 2_000_000
"""That a rule may take between two requests, some 10 ms; one that needs more is carried out on a thread."""
_MOST_REASON = 1000
"""Characters of a reasoning that are kept."""


def workers(contract: Contract, dependencies: Dependencies) -> tuple[Worker, ...]:
    """The rules, and what is asked elsewhere."""
    evaluation = _Evaluation(Catalogue(contract, dependencies), round(contract.document[EVALUATION]["lag"] * 1000))
    return (
        Worker("evaluators", evaluation.judge_by_rules),
        Worker("evaluators elsewhere", evaluation.ask_elsewhere),
    )


class _Due(NamedTuple):
    """A trace that is to be judged."""

    record: EvaluationRecord
    subject: Subject
    evaluators: Sequence[EvaluatorRecord]


@dataclass(frozen=True, slots=True)
class _Evaluation:
    catalogue: Catalogue
    lag: int
    """Milliseconds."""

    async def judge_by_rules(self, call: WorkCall) -> int | None:
        """One turn of the rules."""
        due, following = await call.read(
            lambda transaction: self._read(transaction, call.now, _TRACES, elsewhere=False)
        )
        for each in due:
            started = time.monotonic()
            verdicts: dict[str, Verdict] = {}
            left: list[str] = []
            for evaluator in each.evaluators:
                verdict = await self._judge(evaluator, each.subject)
                if verdict is None:
                    left.append(evaluator.id)
                else:
                    verdicts[evaluator.id] = verdict
            forget_patterns()
            named = {evaluator.id: evaluator.name for evaluator in each.evaluators}
            await call.write(lambda transaction: _keep(transaction, each.record, named, verdicts, left, call.now))  # noqa: B023 - awaited at once
            # Half of the time belongs to the requests, however many traces wait.
            await asyncio.sleep(time.monotonic() - started)
        return following

    async def ask_elsewhere(self, call: WorkCall) -> int | None:
        """One turn of models and webhooks."""
        due, following = await call.read(lambda transaction: self._read(transaction, call.now, _ASKED, elsewhere=True))
        asked = [(each, evaluator) for each in due for evaluator in each.evaluators]
        await asyncio.gather(*(self._ask(call, each, evaluator) for each, evaluator in asked))
        for each in due:
            if not each.evaluators:  # all of them were deleted meanwhile
                await call.write(lambda transaction: _keep(transaction, each.record, {}, {}, [], call.now))  # noqa: B023 - awaited at once
        return following

    async def _judge(self, evaluator: EvaluatorRecord, subject: Subject) -> Verdict | None:
        """The verdict of a rule; None for an evaluator that waits for somebody elsewhere."""
        config = _config(evaluator)
        try:
            completed = self.catalogue.complete(evaluator.type, config)
            if self.catalogue.waits(evaluator.type, completed):
                return None
            subject.allow(_STEPS)
            try:
                return self.catalogue.judge(evaluator.type, subject, completed)
            except TooMuchWorkError:
                subject.allow()
                return await asyncio.to_thread(self.catalogue.judge, evaluator.type, subject, completed)
        except Exception as error:  # noqa: BLE001 - a configuration that was imported may be anything
            return _helpless(error)

    async def _ask(self, call: WorkCall, due: _Due, evaluator: EvaluatorRecord) -> None:
        try:
            completed = self.catalogue.complete(evaluator.type, _config(evaluator))
            verdict = await self.catalogue.ask(evaluator.type, due.subject, completed)
        except Exception as error:  # noqa: BLE001 - as above
            verdict = _helpless(error)
        names, verdicts = {evaluator.id: evaluator.name}, {evaluator.id: verdict}
        await call.write(lambda transaction: _keep(transaction, due.record, names, verdicts, None, call.now))

    def _read(
        self, transaction: Transaction, now: int, limit: int, *, elsewhere: bool
    ) -> tuple[list[_Due], int | None]:
        """What is due, and when there is more to do."""
        repositories = repositories_of(transaction)
        pending = repositories.evaluations
        records = pending.due(now - self.lag, limit, elsewhere=elsewhere)
        if records:
            return [_read_due(repositories, record) for record in records], now
        first = pending.first_ready(elsewhere=elsewhere)
        return [], None if first is None else first + self.lag


def _helpless(error: Exception) -> Verdict:
    if isinstance(error, EvaluatorError):
        return Verdict(0.0, False, f"it cannot judge: {error.place.lstrip('.')} {error.problem}")
    return Verdict(0.0, False, f"it cannot judge: {type(error).__name__}")


def _config(evaluator: EvaluatorRecord) -> Mapping[str, Any]:
    config = orjson.loads(evaluator.config)
    return config if isinstance(config, dict) else {}


def _read_due(repositories: Repositories, record: EvaluationRecord) -> _Due:
    trace = repositories.traces.find(record.trace)
    if trace is None:  # imported without it
        return _Due(record, Subject(""), [])
    found = (repositories.evaluators.find(id_) for id_ in orjson.loads(record.evaluators))
    return _Due(record, _read_subject(repositories, trace), [evaluator for evaluator in found if evaluator is not None])


def _read_subject(repositories: Repositories, trace: TraceRecord) -> Subject:
    """The output of the root span (evaluators.run.output), and what the trace measures."""
    spans = repositories.spans.of_trace(trace.id)
    root = next((span for span in spans if span.parent is None), spans[0] if spans else None)
    detail = {} if root is None else read_detail(root.detail)
    start = trace.earliest if trace.sort_key is None else -trace.sort_key
    end = end_of(trace.own_end, trace.latest, trace.open)
    return Subject(
        text_or_none(detail.get("output")) or "",
        input=text_or_none(detail.get("input")),
        duration=None if start is None else duration_of(start, end),
        cost=Decimal(trace.cost),
        trace=trace.shown or trace.id,
        span=None if root is None else root.id,
    )


def _keep(
    transaction: Transaction,
    record: EvaluationRecord,
    names: Mapping[str, str],
    verdicts: Mapping[str, Verdict],
    left: Iterable[str] | None,
    now: int,
) -> None:
    """Stores verdicts as scores, each that is due still; `left` are those for elsewhere, None: all but the verdicts."""
    repositories = repositories_of(transaction)
    current = repositories.evaluations.find(record.trace)
    if current is None or current.elsewhere is not record.elsewhere:
        return
    due = orjson.loads(current.evaluators)
    scores = list(_scores(record.trace, names, {id_: verdicts[id_] for id_ in due if id_ in verdicts}, now))
    for score in scores:
        repositories.scores.add(score)
        repositories.traces.count_score(record.trace)
    if scores:
        repositories.usage.add(UsageRecord(format_month(now), evaluations=len(scores)))
    remaining = [id_ for id_ in due if id_ not in verdicts] if left is None else list(left)
    if remaining:
        ids = orjson.dumps(remaining).decode()
        repositories.evaluations.put(EvaluationRecord(record.trace, current.ready, True, ids))
    else:
        repositories.evaluations.delete(record.trace)


def _scores(trace: str, names: Mapping[str, str], verdicts: Mapping[str, Verdict], now: int) -> Iterator[ScoreRecord]:
    for evaluator, verdict in verdicts.items():
        reason = None if verdict.reason is None else verdict.reason[:_MOST_REASON]
        yield ScoreRecord(
            _score_id(trace, evaluator), trace, None, names[evaluator], verdict.score, label_of(verdict), reason, now
        )


def _score_id(trace: str, evaluator: str) -> str:
    """A UUID that both decide, so that the ids of responses do not depend on what is done beside them."""
    text = blake2b(f"{trace} {evaluator}".encode(errors="surrogatepass"), digest_size=16).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-8{text[17:20]}-{text[20:]}"
