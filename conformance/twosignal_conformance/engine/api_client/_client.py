"""What checks speak to the server under test through: every request of every layer goes through one ApiClient."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from math import ceil, inf
from typing import Any, TypeVar, Unpack

from twosignal_contract import Contract, Operation

from twosignal_conformance.engine.api_client._access import Access, Budget
from twosignal_conformance.engine.api_client._conformity import Dialects
from twosignal_conformance.engine.api_client._dry import DryTransport, Planned
from twosignal_conformance.engine.api_client._exchange import Exchange
from twosignal_conformance.engine.api_client._http_dates import http_date
from twosignal_conformance.engine.api_client._keyring import Keyring
from twosignal_conformance.engine.api_client._ledger import Ledger
from twosignal_conformance.engine.api_client._pace import Pace
from twosignal_conformance.engine.api_client._presence import SILENCE, Presence
from twosignal_conformance.engine.api_client._request import Options, query_text
from twosignal_conformance.engine.api_client._resending import Resending
from twosignal_conformance.engine.api_client._secrets import Secrets
from twosignal_conformance.engine.api_client._sender import Sender
from twosignal_conformance.engine.api_client._settings import Key, Settings
from twosignal_conformance.engine.api_client._skipped import CheckSkipped, Gone, MissingOption, Unanswered
from twosignal_conformance.engine.api_client._transport import Transport, Wire
from twosignal_conformance.engine.api_client._volley import Schedule
from twosignal_conformance.engine.api_client._waits import Deadline, Settled, Settling

Result = TypeVar("Result")

_TIMES = 4
"""Times the plan's rate that a burst can reach, as far as it is ours: a burst of three times must not wait for it."""

_TURN = 0.01
"""Seconds that a busy server may take for a request, beside its distance."""

_PRESENCE_TIMEOUT = 5.0
"""Seconds for the question whether the server is still there."""


