"""Sends one request as often as it has to be sent: guarded, paced, counted, noted and told to who watches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import httpx
from twosignal_contract import Operation

from twosignal_conformance.engine.api_client._access import Budget, CreationsOf
from twosignal_conformance.engine.api_client._dry import Planned
from twosignal_conformance.engine.api_client._exchange import Exchange, strings
from twosignal_conformance.engine.api_client._keyring import Keyring
from twosignal_conformance.engine.api_client._ledger import Creation, Ledger
from twosignal_conformance.engine.api_client._pace import Pace
from twosignal_conformance.engine.api_client._presence import Presence
from twosignal_conformance.engine.api_client._request import Options, body_of, merged
from twosignal_conformance.engine.api_client._secrets import HIDDEN, Secrets
from twosignal_conformance.engine.api_client._settings import Key, Settings
from twosignal_conformance.engine.api_client._skipped import ReadOnly, StillLimited
from twosignal_conformance.engine.api_client._transport import Incoming, Outgoing, Transport
from twosignal_conformance.engine.api_client._waits import Deadline

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1); TRACE is left out because it echoes the key."""

ATTEMPTS = 6
"""Most times that a patient request is sent to a server that answers 429."""


class Sender:
    """The one place where requests leave; safe to use from several threads."""

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        creations_of: CreationsOf,
        *,
        keyring: Keyring,
        budget: Budget,
        ledger: Ledger,
        pace: Pace,
        presence: Presence,
        secrets: Secrets,
        deadline: Deadline,
    ) -> None:
        self.purpose = "preflight"
        """Name of the check that sends."""
        self.poll = 0
        """Number of the poll, 0 for a request of its own."""
        self.planned: list[Planned] = []
        """What --plan-requests found."""
        self.watchers: list[Callable[[Exchange], None]] = []
        """Functions that are called with every exchange, in the thread that made it."""
        self._settings, self._transport, self._creations_of = settings, transport, creations_of
        self._keyring, self._budget, self._ledger, self._pace = keyring, budget, ledger, pace
        self._presence, self._secrets, self._deadline = presence, secrets, deadline
        self._lock = threading.Lock()
        self._number = 0

    def send(
        self, operation: Operation | None, method: str, path: str, options: Options, *, paced: bool = True
    ) -> Exchange:
        """Send once, or as often as a patient request has to be sent."""
        key = options.get("key", Key.MAIN if operation is None or operation.keyed else Key.NONE)
        body = body_of(options)
        outgoing = self._outgoing(operation, method, path, key, body, options)
        creations = self._creations(operation, method, body, options)
        for attempt in range(1, ATTEMPTS + 1):
            self._pass_guard(method, path, len(body or b""), creations if attempt == 1 else ())
            if paced and outgoing.limited and not self._settings.dry:
                self._pace.wait(key)
            if attempt == 1:
                self._ledger.creating(creations, purpose=self.purpose, key=str(key))
            exchange = self._exchange(outgoing, path, body or b"")
            if not self._again(exchange, key, patient=options.get("patient", True)):
                if outgoing.limited and exchange.ok:
                    self._presence.passed()
                return exchange
        skipped = StillLimited(exchange, ATTEMPTS)
        self._presence.give_up(skipped)
        raise skipped

    def close(self) -> None:
        """Nothing more is sent."""
        self._transport.close()
        self._ledger.close()

    # --- inside ---

    def _creations(
        self, operation: Operation | None, method: str, body: bytes | None, options: Options
    ) -> Sequence[Creation]:
        if "creates" in options or not body or method in SAFE_METHODS:
            return options.get("creates", ())
        return self._creations_of(None if operation is None else operation.id, body)

    def _again(self, exchange: Exchange, key: Key, *, patient: bool) -> bool:
        """True when a refused request has to be sent again; the pace knows when."""
        if exchange.status is None or not patient:
            return False
        self._pace.heed(key, exchange.headers, exchange.status)
        return exchange.status == httpx.codes.TOO_MANY_REQUESTS

    def _pass_guard(self, method: str, path: str, size: int, creations: Sequence[Creation]) -> None:
        self._deadline.check()
        if self._settings.read_only and method not in SAFE_METHODS:
            raise ReadOnly(method, path.partition("?")[0])
        self._budget.take(size, sum(row.kind == self._budget.most.kind for row in creations))

    def _outgoing(
        self, operation: Operation | None, method: str, path: str, key: Key, body: bytes | None, options: Options
    ) -> Outgoing:
        own = self._keyring.token(options["token"]) if "token" in options else None
        credentials = own or self._keyring.credentials(key, options.get("scheme"))
        usual = list(credentials.headers)
        if body is not None:
            usual.append(("Content-Type", (operation and operation.media_type) or "application/json"))
        chunks = options.get("chunks")
        query = f"{'&' if '?' in path else '?'}{credentials.query}" if credentials.query else ""
        return Outgoing(
            operation_id=None if operation is None else operation.id,
            method=method,
            url=self._settings.url + path + query,
            headers=merged(usual, options.get("headers")),
            body=body,
            chunks=None if chunks is None else tuple(chunks),
            timeout=self._deadline.within(options.get("timeout", self._settings.timeout)),
            limited=operation is None or operation.rate_limited,
        )

    def _exchange(self, outgoing: Outgoing, path: str, body: bytes) -> Exchange:
        incoming = self._transport.send(outgoing)
        exchange = self._noted(outgoing, incoming, path, body)
        self._learn(exchange)
        for watcher in self.watchers:
            watcher(exchange)
        return exchange

    def _noted(self, outgoing: Outgoing, incoming: Incoming, path: str, body: bytes) -> Exchange:
        with self._lock:
            self._number += 1
            self._presence.note(incoming, limited=outgoing.limited)
            if self._settings.dry:
                self.planned.append(Planned(outgoing.method, path, len(body), self.purpose))
            return Exchange(
                number=self._number,
                operation_id=outgoing.operation_id,
                method=outgoing.method,
                url=outgoing.url,
                path=path,
                request_headers=outgoing.headers,
                request_body=body,
                purpose=self.purpose,
                sent=incoming.sent,
                answered=incoming.answered,
                status=incoming.status,
                headers=incoming.headers,
                body=incoming.body,
                problem=incoming.problem,
                poll=self.poll,
            )

    def _learn(self, exchange: Exchange) -> None:
        """Tokens that the server hands out are secrets from then on."""
        if self._secrets.named_in(exchange.body):
            for name, value in strings(exchange.json):
                if self._secrets.names_secret(name):
                    self._secrets.learn(value, HIDDEN)
