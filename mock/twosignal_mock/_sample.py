"""Sample data: realistic traces of agents for pages and reports under construction, the same for the same seed.

They go in as a client's would, through the operations of the contract; only the rate limit and the records are spared.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from twosignal_mock.engine.api import Call, Operation, Project
from twosignal_mock.engine.sandbox import Sandboxes
from twosignal_mock.engine.store import Store

_DAY = 86_400_000
"""Milliseconds."""
_SPREAD = 7 * _DAY
"""The traces lie in so much time before the present of the sandbox's clock."""
_BATCH = 20
"""Traces stored together."""
_FAILURES = 0.12
"""Share of traces with an error."""
_SCORED = 0.5

_INGEST = "ingestTraces"
_SCORE = "createScore"


@dataclass(frozen=True, slots=True)
class _Agent:
    name: str
    model: str
    price: float
    """US dollars for 1,000 tokens."""
    tools: tuple[str, ...]
    questions: tuple[str, ...]


_AGENTS = (
    _Agent(
        "support-agent",
        "gpt-4o-mini",
        0.0006,
        ("lookup_order", "create_ticket"),
        ("Where is my order 1042?", "How do I reset my password?", "I want my money back."),
    ),
    _Agent(
        "research-agent",
        "gpt-4o",
        0.01,
        ("web_search", "read_page"),
        ("Compare three vector databases.", "What changed in HTTP/3?"),
    ),
    _Agent(
        "billing-agent",
        "claude-3-5-haiku",
        0.004,
        ("get_invoice", "issue_refund"),
        ("Why was I charged twice?", "Send me last month's invoice."),
    ),
)
_TAGS = ("production", "staging", "v1", "v2")
_ERRORS = ("tool timed out after 10 s", "upstream answered 503", "the answer was no valid JSON")
_EVALUATORS = ("accuracy", "helpfulness", "no-hallucination")


class Sampler:
    """Puts sample data into projects."""

    def __init__(self, operations: Iterable[Operation], store: Store, sandboxes: Sandboxes, seed: int) -> None:
        self._operations = {operation.id: operation for operation in operations}
        self._store = store
        self._sandboxes = sandboxes
        self._seed = seed

    async def fill(self, project: Project, count: int) -> None:
        """Adds so many traces with their spans, and scores for about half of them."""
        sandbox = self._sandboxes.of(project)
        now = sandbox.clock.now() // 1000
        chance = random.Random(f"{self._seed} {project.name}")  # noqa: S311 - repeats on purpose
        for begin in range(0, count, _BATCH):
            batch: list[dict[str, Any]] = []
            scores: list[dict[str, Any]] = []
            for number in range(begin, min(begin + _BATCH, count)):
                events = list(_trace(chance, number, now, count))
                batch += events
                if chance.random() < _SCORED:
                    scores.append(_score(chance, events[0]["body"]["id"]))
            await self._call(_INGEST, project, now, {"batch": batch})
            for score in scores:
                await self._call(_SCORE, project, now, score)

    async def _call(self, operation_id: str, project: Project, now: int, body: object) -> None:
        handle = self._operations[operation_id].handle
        call = Call(operation_id, project, now, self._sandboxes.of(project).new_id, body=body)
        await self._store.write(project.number, lambda transaction: handle(call, transaction))


def _trace(chance: random.Random, number: int, now: int, count: int) -> Iterator[dict[str, Any]]:
    """The events of one trace: an agent that thinks, looks things up, uses a tool and answers."""
    agent = chance.choice(_AGENTS)
    trace = f"sample-{number:05d}-{chance.getrandbits(32):08x}"
    # Newest last, so that what a page shows first is what was ingested last.
    start = now - _SPREAD + (number + 1) * _SPREAD // (count + 1)
    failed = chance.random() < _FAILURES
    question = chance.choice(agent.questions)
    yield _event(
        "trace-create",
        start,
        {
            "id": trace,
            "name": agent.name,
            "startTime": _iso(start),
            "tags": chance.sample(_TAGS, 2),
            "metadata": {"sample": True, "release": f"2.{chance.randint(0, 3)}"},
        },
    )
    root, cursor = f"{trace}-agent", start
    spans: list[dict[str, Any]] = []
    for index, (kind, name) in enumerate(_steps(chance, agent)):
        length = chance.randint(40, 1800)
        spans.append(_span(chance, agent, (trace, f"{trace}-{index}", root), (kind, name), cursor, length))
        cursor += length + chance.randint(1, 30)
    if failed:
        spans[-1] |= {"status": "ERROR", "errorMessage": chance.choice(_ERRORS)}
    yield _event(
        "span-create",
        start,
        {
            "id": root,
            "traceId": trace,
            "name": agent.name,
            "type": "AGENT",
            "startTime": _iso(start),
            "endTime": _iso(cursor),
            "input": question,
            "output": None if failed else f"(an answer to: {question})",
            "status": "ERROR" if failed else "OK",
        },
    )
    for span in spans:
        yield _event("span-create", start, span)


def _steps(chance: random.Random, agent: _Agent) -> Iterator[tuple[str, str]]:
    yield "LLM", "plan"
    if chance.random() < 0.7:
        yield "RETRIEVAL", "search-knowledge"
    for tool in chance.sample(agent.tools, chance.randint(0, len(agent.tools))):
        yield "TOOL", tool
    yield "LLM", "answer"


def _span(
    chance: random.Random, agent: _Agent, ids: tuple[str, str, str], step: tuple[str, str], start: int, length: int
) -> dict[str, Any]:
    trace, span, parent = ids
    kind, name = step
    body: dict[str, Any] = {
        "id": span,
        "traceId": trace,
        "parentSpanId": parent,
        "name": name,
        "type": kind,
        "startTime": _iso(start),
        "endTime": _iso(start + length),
        "status": "OK",
    }
    if kind == "LLM":
        prompt, completion = chance.randint(80, 2500), chance.randint(20, 600)
        body |= {
            "model": agent.model,
            "usage": {"promptTokens": prompt, "completionTokens": completion, "totalTokens": prompt + completion},
            "cost": round((prompt + completion) / 1000 * agent.price, 6),
        }
    return body


def _score(chance: random.Random, trace: str) -> dict[str, Any]:
    value = round(chance.betavariate(5, 2), 2)
    return {
        "traceId": trace,
        "evaluatorName": chance.choice(_EVALUATORS),
        "value": value,
        "label": "pass" if value >= 0.5 else "fail",
    }


def _event(kind: str, at: int, body: dict[str, Any]) -> dict[str, Any]:
    return {"id": f"{kind}-{body['id']}", "type": kind, "timestamp": _iso(at), "body": body}


def _iso(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