class ApiClient:
    """The server under test, with the key added, the budget counted, the pace kept and the evidence gathered."""

    def __init__(
        self, settings: Settings, contract: Contract, access: Access, transport: Transport | None = None
    ) -> None:
        self.settings, self.contract, self.access = settings, contract, access
        self.secrets = Secrets(access.secret_names)
        self.dialects = Dialects(contract.dialects)
        self.rate = contract.plans[settings.plan] if settings.plan else min(contract.plans.values(), default=1)
        """Requests of one window that the plan allows; of the smallest plan when none was named."""
        self.budget = Budget(access.budget(settings.profile, self.rate, allow_burst=settings.allow_burst))
        self.now = settings.now or datetime.now(UTC).replace(microsecond=0)
        """When the run began, by --now or else by the server's own Date header; times of created data lie before it."""
        self.ledger = Ledger(settings.ledger, self.secrets)
        self._keyring = Keyring(settings, contract, access, self.secrets)
        self._deadline = Deadline(settings.max_time)
        self._settling = Settling(self.pause)
        self._presence = Presence(settings.url, settings.timeout)
        self._resending = Resending(contract.retry)
        self._opened = False
        self._made: dict[Callable[[Any], object], object] = {}
        self._sender = Sender(
            settings,
            transport or _transport(settings, contract, access),
            access.creations_of,
            keyring=self._keyring,
            budget=self.budget,
            ledger=self.ledger,
            pace=Pace(contract.rate_limit, self.rate, self.pause),
            presence=self._presence,
            resending=self._resending,
            retry_header=contract.rate_limit.headers.retry_after,
            secrets=self.secrets,
            pause=self.pause,
            deadline=self._deadline,
        )

    # --- the life of a run ---

    def sign_in(self) -> None:
        """Open the sessions of an API that no key is given for; UnreachableError when nobody gets in."""
        if self.access.sign_in is not None and not self.settings.dry:
            self._keyring.sign_in(self.access.sign_in.open(self))

    def clean_up(self) -> None:
        """Delete what the run created, as far as the API and what is left of the time allow."""
        own = self.settings
        if self.access.clean_up is None or not self._opened or own.read_only or self.gone:
            return
        self.begin("clean-up")
        with suppress(CheckSkipped):
            self.access.clean_up(self)

    def open(self) -> None:
        """Start the clock of --max-time and the ledger."""
        self._deadline.start()
        self._opened = True
        self._resending.on = True
        own = self.settings
        self.ledger.open({"run": own.run_id, "url": own.url, "seed": own.seed, "now": self.now.isoformat()})

    def close(self) -> None:
        """Send nothing more."""
        self._sender.close()

    def begin(self, purpose: str) -> None:
        """Name the check that sends from now on."""
        self._sender.purpose, self._sender.poll = purpose, 0

    def set_clock(self, exchange: Exchange) -> None:
        """Take the time of the run from a response's Date, unless --now named one."""
        date = http_date(exchange.header("date"))
        if self.settings.now is None and date is not None:
            self.now = date

    def check_time(self) -> None:
        """Raise TimeIsUp when --max-time is over."""
        self._deadline.check()

    def check_presence(self) -> None:
        """Raise Gone when the server no longer answers, not even for its health."""
        if not self.gone and self._presence.silent >= SILENCE:
            exchange = self.attempt(self.access.health, timeout=_PRESENCE_TIMEOUT)
            if exchange.status is None:
                self._presence.leave(exchange.problem)
        if self.gone:
            raise Gone(self.gone)

    @property
    def cut(self) -> bool:
        """True when --max-time cut the run."""
        return self._deadline.cut

    @property
    def gone(self) -> str:
        """Why the server stopped answering for good; empty while it answers."""
        return self._presence.gone

    @property
    def answered(self) -> int:
        """Requests that got any response."""
        return self._presence.answered

    @property
    def passed(self) -> list[Exchange]:
        """Errors of the server that were gone when the requests were sent again."""
        return self._resending.passed

    @property
    def planned(self) -> list[Planned]:
        """What --plan-requests found."""
        return self._sender.planned

    @property
    def watchers(self) -> list[Callable[[Exchange], None]]:
        """Functions that are called with every exchange, in the thread that made it."""
        return self._sender.watchers

    # --- what a check may use ---

    def call(self, operation_id: str, **options: Unpack[Options]) -> Exchange:
        """The response of an operation. Without any response Unanswered, which a check may leave alone."""
        return _answered(self.attempt(operation_id, **options))

    def attempt(self, operation_id: str, **options: Unpack[Options]) -> Exchange:
        """As `call`, but a missing response is an Exchange without status and with a `problem`."""
        operation = self.contract.operation(operation_id)
        return self._sender.send(operation, operation.method, _path(operation, options), options)

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Exchange:
        """Any method and path below the address, such as ("GET", "/nothing"); never raises, as `attempt`."""
        operation = self.contract.operation_at(method, path.partition("?")[0])
        return self._sender.send(operation, method.upper(), path + query_text(options.get("query")), options)

    def together(self, *calls: Callable[[], Result]) -> list[Result]:
        """The results of calls that are made at the same time, in their order."""
        if self.settings.dry:
            return [call() for call in calls]
        barrier = threading.Barrier(len(calls))

        def run(call: Callable[[], Result]) -> Result:
            barrier.wait()
            return call()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(run, calls))

    def burst(
        self,
        operation_id: str,
        count: int = 0,
        *,
        offsets: Sequence[float] = (),
        start: float | None = None,
        last: float = inf,
        **options: Unpack[Options],
    ) -> list[Exchange]:
        """The responses to requests that go out unpaced, 429s included; needs --allow-burst.

        All `count` at once, or each so many seconds after the start (on the monotonic clock; None: when connections are
        open). What `last` seconds after the start is not yet sent is not sent, and left out of the result.
        """
        if not self.settings.allow_burst:
            raise MissingOption("--allow-burst")
        operation = self.contract.operation(operation_id)
        under_way = ceil(_TIMES * self.rate * (self._sender.distance + _TURN) / (self.contract.rate_limit.window or 1))
        schedule = Schedule(offsets or [0.0] * count, under_way, start, last)
        return self._sender.send_volley(operation, _path(operation, options), options, schedule)

    def settle(
        self, probe: Callable[[], Result], *, until: Callable[[Result], bool], seconds: float | None = None
    ) -> Settled[Result]:
        """The last result of a probe, which is repeated until the condition holds or --settle is over."""

        def poll(number: int) -> Result:
            self._sender.poll = number
            return probe()

        most = self.settings.settle if seconds is None else seconds
        try:
            return self._settling.settle(poll, until, most, once=self.settings.dry)
        finally:
            self._sender.poll = 0

    def once(self, make: Callable[[ApiClient], Result]) -> Result:
        """What the function makes. It is called once in a run, so several checks can share the result."""
        if make not in self._made:
            self._made[make] = make(self)
        found: Any = self._made[make]
        return found  # type: ignore[no-any-return]

    def pause(self, seconds: float) -> None:
        """Wait, for a check that waits as long as a header said; bounded by --max-time, and nothing in a dry run."""
        if not self.settings.dry:
            self._deadline.sleep(seconds)

    def secret(self, key: Key) -> str:
        """The text of a key, to send it in an odd way; never put it into `expected` or `actual`."""
        return self._keyring.text(key)

    def need(self, *wanted: Key | str) -> None:
        """Raise MissingOption when the run has not been given a key, or an option such as "--plan"."""
        self._keyring.need(*wanted)

    def has(self, wanted: Key | str) -> bool:
        """True when the run was given a key or an option."""
        return self._keyring.has(wanted)

    def given(self, option: str) -> object:
        """The value of an option that only this API has; MissingOption when it was not given."""
        return self._keyring.given(option)


def _transport(settings: Settings, contract: Contract, access: Access) -> Transport:
    if settings.dry:
        return DryTransport(contract, access.no_operation)
    return Wire(settings.url, f"twosignal-conformance (run {settings.run_id})")


def _path(operation: Operation, options: Options) -> str:
    """The path of an operation with the values of its parameters, and the query."""
    values = options.get("path_values", {})
    return operation.path.format_map(values) + query_text(options.get("query"))


def _answered(exchange: Exchange) -> Exchange:
    if exchange.status is None:
        raise Unanswered(exchange)
    return exchange
