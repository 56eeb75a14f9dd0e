"""One request of a client as the mock's journal has it, typed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import httpx
from twosignal_contract import Contract

from twosignal_conformance.engine.api_client import Exchange

Json = Any

_KEY = "$TWOSIGNAL_API_KEY"
"""What stands for the credential in a command that repeats the request; the journal has only its end."""


@dataclass(frozen=True, eq=False)
class Attempt:
    """A request and its response."""

    sequence: int
    at: datetime
    """Arrival, by the server's clock."""
    started: float
    """Arrival in seconds of a real, monotonic clock."""
    ended: float
    """When the response was ready to be sent, by the same clock: the client cannot have had it before."""
    operation: str | None
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    """Names in lower case; of equal ones the last."""
    body: Json
    """A JSON value when `whole`, else a text or None."""
    size: int
    """Bytes of the body; the announced ones of a body that the server refused to read."""
    whole: bool
    """True when `body` is the whole body, as JSON."""
    text: bool
    """True when the body is whole, and no JSON."""
    status: int | None
    """None when the connection was cut."""
    response_headers: Mapping[str, str]
    response: Json
    cause: str | None
    fault: str | None
    keys: tuple[str, ...]
    """Ids of the items in it, as the mock counts them."""
    events_at: str | None
    """Field of the body with the array of items, where the contract limits their number."""
    url: str

    @classmethod
    def read(cls, entry: Mapping[str, Json], url: str, contract: Contract) -> Attempt:
        """The attempt of a journal entry of the mock at a URL."""
        request, response = entry["request"], entry["response"]
        limit = contract.payload_limits.get(entry["operation"])
        return cls(
            sequence=entry["sequence"],
            at=datetime.fromisoformat(entry["at"]),
            started=entry["started"],
            ended=entry["started"] + (entry["milliseconds"] or 0.0) / 1000,
            operation=entry["operation"],
            method=entry["method"],
            path=entry["path"],
            query=entry["query"],
            headers=_headers(request["headers"]),
            body=request["body"],
            size=request["body_bytes"] or _announced(request["headers"]),
            whole=request["body_is"] == "json",
            text=request["body_is"] == "text",
            status=entry["status"],
            response_headers=_headers(response["headers"]),
            response=response["body"],
            cause=entry["cause"],
            fault=entry["fault"],
            keys=tuple(entry["attempt_keys"]),
            events_at=None if limit is None else limit.events_at,
            url=url,
        )

    @property
    def ok(self) -> bool:
        """True when the response is a success that arrived."""
        return self.status is not None and httpx.codes.is_success(self.status)

    @property
    def responded_at(self) -> datetime:
        """End of the response, by the server's clock."""
        return self.at + timedelta(seconds=self.ended - self.started)

    @cached_property
    def parameters(self) -> list[tuple[str, str]]:
        """The query, decoded."""
        return list(httpx.QueryParams(self.query).multi_items())

    @cached_property
    def events(self) -> Sequence[Json]:
        """The items of a batch that are objects; none of another request, or of one too large to be kept whole."""
        batch = self.body.get(self.events_at) if self.whole and isinstance(self.body, dict) else None
        return [event for event in batch if isinstance(event, dict)] if isinstance(batch, list) else []

    @property
    def count(self) -> int:
        """How many items it carries."""
        return len(self.events) or len(self.keys)

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def exchange(self, purpose: str) -> Exchange:
        """The same, as evidence is made of."""
        headers = [
            (name, f"Bearer {_KEY}" if name == "authorization" else value) for name, value in self.headers.items()
        ]
        return Exchange(
            number=self.sequence,
            operation_id=self.operation,
            method=self.method,
            url=self.url + self.target,
            path=self.target,
            request_headers=headers,
            request_body=_bytes(self.body),
            purpose=purpose,
            sent=self.started,
            answered=self.ended,
            status=self.status,
            headers=httpx.Headers(dict(self.response_headers)),
            body=_bytes(self.response),
            problem="the connection was cut" if self.status is None else None,
        )


def _headers(rows: Sequence[Sequence[str]]) -> dict[str, str]:
    return {row[0].lower(): row[1] for row in rows}


def _announced(rows: Sequence[Sequence[str]]) -> int:
    value = _headers(rows).get("content-length", "")
    return int(value) if value.isdigit() else 0


def _bytes(body: Json) -> bytes:
    if body is None:
        return b""
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)).encode()
