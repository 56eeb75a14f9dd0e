"""Sends one request as often as it has to be sent: guarded, paced, counted, noted and told to who watches."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import httpx
from twosignal_contract import Contract, Operation

from twosignal_conformance.engine.api_client._budget import Budget, budget_of
from twosignal_conformance.engine.api_client._deadline import Deadline
from twosignal_conformance.engine.api_client._dialects import Dialects
from twosignal_conformance.engine.api_client._dry import DryTransport, Planned
from twosignal_conformance.engine.api_client._exchange import Exchange, strings
from twosignal_conformance.engine.api_client._keyring import Keyring
from twosignal_conformance.engine.api_client._ledger import Creation, Ledger
from twosignal_conformance.engine.api_client._pace import Pace
from twosignal_conformance.engine.api_client._request import Options, body_of, merged
from twosignal_conformance.engine.api_client._secrets import HIDDEN, Secrets
from twosignal_conformance.engine.api_client._settings import Key, Settings
from twosignal_conformance.engine.api_client._settling import Settling
from twosignal_conformance.engine.api_client._skipped import ReadOnly, StillLimited
from twosignal_conformance.engine.api_client._transport import Incoming, Outgoing, Transport, Wire

CreationsOf = Callable[[str | None, bytes], Sequence[Creation]]
"""What a body creates when it is sent to an operation (None: to something that is none)."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1); TRACE is left out because it echoes the key."""

ATTEMPTS = 6
"""Most times that a patient request is sent to a server that answers 429."""

_REFUSALS = 2
"""Requests in a row that were given up with 429, after which no further check begins: each one may wait for minutes."""

_HANGS = 3
"""Time-outs without a response to any request with a key, after which the server counts as gone although its health is
answered: a check ends with its first one, so a server that hangs would be waited for once in each check."""

_SECRET_NAMES = ("token", "password", "secret")


