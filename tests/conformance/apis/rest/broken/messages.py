"""What passes through the proxy: requests and answers as values, edited by making new ones."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from twosignal_contract import load_contract

CONTRACT = load_contract()
"""The contract, of which all statuses, codes, bounds and names of the tables come."""

NOT_JSON = object()
"""The `json` of what is none."""


@dataclass(frozen=True)
class _Message:
    """Headers and a body."""

    headers: tuple[tuple[bytes, bytes], ...]
    """Names in lower case."""
    body: bytes

    def header(self, name: str) -> str | None:
        """The value of a header."""
        wanted = name.lower().encode()
        return next((value.decode("latin-1") for key, value in self.headers if key == wanted), None)

    def with_header(self, name: str, value: str | None) -> Self:
        """The same with another value of a header, or without it."""
        wanted = name.lower().encode()
        kept = tuple(row for row in self.headers if row[0] != wanted)
        return replace(self, headers=kept if value is None else (*kept, (wanted, value.encode("latin-1"))))

    def with_body(self, body: bytes) -> Self:
        """The same with another body."""
        return replace(self, body=body)

    def with_json(self, value: Any) -> Self:
        """The same with another JSON body."""
        return self.with_body(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))

    @cached_property
    def json(self) -> Any:
        """The body as plain data, or NOT_JSON."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return NOT_JSON

    def at(self, *steps: str | int) -> Any:
        """What stands at a place of the JSON body, or None."""
        value = self.json
        for step in steps:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value


@dataclass(frozen=True)
class Asked(_Message):
    """A request."""

    method: str
    target: str
    """Path and query, as they came."""

    @property
    def path(self) -> str:
        """The path alone."""
        return self.target.partition("?")[0]

    @cached_property
    def operation(self) -> str | None:
        """The operationId, None for what is no operation."""
        row = CONTRACT.operation_at("GET" if self.method == "HEAD" else self.method, self.path)
        return row.id if row else None

    @cached_property
    def query(self) -> tuple[tuple[str, str], ...]:
        """Names and values."""
        return tuple(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))

    def parameter(self, name: str) -> str | None:
        """The value of a query parameter."""
        return dict(self.query).get(name)

    def with_parameter(self, name: str, value: str | None) -> Asked:
        """The same with another value of a query parameter, or without it."""
        rows = [row for row in self.query if row[0] != name] + ([] if value is None else [(name, value)])
        return replace(self, target=self.path + (f"?{urlencode(rows)}" if rows else ""))

    @property
    def credential(self) -> str | None:
        """What comes after the scheme in Authorization: an API key or an access token."""
        scheme, _, value = (self.header("authorization") or "").partition(" ")
        return value.strip() if scheme.lower() == "bearer" and value.strip() else None

    def with_credential(self, value: str) -> Asked:
        """The same request of somebody else."""
        return self.with_header("authorization", f"Bearer {value}")


@dataclass(frozen=True)
class Response(_Message):
    """What the server says."""

    status: int

    @property
    def accepted(self) -> bool:
        """True when the request was carried out."""
        return self.status < 400

    def with_status(self, status: int) -> Response:
        """The same with another status."""
        return replace(self, status=status)


def json_response(status: int, value: object) -> Response:
    """A JSON answer of the proxy's own."""
    return Response(((b"content-type", b"application/json"),), json.dumps(value).encode(), status)


def refusal(cause: str, **words: str) -> Response:
    """The documented response to a cause of /x-errors."""
    row = CONTRACT.error(cause)
    refused = json_response(row.status, {"error": {"code": row.code, "message": words.get("message", row.message)}})
    if cause == "rate-limit":
        return refused.with_header(CONTRACT.rate_limit.headers.retry_after, str(CONTRACT.rate_limit.window))
    return refused


@dataclass(frozen=True)
class People:
    """Who takes part in a run: the credentials that it was given."""

    main: str
    other: str
    revoked: str
    email: str
    password: str
    plan: str


Send = Callable[[Asked], Awaitable[Response]]


@dataclass(frozen=True)
class Upstream:
    """The good server behind the proxy, as one run sees it."""

    send: Send
    people: People
    memory: dict[str, Any] = field(default_factory=dict)
    """What the broken server remembers; fresh for each run."""


class Behaviour(Protocol):
    """How a server treats a request."""

    def __call__(self, asked: Asked, upstream: Upstream) -> Awaitable[Response]:
        """The response."""


async def behave(asked: Asked, upstream: Upstream) -> Response:
    """As the good server does."""
    return await upstream.send(asked)


Json = Mapping[str, Any]
Rows = Sequence[dict[str, Any]]
