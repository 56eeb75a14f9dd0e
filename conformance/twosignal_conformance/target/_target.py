"""The one door to the server under judgement: every request of every layer goes through here."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar, Unpack

import httpx

from twosignal_conformance.target._budget import Budget, budget_of
from twosignal_conformance.target._deadline import Deadline
from twosignal_conformance.target._dialects import Dialects
from twosignal_conformance.target._dry import DryTransport, Planned
from twosignal_conformance.target._exchange import Exchange, strings
from twosignal_conformance.target._keyring import Keyring
from twosignal_conformance.target._law import Law, Operation
from twosignal_conformance.target._ledger import Creation, Ledger
from twosignal_conformance.target._obstacles import Gone, MissingOption, ReadOnly, StillLimited, Unanswered
from twosignal_conformance.target._pace import Pace
from twosignal_conformance.target._request import Options, body_of, merged, query_text
from twosignal_conformance.target._secrets import HIDDEN, Secrets
from twosignal_conformance.target._settings import Key, Settings, User
from twosignal_conformance.target._settling import Settled, Settling
from twosignal_conformance.target._transport import Outgoing, Transport, Wire

Answer = TypeVar("Answer")

CreationsOf = Callable[[str | None, bytes], Sequence[Creation]]
"""What a body creates when it is sent to an operation (None: to something that is none)."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing (RFC 9110 section 9.2.1); TRACE is left out because it echoes the key."""

ATTEMPTS = 6
"""Most times that a patient request is sent to a server that answers 429."""

_SILENCE = 3
"""Requests in a row without an answer, after which the next check begins with a question for health."""

_PRESENCE_TIMEOUT = 5.0
"""Seconds for that question."""

_SECRET_NAMES = ("token", "password", "secret")


