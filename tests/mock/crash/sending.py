"""Clients of the crash tests: what they send, and the book that they keep of it. No server's records are asked."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

import httpx
from twosignal_contract import load_contract
from twosignal_mock import MockServer

CONTRACT = load_contract()
SPAN_TYPE = CONTRACT.document["components"]["schemas"]["SpanType"]["enum"][0]

_SIZES = (1, 1, 1, 2, 2, 5, 5, 20, 20, 200)
"""Traces in a batch; each with a span, so twice as many events."""
_PATIENCE = 20
"""Seconds for one answer."""


@dataclass
class Batch:
    """Some traces with a span each, sent in one request: all of them are stored, or none."""

    traces: tuple[str, ...]
    at: str
    """Start of all traces and spans."""
    acknowledged: bool = False

    def body(self) -> dict[str, Any]:
        """The request's body, the same each time."""
        return {"batch": [event for trace in self.traces for event in self._events(trace)]}

    def _events(self, trace: str) -> list[dict[str, Any]]:
        span = {"id": f"{trace}-span", "traceId": trace, "name": "step", "type": SPAN_TYPE, "startTime": self.at}
        return [
            {
                "id": f"{trace}-event",
                "type": "trace-create",
                "timestamp": self.at,
                "body": {"id": trace, "name": trace},
            },
            {"id": f"{trace}-span-event", "type": "span-create", "timestamp": self.at, "body": span},
        ]

    def _event(self, kind: str, body: dict[str, Any]) -> dict[str, Any]:
        return {"id": f"event-{body['id']}", "type": kind, "timestamp": self.at, "body": body}


@dataclass
class Sent:
    """What one client did until its server was gone. The last thing of it may be unacknowledged."""

    name: str
    batches: list[Batch] = field(default_factory=list)
    scores: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Name of the evaluator (of one score each) to the trace, and whether the score was acknowledged."""
    template: str = ""
    versions: int = 0
    """Acknowledged pushes of the template."""
    pushing: bool = False
    """Whether one more push got no answer."""


class Client(Thread):
    """Sends without a pause, one request after the other, until a request fails."""

    def __init__(self, server: MockServer, name: str, at: str, seed: str) -> None:
        super().__init__(name=name, daemon=True)
        self.sent = Sent(name, template=f"template-{name}")
        self._at = at
        self._random = random.Random(seed)  # noqa: S311 - choices that can be repeated
        self._client = connect(server)

    def run(self) -> None:
        """The whole life."""
        try:
            while True:
                self._random.choices([self._send_batch, self._send_score, self._push_template], [6, 2, 1])[0]()
        except httpx.TransportError:
            self._client.close()

    def _send_batch(self) -> None:
        first = sum(len(batch.traces) for batch in self.sent.batches)
        names = (f"{self.sent.name}-{first + number}" for number in range(self._random.choice(_SIZES)))
        batch = Batch(tuple(names), self._at)
        self.sent.batches.append(batch)
        send(self._client, batch)

    def _send_score(self) -> None:
        if not self.sent.batches:
            return
        evaluator, trace = f"{self.sent.name}-{len(self.sent.scores)}", self.sent.batches[-1].traces[0]
        self.sent.scores[evaluator] = trace, False
        body = {"traceId": trace, "evaluatorName": evaluator, "value": 1}
        self._client.post("/api/v1/scores", json=body).raise_for_status()
        self.sent.scores[evaluator] = trace, True

    def _push_template(self) -> None:
        self.sent.pushing = True
        content = f"version {self.sent.versions + 1}"
        body = {"name": self.sent.template, "content": content}
        self._client.post("/api/v1/prompt-templates", json=body).raise_for_status()
        self.sent.versions += 1
        self.sent.pushing = False


def connect(server: MockServer) -> httpx.Client:
    """A client of the server's start sandbox."""
    headers = {"Authorization": f"Bearer {server.api_key}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=_PATIENCE, trust_env=False)


def send(client: httpx.Client, batch: Batch) -> None:
    """Send a batch and note that it was acknowledged; anything but a success is raised."""
    answer = client.post("/api/v1/traces", json=batch.body()).raise_for_status()
    assert answer.json()["accepted"] == len(batch.body()["batch"])
    batch.acknowledged = True
