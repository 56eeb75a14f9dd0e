"""One trace of an agent, as the events that its SDK would send: a run with its steps one after the other."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from random import Random
from typing import Any

from twosignal_mock.apis.rest._formats import format_timestamp
from twosignal_mock.apis.rest.sample._agents import Agent, Tool, cost_of

_ENVIRONMENTS = ("production", "production", "production", "staging")
_VERSIONS = ("2.0.3", "2.1.0", "2.1.1")
_TOKENS_A_SECOND = 60
"""How fast the models of the sample write; decides how long an LLM span takes."""


class Run:
    """Plays one run of an agent; `events` are what it sent, `end` is None while it goes on."""

    def __init__(self, random: Random, agent: Agent, start: int, *, running: bool) -> None:
        """`start` in milliseconds since 1970; a run that goes on stops in the middle of its last step."""
        self.id = _new_id(random)
        self.start = start
        self.end: int | None = None
        self.failed = False
        self.events: list[dict[str, Any]] = []
        self._random = random
        self._agent = agent
        self._model = random.choice(agent.models)
        self._now = start
        self.root = _new_id(random)
        """The id of its first span."""
        self._question = random.choice(agent.inputs)
        self._begin()
        self._play(running)

    @property
    def trace(self) -> dict[str, Any]:
        """The body of its trace-create."""
        body: dict[str, Any] = self.events[0]["body"]
        return body

    def spans(self) -> Iterator[dict[str, Any]]:
        """The bodies of its spans."""
        return (event["body"] for event in self.events[1:])

    def add_span(
        self, parent: str, name: str, kind: str, start: int, end: int | None, error: str | None, **fields: Any
    ) -> str:
        """One more span, and its id."""
        span_id = _new_id(self._random)
        self._span(span_id, parent, name, kind, start, end, error, **fields)
        return span_id

    def _begin(self) -> None:
        random, agent = self._random, self._agent
        environment = random.choice(_ENVIRONMENTS)
        body = {
            "id": self.id,
            "name": agent.name,
            "startTime": format_timestamp(self.start),
            "tags": [*agent.tags, environment],
            "metadata": {
                "environment": environment,
                "version": random.choice(_VERSIONS),
                "user": f"user-{random.randrange(200)}",
            },
            "sessionId": f"session-{random.randrange(10_000)}",
        }
        self._send("trace-create", body, self.start)

    def _play(self, running: bool) -> None:
        random, agent = self._random, self._agent
        if agent.source is not None:
            self._retrieve(agent.source)
        rounds = random.randint(*agent.rounds)
        for number in range(rounds):
            self._round(f"step {number + 1}")
            # Some agents give up on an error, the others go on without the result.
            if self.failed and random.random() < 0.3:
                break
        answer = None
        if not self.failed or random.random() < 0.5:
            answer = random.choice(agent.outputs)
            self._ask(self.root, "answer", answer, running=running)
        self._finish(answer, running)

    def _finish(self, answer: str | None, running: bool) -> None:
        error = None if answer is not None else "AgentError: stopped after a tool failed"
        fields = {"input": {"question": self._question}, "output": answer}
        end = None if running else self._now + self._random.randint(1, 20)
        self._span(self.root, None, self._agent.name, "AGENT", self.start, end, error, **fields)
        self.end = end

    def _retrieve(self, source: str) -> None:
        start, documents = self._now, self._random.randint(0, 6)
        self._now += self._random.randint(20, 300)
        output = [{"id": f"{source}-{self._random.randrange(5000)}", "rank": rank} for rank in range(documents)]
        self._step(self.root, source, "RETRIEVAL", start, input={"query": self._question}, output=output)

    def _round(self, name: str) -> None:
        """A chain that asks the model what to do next, and then does it."""
        chain, start = _new_id(self._random), self._now
        tool = self._random.choice(self._agent.tools)
        self._ask(chain, "plan", f"call {tool.name}")
        error = self._call(chain, tool)
        self._span(chain, self.root, name, "CHAIN", start, self._now, error)

    def _ask(self, parent: str, name: str, output: str, *, running: bool = False) -> None:
        prompt, completion = self._random.randint(150, 3000), self._random.randint(20, 700)
        usage = {"promptTokens": prompt, "completionTokens": completion, "totalTokens": prompt + completion}
        start = self._now
        self._now += 200 + completion * 1000 // _TOKENS_A_SECOND
        fields: dict[str, Any] = {
            "model": self._model,
            "modelParameters": {"temperature": 0.2},
            "input": self._question,
        }
        if not running:
            fields |= {"output": output, "usage": usage, "cost": cost_of(self._model, prompt, completion)}
        end = None if running else self._now
        self._span(_new_id(self._random), parent, name, "LLM", start, end, None, **fields)

    def _call(self, parent: str, tool: Tool) -> str | None:
        """What went wrong, None when nothing did."""
        start = self._now
        self._now += self._random.randint(*tool.milliseconds)
        error = tool.error if self._random.random() < tool.failure else None
        output = None if error else {"ok": True, "rows": self._random.randrange(20)}
        self._step(parent, tool.name, "TOOL", start, error, input={"attempt": 1}, output=output)
        return error

    def _step(self, parent: str, name: str, kind: str, start: int, error: str | None = None, **fields: Any) -> None:
        self._span(_new_id(self._random), parent, name, kind, start, self._now, error, **fields)

    def _span(
        self,
        span_id: str,
        parent: str | None,
        name: str,
        kind: str,
        start: int,
        end: int | None,
        error: str | None,
        **fields: Any,
    ) -> None:
        body = {
            "id": span_id,
            "traceId": self.id,
            "parentSpanId": parent,
            "name": name,
            "type": kind,
            "startTime": format_timestamp(start),
            "status": "ERROR" if error else "OK",
            **fields,
        }
        if end is not None:
            body["endTime"] = format_timestamp(end)
        if error is not None:
            body["errorMessage"] = error
            self.failed = True
        self._send("span-create", body, start if end is None else end)

    def _send(self, kind: str, body: dict[str, Any], instant: int) -> None:
        event = {"id": _new_id(self._random), "type": kind, "timestamp": format_timestamp(instant), "body": body}
        self.events.append(event)


def _new_id(random: Random) -> str:
    return str(uuid.UUID(int=random.getrandbits(128), version=4))
