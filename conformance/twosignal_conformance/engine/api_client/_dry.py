"""The transport of --plan-requests: sends nothing and notes what would be sent.

It answers with the last documented example of a success, so that a check goes on to its next request. What depends on a
real response, such as the number of pages or polls, it cannot know.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass

import httpx
from twosignal_contract import Contract

from twosignal_conformance.engine.api_client._transport import Incoming, Outgoing
from twosignal_conformance.engine.api_client._volley import Schedule

_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Planned:
    """A request that would be sent."""

    method: str
    path: str
    """With its query."""
    bytes: int
    purpose: str
    """Name of the check."""


class DryTransport:
    """Sends nothing."""

    def __init__(self, contract: Contract, no_operation: str) -> None:
        self._contract, self._no_operation = contract, no_operation
        self._responses: dict[str, tuple[int, str, bytes]] = {}

    def send(self, request: Outgoing) -> Incoming:
        """The documented example, immediately."""
        now = time.monotonic()
        if request.operation_id is None:
            row = self._contract.error(self._no_operation)
            body = json.dumps(row.body(dict.fromkeys(row.placeholders, ""))).encode()
            return Incoming(now, now, row.status, httpx.Headers({"content-type": _JSON}), body)
        status, media_type, body = self._response(request.operation_id)
        return Incoming(now, now, status, httpx.Headers({"content-type": media_type}), body)

    def send_volley(self, request: Outgoing, schedule: Schedule) -> list[Incoming]:
        """As many of them."""
        return [self.send(request) for _ in schedule.offsets]

    def close(self) -> None:
        """Nothing was open."""

    def _response(self, operation_id: str) -> tuple[int, str, bytes]:
        if operation_id not in self._responses:
            operation = self._contract.operation(operation_id)
            media = operation.response(operation.success).media_type
            # The last one: of pages it is the one on which a walk ends.
            examples = list(media.examples.values()) if media is not None else []
            name = media.name if media is not None else _JSON
            texts = [json.dumps(example) if name == _JSON else str(example) for example in examples[-1:]]
            self._responses[operation_id] = (operation.success, name, "".join(texts).encode())
        return self._responses[operation_id]
