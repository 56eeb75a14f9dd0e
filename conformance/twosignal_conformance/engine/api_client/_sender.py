"""Sends one request as often as it has to be sent: guarded, paced, counted, noted and told to who watches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx
from twosignal_contract import Operation

from twosignal_conformance.engine.api_client._access import Budget, CreationsOf
from twosignal_conformance.engine.api_client._dry import Planned
from twosignal_conformance.engine.api_client._exchange import Exchange, strings
from twosignal_conformance.engine.api_client._keyring import Keyring
from twosignal_conformance.engine.api_client._ledger import Creation, Ledger
from twosignal_conformance.engine.api_client._pace import Pace
from twosignal_conformance.engine.api_client._presence import Presence
from twosignal_conformance.engine.api_client._request import Options, body_of, is_odd_http, merged
from twosignal_conformance.engine.api_client._resending import GATEWAY, Resending
from twosignal_conformance.engine.api_client._secrets import HIDDEN, Secrets
from twosignal_conformance.engine.api_client._settings import Key, Settings
from twosignal_conformance.engine.api_client._skipped import ReadOnly, StillLimited, Unavailable
from twosignal_conformance.engine.api_client._transport import Incoming, Outgoing, Transport
from twosignal_conformance.engine.api_client._volley import Schedule
from twosignal_conformance.engine.api_client._waits import Deadline

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1); TRACE is left out because it echoes the key."""

ATTEMPTS = 6
"""Most times that a patient request is sent to a server that answers 429."""


@dataclass(frozen=True, slots=True)
class _Request:
    """A request as often as it is sent."""

    outgoing: Outgoing
    path: str
    body: bytes
    key: Key
    creations: Sequence[Creation]
    paced: bool
    patient: bool


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
        resending: Resending,
        retry_header: str,
        secrets: Secrets,
        pause: Callable[[float], None],
        deadline: Deadline,
    ) -> None:
        self.purpose = "preflight"
        """Name of the check that sends."""
        self.poll = 0
        """Number of the poll, 0 for a request of its own."""
        self.distance = 0.0
        """Seconds that the quickest request took so far."""
        self.planned: list[Planned] = []
        """What --plan-requests found."""
        self.watchers: list[Callable[[Exchange], None]] = []
        """Functions that are called with every exchange, in the thread that made it."""
        self._settings, self._transport, self._creations_of = settings, transport, creations_of
        self._keyring, self._budget, self._ledger, self._pace = keyring, budget, ledger, pace
        self._presence, self._secrets, self._deadline = presence, secrets, deadline
        self._resending, self._pause, self._retry_header = resending, pause, retry_header
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
        patient = options.get("patient", True)
        request = _Request(outgoing, path, body or b"", key, creations, paced and outgoing.limited, patient)
        met: list[Exchange] = []
        exchange = self._let_in(request, first=True)
        for delay in self._resending.delays() if patient else ():
            if not self._resending.passing(exchange):
                break
            met.append(exchange)
            self._pause(self._resending.wait(exchange, delay, self._retry_header))
            exchange = self._let_in(request, first=False)
        if patient and (met or self._resending.passing(exchange)):
            self._resending.note(met, helped=not self._resending.passing(exchange))
        # Neither answers of gateways nor those to odd HTTP are known to be the API's.
        if exchange.status not in GATEWAY and not is_odd_http(options):
            self._tell(exchange)
        if patient and exchange.status in GATEWAY:
            raise Unavailable(exchange, len(met) + 1)
        return exchange

    def _let_in(self, request: _Request, *, first: bool) -> Exchange:
        """The response when the rate allows one: what is refused with 429 is sent again."""
        outgoing, key = request.outgoing, request.key
        for attempt in range(1, ATTEMPTS + 1):
            new = request.creations if first and attempt == 1 else ()
            self._pass_guard(outgoing.method, request.path, len(request.body), new)
            if request.paced and not self._settings.dry:
                self._pace.wait(key)
            if first and attempt == 1:
                self._ledger.creating(new, purpose=self.purpose, key=self._keyring.label(key))
            exchange = self._exchange(outgoing, request.path, request.body)
            if not self._again(exchange, key, patient=request.patient):
                if outgoing.limited and exchange.ok:
                    self._presence.passed()
                return exchange
            self._tell(exchange)
        skipped = StillLimited(exchange, ATTEMPTS)
        self._presence.give_up(skipped)
        raise skipped

    def send_volley(self, operation: Operation, path: str, options: Options, schedule: Schedule) -> list[Exchange]:
        """Send one request many times, each time once. It creates nothing; equal responses are told once."""
        if operation.method not in SAFE_METHODS:
            raise ValueError(f"{operation.id} may create something; a volley must not")
        key = options.get("key", Key.MAIN if operation.keyed else Key.NONE)
        outgoing = self._outgoing(operation, operation.method, path, key, None, options)
        for _ in schedule.offsets:
            self._pass_guard(outgoing.method, path, 0, ())
        incoming = self._transport.send_volley(outgoing, schedule)
        exchanges = [self._noted(outgoing, row, path, b"") for row in incoming]
        for exchange in {(row.status, row.body): row for row in exchanges if row.status not in GATEWAY}.values():
            self._tell(exchange)
        return exchanges

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
        return exchange

    def _tell(self, exchange: Exchange) -> None:
        for watcher in self.watchers:
            watcher(exchange)

    def _noted(self, outgoing: Outgoing, incoming: Incoming, path: str, body: bytes) -> Exchange:
        with self._lock:
            self._number += 1
            self._presence.note(incoming, limited=outgoing.limited)
            if incoming.status is not None:
                took = incoming.answered - incoming.sent
                self.distance = min(took, self.distance or took)
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
