"""The application that Schemathesis believes to test: it hands each request to the ApiClient and returns the response.

So the fuzzer keeps to everything that binds the rest of the run: the budget, the pace, the ledger, --max-time. The key
never reaches it: it sends a stand-in, which is replaced here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from twosignal_conformance.engine.api_client import (
    SAFE_METHODS,
    ApiClient,
    Exchange,
    Key,
    Options,
    Unanswered,
    Unavailable,
)

STAND_IN = "stand-in-for-the-key"

DOCUMENT = "/document-of-the-run"
"""Where Schemathesis reads the document; no path of the API."""

_CASE = "X-Schemathesis-TestCaseId"
_KEPT = 400
"""Exchanges that are remembered as possible evidence: those of one operation in one phase."""

_OWN = frozenset({"content-length", "content-encoding", "transfer-encoding", "connection"})
"""Headers of a response that no longer hold of the body as it was read."""

_SKIPPED = frozenset({"host", "connection", "accept-encoding", "user-agent", _CASE.lower()})
"""Headers of a request that the ApiClient makes by itself, or that are the fuzzer's own affair."""

StartResponse = Callable[[str, list[tuple[str, str]]], object]


class ClosedError(Exception):
    """Nothing is sent any more; the engine is told to stop and soon will."""


class Door:
    """A WSGI application. Closes itself when a bound is reached or the run has to end."""

    def __init__(self, client: ApiClient, document: bytes, *, most: int, seconds: float) -> None:
        self._client = client
        self._document = document
        self._most = most
        self._end = time.monotonic() + seconds
        self._exchanges: dict[str, Exchange] = {}
        self.sent = 0
        self.creating = 0
        """Requests that may have created something."""
        self.unanswered: list[Exchange] = []
        self.reason = ""
        """Why it closed before the fuzzer was done; empty while it is open."""
        self.stopped: Exception | None = None
        """What ended the run: a reason to skip, or an error of the suite."""

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == DOCUMENT:
            start_response("200 OK", [("Content-Type", "application/json")])
            return [self._document]
        exchange = self._pass(environ)
        status = exchange.status or HTTPStatus.BAD_GATEWAY
        kept = [(name, value) for name, value in exchange.headers.multi_items() if name.lower() not in _OWN]
        start_response(f"{status} -", kept)
        return [exchange.body]

    def exchange(self, case: str) -> Exchange | None:
        """The exchange of a test case, while it is remembered."""
        return self._exchanges.get(case)

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Keep the watchers of layer A from giving verdicts by what a fuzzer sends."""
        saved = list(self._client.watchers)
        self._client.watchers.clear()
        try:
            yield
        finally:
            self._client.watchers.extend(saved)

    def _pass(self, environ: dict[str, Any]) -> Exchange:
        if not self.reason and (self.sent >= self._most or time.monotonic() > self._end):
            self.reason = f"its {'requests' if self.sent >= self._most else 'seconds'} were used up"
        if self.reason:
            raise ClosedError
        self.sent += 1
        method = environ["REQUEST_METHOD"]
        options = _options(environ)
        query = _query(environ, options)
        path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/") + (f"?{query}" if query else "")
        try:
            exchange = self._client.request(method, path, **options)
        except Unavailable as error:
            exchange = error.exchange
        except Exception as error:
            self.stopped, self.reason = error, str(error)
            raise ClosedError from error
        self.creating += method not in SAFE_METHODS and exchange.ok
        if exchange.status is None:
            self.unanswered.append(exchange)
            if len(self.unanswered) > 5:
                self.stopped, self.reason = Unanswered(exchange), "the server stopped answering"
            raise ClosedError
        if case := environ.get("HTTP_X_SCHEMATHESIS_TESTCASEID"):
            self._exchanges[case] = exchange
            if len(self._exchanges) > _KEPT:
                del self._exchanges[next(iter(self._exchanges))]
        return exchange


def _query(environ: dict[str, Any], options: Options) -> str:
    """The query without the stand-in, where the contract wants the key there."""
    pairs: list[str] = environ.get("QUERY_STRING", "").split("&")
    kept = [pair for pair in pairs if pair.partition("=")[2] != STAND_IN]
    if len(kept) < len(pairs):
        options["key"] = Key.MAIN
    return "&".join(kept)


def _options(environ: dict[str, Any]) -> Options:
    """The request as the ApiClient takes it; what cannot stand in a header is left out of it."""
    headers: dict[str, str | None] = {"Authorization": None}
    for name, value in environ.items():
        named = name[5:].replace("_", "-").title() if name.startswith("HTTP_") else ""
        if name == "CONTENT_TYPE" and value:
            named = "Content-Type"
        if named and named.lower() not in _SKIPPED:
            headers[named] = "".join(sign for sign in str(value) if sign.isascii() and sign.isprintable()).strip()
    options: Options = {"key": Key.NONE, "headers": headers}
    for name, value in [*headers.items()]:
        if value in (STAND_IN, f"Bearer {STAND_IN}") or (name == "Cookie" and _is_stand_in(str(value))):
            del headers[name]
            options["key"] = Key.MAIN
    size = int(environ.get("CONTENT_LENGTH") or 0)
    if size:
        options["content"] = environ["wsgi.input"].read(size)
    return options


def _is_stand_in(cookie: str) -> bool:
    """True when a cookie holds the stand-in, where the contract wants the key there."""
    return any(pair.partition("=")[2].strip('"') == STAND_IN for pair in cookie.split("; "))
