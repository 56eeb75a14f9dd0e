"""The sample as requests: the same count, seed and instant give the same requests, byte for byte."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count as count_from
from random import Random
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest.sample._agents import AGENTS, Agent
from twosignal_mock.apis.rest.sample._edges import edge_at
from twosignal_mock.apis.rest.sample._traces import Run
from twosignal_mock.engine.api import SampleRequest

_INGEST, _SCORE = "ingestTraces", "createScore"
_MOST_EVENTS = 500
"""In a batch, when the contract sets no limit."""

_DAYS = 7
"""Over which the traces are spread, more of them towards the end."""
_DAY = 86_400_000
_LONGEST = 180_000
"""Milliseconds; no run takes longer, so that nothing of the sample ends after now."""
_BURSTS, _BURST_SHARE = 4, 0.15
"""Somebody runs an evaluation, or a queue is worked off."""
_BURST = 60_000
"""Milliseconds."""
_NIGHT, _NIGHT_SHARE = 5 * 3_600_000, 0.15
"""Milliseconds of a day, in UTC, in which little happens, and the share of it that does."""
_RUNNING_SHARE = 0.02
_SCORED_SHARE = 0.6
_PASSED = 0.5
"""From this score on the label is `pass`."""


def generate(contract: Contract, count: int, seed: str, now: int) -> Iterator[Sequence[SampleRequest]]:
    """Batches of whole traces in the order of time, each with the scores of its traces.

    `count` traces, a few of them still running at `now` (milliseconds since 1970).
    """
    random = Random(f"sample {seed}")  # noqa: S311 - a sample has to repeat, not to be secret
    running = max(1, round(count * _RUNNING_SHARE)) if count > 1 else 0
    ended = count - running
    starts = sorted(_starts(random, ended, now))
    late = sorted(now - _LONGEST - random.randrange(_LONGEST) for _ in range(running))
    agents = random.choices(AGENTS, [agent.weight for agent in AGENTS], k=count)
    limit = contract.operation(_INGEST).payload_limit
    most_events = limit.events if limit is not None and limit.events is not None else _MOST_EVENTS
    batch = _Batch(random, most_events)
    for index, (agent, start) in enumerate(zip(agents, (max(0, each) for each in starts + late), strict=True)):
        run = Run(random, agent, start, running=index >= ended)
        if index < ended and count > 1 and (edge := edge_at(ended - 1 - index)) is not None:
            edge(run, random, most_events)
        if not batch.has_room(run):
            yield batch.requests(now)
            batch = _Batch(random, most_events)
        batch.add(agent, run)
    if count:
        yield batch.requests(now)


def _starts(random: Random, count: int, now: int) -> Iterator[int]:
    """When runs began: more of them towards the end, few at night, and some in bursts."""
    spread = _DAYS * _DAY - 2 * _LONGEST
    bursts = [int(random.random() ** 1.5 * spread) for _ in range(_BURSTS)]
    for _ in range(count):
        if random.random() < _BURST_SHARE:
            age = random.choice(bursts) + random.randrange(_BURST)
        else:
            age = next(
                age
                for age in (int(random.random() ** 1.5 * spread) for _ in count_from())
                if (now - age) % _DAY >= _NIGHT or random.random() < _NIGHT_SHARE
            )
        yield now - 2 * _LONGEST - min(age, spread)


class _Batch:
    """Traces that are sent together, and their scores."""

    def __init__(self, random: Random, most_events: int) -> None:
        self._random = random
        self._most_events = most_events
        self._events: list[dict[str, Any]] = []
        self._scores: list[dict[str, Any]] = []
        self._last = 0

    def has_room(self, run: Run) -> bool:
        return len(self._events) + len(run.events) <= self._most_events

    def add(self, agent: Agent, run: Run) -> None:
        self._events += run.events
        self._last = max(self._last, run.start if run.end is None else run.end)
        if run.end is not None and self._random.random() < _SCORED_SHARE:
            names = self._random.sample(agent.evaluators, self._random.randint(1, len(agent.evaluators)))
            self._scores += [self._score(run, name) for name in names]

    def requests(self, now: int) -> list[SampleRequest]:
        received = min(self._last + 1000, now)
        events = SampleRequest(_INGEST, {"batch": self._events}, received)
        return [events, *(SampleRequest(_SCORE, score, received) for score in self._scores)]

    def _score(self, run: Run, name: str) -> dict[str, Any]:
        """Mostly good, worse where something failed."""
        value = round(self._random.betavariate(2, 3) if run.failed else self._random.betavariate(6, 1.5), 2)
        passed = value >= _PASSED
        score: dict[str, Any] = {"traceId": run.id, "evaluatorName": name, "value": value}
        score["label"] = "pass" if passed else "fail"
        if not passed:
            score["reasoning"] = "A step failed and the answer leaves it out." if run.failed else "The answer is vague."
        if self._random.random() < 0.3:
            score["spanId"] = self._random.choice(run.events[1:])["body"]["id"]
        return score