class Target:
    """The server under judgement, with the key added, the budget counted, the pace kept and the evidence gathered."""

    def __init__(
        self, settings: Settings, law: Law, creations_of: CreationsOf, transport: Transport | None = None
    ) -> None:
        self.settings = settings
        self.contract = law
        self.secrets = Secrets()
        self.dialects = Dialects(law.dialects)
        self.rate = law.plans[settings.plan] if settings.plan else min(law.plans.values())
        """Requests of one window that the plan allows; of the smallest plan when none was named."""
        self.budget = Budget(budget_of(settings.profile, self.rate, allow_burst=settings.allow_burst))
        self.now = settings.now or datetime.now(UTC).replace(microsecond=0)
        """When the run began, by --now or else by the server's own Date header; times of created data lie before it."""
        self.planned: list[Planned] = []
        """What --plan-requests found."""
        self.watchers: list[Callable[[Exchange], None]] = []
        """Called with every exchange, in the thread that made it."""
        self.answered = 0
        """Requests that got any answer."""
        self.gone = ""
        """Why the server stopped answering for good; empty while it answers."""
        self._silent = 0
        self._creations_of = creations_of
        self._keyring = Keyring(settings, law, self.secrets)
        self.ledger = Ledger(settings.ledger, self.secrets)
        self._transport = transport or self._make_transport()
        self._pace = Pace(law.rate_limit, self.rate, self.pause)
        self._lock = threading.Lock()
        self._number = 0
        self._poll = 0
        self._purpose = "preflight"
        self._deadline = Deadline(settings.max_time)
        self._settling = Settling(self.pause)

    # --- the life of a run ---

    def open(self) -> None:
        """Start the clock of --max-time and the ledger."""
        self._deadline.start()
        own = self.settings
        self.ledger.open({"run": own.run_id, "url": own.url, "seed": own.seed, "now": self.now.isoformat()})

    def close(self) -> None:
        """Nothing more is sent."""
        self._transport.close()
        self.ledger.close()

    def begin(self, purpose: str) -> None:
        """What is sent from now on is for this check."""
        self._purpose, self._poll = purpose, 0

    def set_clock(self, exchange: Exchange) -> None:
        """Take the time of the run from an answer's Date, unless --now named one."""
        date = exchange.header("date")
        if self.settings.now is None and date is not None:
            try:
                self.now = parsedate_to_datetime(date).astimezone(UTC)
            except ValueError:
                return

    def check_time(self) -> None:
        """Raise TimeIsUp when --max-time is over."""
        self._deadline.check()

    @property
    def cut(self) -> bool:
        """Whether --max-time cut the run."""
        return self._deadline.cut

    def check_presence(self, health: str) -> None:
        """Raise Gone when the server left the last requests unanswered and its health, too."""
        if not self.gone and self._silent >= _SILENCE:
            exchange = self.attempt(health, timeout=_PRESENCE_TIMEOUT)
            if exchange.status is None:
                self.gone = f"{self.settings.url} stopped answering: {exchange.problem}"
        if self.gone:
            raise Gone(self.gone)

    # --- what a check may use ---

    def call(self, operation_id: str, **options: Unpack[Options]) -> Exchange:
        """The answer of an operation. Without any answer Unanswered, which a check may leave alone."""
        return _answered(self.attempt(operation_id, **options))

    def attempt(self, operation_id: str, **options: Unpack[Options]) -> Exchange:
        """As `call`, but a missing answer is an Exchange without status and with a `problem`."""
        operation = self.contract.operation(operation_id)
        return self._send(operation, operation.method, operation.path + query_text(options.get("query")), options)

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Exchange:
        """Any method and path below the address, such as ("GET", "/api/v1/nothing"); never raises, as `attempt`."""
        operation = self.contract.operation_at(method, path.partition("?")[0])
        return self._send(operation, method.upper(), path + query_text(options.get("query")), options)

    def together(self, *calls: Callable[[], Answer]) -> list[Answer]:
        """The results of calls that are made at the same time, in their order."""
        if self.settings.dry:
            return [call() for call in calls]
        barrier = threading.Barrier(len(calls))

        def run(call: Callable[[], Answer]) -> Answer:
            barrier.wait()
            return call()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))

    def burst(self, operation_id: str, count: int, *, workers: int = 32, **options: Unpack[Options]) -> list[Exchange]:
        """The answers to requests sent as fast as this machine can, unpaced, 429s included; needs --allow-burst."""
        if not self.settings.allow_burst:
            raise MissingOption("--allow-burst")
        options["patient"] = False
        operation = self.contract.operation(operation_id)
        path = operation.path + query_text(options.get("query"))
        if self.settings.dry:
            workers = 1
        with ThreadPoolExecutor(workers) as pool:
            jobs = [
                pool.submit(self._send, operation, operation.method, path, options, paced=False) for _ in range(count)
            ]
        return [job.result() for job in jobs]

    def settle(
        self, probe: Callable[[], Answer], *, until: Callable[[Answer], bool], seconds: float | None = None
    ) -> Settled[Answer]:
        """The last result of a probe, which is repeated until the condition holds or --settle is over."""

        def poll(number: int) -> Answer:
            self._poll = number
            return probe()

        most = self.settings.settle if seconds is None else seconds
        try:
            return self._settling.settle(poll, until, most, once=self.settings.dry)
        finally:
            self._poll = 0

    def pause(self, seconds: float) -> None:
        """Wait, for a check that waits as long as a header said; bounded by --max-time, and nothing in a dry run."""
        if not self.settings.dry:
            self._deadline.sleep(seconds)

    def need(self, *wanted: Key | str) -> None:
        """Raise MissingOption when the run has not been given a key, or an option such as "--user"."""
        self._keyring.need(*wanted)

    def has(self, wanted: Key | str) -> bool:
        """Whether the run was given a key or an option."""
        return self._keyring.has(wanted)

    @property
    def user(self) -> User:
        """Who can sign in; MissingOption without --user."""
        if self.settings.user is None:
            raise MissingOption("--user")
        return self.settings.user

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
        limited = operation is None or operation.id not in self.contract.unlimited
        for attempt in range(1, ATTEMPTS + 1):
            self._pass_guard(method, path, len(body or b""), creations if attempt == 1 else ())
            if paced and limited and not self.settings.dry:
                self._pace.wait(key)
            if attempt == 1:
                self.ledger.creating(creations, purpose=self._purpose, key=str(key))
            exchange = self._exchange(outgoing, path, body or b"")
            if not self._again(exchange, key, patient=options.get("patient", True)):
                return exchange
        raise StillLimited(exchange, ATTEMPTS)

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

    def _learn(self, exchange: Exchange) -> None:
        """Tokens that the server hands out are secrets from then on."""
        if any(name.encode() in exchange.body for name in _SECRET_NAMES):
            for name, value in strings(exchange.json):
                if name.lower().endswith(_SECRET_NAMES):
                    self.secrets.learn(value, HIDDEN)


def _answered(exchange: Exchange) -> Exchange:
    if exchange.status is None:
        raise Unanswered(exchange)
    return exchange
