"""One request that carries several calls of an API: each is served as a request of its own, in their order.

So each call has its own fault, entry in the journal and status, and a call that fails changes nothing for the others.
Only paths of an API that hands over a Bundle come here: a request to any other pays nothing for it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

import orjson

from twosignal_mock.engine.api import ApiError, Bundle
from twosignal_mock.engine.http._asgi import Header, Receive, Response, Scope
from twosignal_mock.engine.http._request_bodies import read_body
from twosignal_mock.engine.validation import JSON, Routes, decode_json

_WITH_BODY = "POST"
_METHODS = ("GET", _WITH_BODY)
_OF_THE_WHOLE = frozenset({b"content-length", b"content-encoding", b"transfer-encoding"})
"""Fields that say something of the body of all calls together."""
_OF_EACH = frozenset({b"content-length", b"content-type"})

Respond = Callable[[Scope, Receive], Awaitable[Response]]
"""Serves one call as a request of its own."""


class _Part(NamedTuple):
    path: str
    query: bytes
    body: bytes


class Bundles:
    """Knows the bundled requests of one API, and serves them."""

    def __init__(self, bundle: Bundle, base: str, routes: Routes[Any], largest: int) -> None:
        """`base`: what the paths of the API begin with; `largest`: bytes of the largest body of all calls."""
        self.base = f"{base}/"
        self._bundle = bundle
        self._routes = routes
        self._largest = largest

    def is_one(self, scope: Scope) -> bool:
        """Whether a request below `base` carries several calls, or one in the form of several."""
        if scope["method"] not in _METHODS:
            return False
        query: bytes = scope["query_string"]
        mark = (self._bundle.parameter, self._bundle.value)
        return bool(query) and mark in parse_qsl(query.decode("latin-1"), keep_blank_values=True)

    async def serve(self, scope: Scope, receive: Receive, respond: Respond) -> Response:
        """The results of all calls; raises ApiError for what cannot be divided into calls."""
        bundle = self._bundle
        names = scope["path"].removeprefix(self.base).split(bundle.separator)
        if len(names) > bundle.most:
            raise ApiError(bundle.too_many, count=len(names), limit=bundle.most)
        methods = {self._routes.methods(self.base + name) for name in names} - {()}
        if len(methods) > 1:
            raise ApiError(bundle.mixed)
        parts = list(await self._parts(scope, receive, names))
        responses = [await respond(_scope_of(scope, part), _receive_of(part.body)) for part in parts]
        return self._join(responses)

    async def _parts(self, scope: Scope, receive: Receive, names: list[str]) -> Iterator[_Part]:
        """The calls; the input of each stands under its number."""
        bundle = self._bundle
        parameters = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        sent = parameters.get(bundle.inputs)
        with_body = scope["method"] == _WITH_BODY
        raw = await read_body(receive, dict(scope["headers"]), self._largest) if with_body else (sent or "{}").encode()
        inputs = decode_json(raw or b"{}")
        if not isinstance(inputs, dict):
            problem = "is no object; expected the input of each call under its number, from 0"
            raise ApiError("invalid-value", place="body" if with_body else bundle.inputs, problem=problem)
        texts = [orjson.dumps(inputs[number]) if (number := str(i)) in inputs else b"" for i in range(len(names))]
        if with_body:
            return (_Part(self.base + name, b"", text) for name, text in zip(names, texts, strict=True))
        queries = [urlencode({bundle.inputs: text}).encode() if text else b"" for text in texts]
        return (_Part(self.base + name, query, b"") for name, query in zip(names, queries, strict=True))

    def _join(self, responses: list[Response]) -> Response:
        statuses = {response.status for response in responses}
        status = statuses.pop() if len(statuses) == 1 else self._bundle.mixed_status
        headers: list[Header] = [(b"content-type", JSON.encode())]
        body = b"[" + b",".join(response.body for response in responses) + b"]"
        headers.append((b"content-length", b"%d" % len(body)))
        told = dict.fromkeys(
            header for response in responses for header in response.headers if header[0] not in _OF_EACH
        )
        return Response(status, [*headers, *told], body)


def _scope_of(scope: Scope, part: _Part) -> Scope:
    headers = [header for header in scope["headers"] if header[0] not in _OF_THE_WHOLE]
    whole = {"path": part.path, "raw_path": part.path.encode(), "query_string": part.query, "headers": headers}
    return {**scope, **whole, "extensions": {}}


def _receive_of(body: bytes) -> Receive:
    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