class Sender:
    """All that sends and counts, with its state; ApiClient adds what checks and the run ask for."""

    def __init__(
        self, settings: Settings, contract: Contract, creations_of: CreationsOf, transport: Transport | None = None
    ) -> None:
        self.settings = settings
        self.contract = contract
        self.secrets = Secrets()
        self.dialects = Dialects(contract.dialects)
        self.rate = contract.plans[settings.plan] if settings.plan else min(contract.plans.values(), default=1)
        """Requests of one window that the plan allows; of the smallest plan when none was named."""
        self.budget = Budget(budget_of(settings.profile, self.rate, allow_burst=settings.allow_burst))
        self.now = settings.now or datetime.now(UTC).replace(microsecond=0)
        """When the run began, by --now or else by the server's own Date header; times of created data lie before it."""
        self.planned: list[Planned] = []
        """What --plan-requests found."""
        self.watchers: list[Callable[[Exchange], None]] = []
        """Called with every exchange, in the thread that made it."""
        self.answered = 0
        """Requests that got any response."""
        self.gone = ""
        """Why the server stopped answering for good; empty while it answers."""
        self._silent = 0
        self._mute_since: float | None = None
        self._given_up = 0
        self._creations_of = creations_of
        self._keyring = Keyring(settings, contract, self.secrets)
        self.ledger = Ledger(settings.ledger, self.secrets)
        self._transport = transport or self._make_transport()
        self._pace = Pace(contract.rate_limit, self.rate, self.pause)
        self._lock = threading.Lock()
        self._number = 0
        self._poll = 0
        self._purpose = "preflight"
        self._deadline = Deadline(settings.max_time)
        self._settling = Settling(self.pause)

    def check_time(self) -> None:
        """Raise TimeIsUp when --max-time is over."""
        self._deadline.check()

    def pause(self, seconds: float) -> None:
        """Wait, for a check that waits as long as a header said; bounded by --max-time, and nothing in a dry run."""
        if not self.settings.dry:
            self._deadline.sleep(seconds)

    def secret(self, key: Key) -> str:
        """The text of a key, to send it in an odd way; never put it into `expected` or `actual`."""
        return self._keyring.text(key)

    # --- inside ---

    def _make_transport(self) -> Transport:
        if self.settings.dry:
            return DryTransport(self.contract)
        return Wire(self.settings.url, f"twosignal-conformance (run {self.settings.run_id})")

    def _send(
        self, operation: Operation | None, method: str, path: str, options: Options, *, paced: bool = True
    ) -> Exchange:
        """Send once, or as often as a patient request has to be sent."""
        key = options.get("key", Key.MAIN if operation is None or operation.keyed else Key.NONE)
        body = body_of(options)
        outgoing = self._outgoing(operation, method, path, key, body, options)
        creations = options.get("creates", ())
        if "creates" not in options and body and method not in SAFE_METHODS:
            creations = self._creations_of(None if operation is None else operation.id, body)
        limited = operation is None or operation.rate_limited
        for attempt in range(1, ATTEMPTS + 1):
            self._pass_guard(method, path, len(body or b""), creations if attempt == 1 else ())
            if paced and limited and not self.settings.dry:
                self._pace.wait(key)
            if attempt == 1:
                self.ledger.creating(creations, purpose=self._purpose, key=str(key))
            exchange = self._exchange(outgoing, path, body or b"")
            if not self._again(exchange, key, patient=options.get("patient", True)):
                if limited and exchange.ok:
                    self._given_up = 0
                return exchange
        skipped = StillLimited(exchange, ATTEMPTS)
        self._given_up += 1
        if self._given_up >= _REFUSALS:
            self.gone = f"{self.settings.url} keeps refusing: {skipped.reason}"
        raise skipped

    def _again(self, exchange: Exchange, key: Key, *, patient: bool) -> bool:
        """Whether a refused request has to be sent again; the pace knows when."""
        if exchange.status is None or not patient:
            return False
        self._pace.heed(key, exchange.headers, exchange.status)
        return exchange.status == httpx.codes.TOO_MANY_REQUESTS

    def _pass_guard(self, method: str, path: str, size: int, creations: Sequence[Creation]) -> None:
        self.check_time()
        if self.settings.read_only and method not in SAFE_METHODS:
            raise ReadOnly(method, path.partition("?")[0])
        self.budget.take(size, sum(row.kind == "trace" for row in creations))

    def _outgoing(
        self, operation: Operation | None, method: str, path: str, key: Key, body: bytes | None, options: Options
    ) -> Outgoing:
        usual: list[tuple[str, str]] = []
        if "token" in options:
            self.secrets.learn(options["token"], "$TWOSIGNAL_ACCESS_TOKEN")
            usual.append(("Authorization", f"Bearer {options['token']}"))
        elif key is not Key.NONE:
            usual.append(("Authorization", f"{options.get('scheme', 'Bearer')} {self.secret(key)}"))
        if body is not None:
            usual.append(("Content-Type", (operation and operation.media_type) or "application/json"))
        chunks = options.get("chunks")
        return Outgoing(
            operation_id=None if operation is None else operation.id,
            method=method,
            url=self.settings.url + path,
            headers=merged(usual, options.get("headers")),
            body=body,
            chunks=None if chunks is None else tuple(chunks),
            timeout=self._deadline.within(options.get("timeout", self.settings.timeout)),
        )

    def _exchange(self, outgoing: Outgoing, path: str, body: bytes) -> Exchange:
        incoming = self._transport.send(outgoing)
        with self._lock:
            self._number += 1
            number = self._number
            self.answered += incoming.status is not None
            self._silent = 0 if incoming.status is not None else self._silent + 1
            self._note_hanging(outgoing, incoming)
            if self.settings.dry:
                self.planned.append(Planned(outgoing.method, path, len(body), self._purpose))
        exchange = Exchange(
            number=number,
            operation_id=outgoing.operation_id,
            method=outgoing.method,
            url=outgoing.url,
            path=path,
            request_headers=outgoing.headers,
            request_body=body,
            purpose=self._purpose,
            sent=incoming.sent,
            answered=incoming.answered,
            status=incoming.status,
            headers=incoming.headers,
            body=incoming.body,
            problem=incoming.problem,
            poll=self._poll,
        )
        self._learn(exchange)
        for watcher in self.watchers:
            watcher(exchange)
        return exchange

    def _note_hanging(self, outgoing: Outgoing, incoming: Incoming) -> None:
        """Measure since when nothing with a key is answered; what needs none may well be."""
        if outgoing.operation_id is not None and not self.contract.operation(outgoing.operation_id).rate_limited:
            return
        if incoming.status is not None:
            self._mute_since = None
            return
        self._mute_since = self._mute_since or incoming.sent
        if incoming.answered - self._mute_since >= _HANGS * self.settings.timeout and not self.gone:
            self.gone = f"{self.settings.url} leaves requests with the key unanswered: {incoming.problem}"

    def _learn(self, exchange: Exchange) -> None:
        """Tokens that the server hands out are secrets from then on."""
        if any(name.encode() in exchange.body for name in _SECRET_NAMES):
            for name, value in strings(exchange.json):
                if name.lower().endswith(_SECRET_NAMES):
                    self.secrets.learn(value, HIDDEN)
