"""The one door to the server under test: every request of every layer goes through here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TypeVar, Unpack

from twosignal_conformance.engine.api_client._exchange import Exchange
from twosignal_conformance.engine.api_client._request import Options, query_text
from twosignal_conformance.engine.api_client._sending import Sender
from twosignal_conformance.engine.api_client._settings import Key, User
from twosignal_conformance.engine.api_client._settling import Settled
from twosignal_conformance.engine.api_client._skipped import Gone, MissingOption, Unanswered

Result = TypeVar("Result")

_SILENCE = 3
"""Requests in a row without a response, after which the next check begins with a question for health."""

_PRESENCE_TIMEOUT = 5.0
"""Seconds for that question."""


class ApiClient(Sender):
    """The server under test, with the key added, the budget counted, the pace kept and the evidence gathered."""

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
        """Take the time of the run from a response's Date, unless --now named one."""
        date = exchange.header("date")
        if self.settings.now is None and date is not None:
            try:
                self.now = parsedate_to_datetime(date).astimezone(UTC)
            except ValueError:
                return

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
        """The response of an operation. Without any response Unanswered, which a check may leave alone."""
        return _answered(self.attempt(operation_id, **options))

    def attempt(self, operation_id: str, **options: Unpack[Options]) -> Exchange:
        """As `call`, but a missing response is an Exchange without status and with a `problem`."""
        operation = self.contract.operation(operation_id)
        return self._send(operation, operation.method, operation.path + query_text(options.get("query")), options)

    def request(self, method: str, path: str, **options: Unpack[Options]) -> Exchange:
        """Any method and path below the address, such as ("GET", "/api/v1/nothing"); never raises, as `attempt`."""
        operation = self.contract.operation_at(method, path.partition("?")[0])
        return self._send(operation, method.upper(), path + query_text(options.get("query")), options)

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
        self, probe: Callable[[], Result], *, until: Callable[[Result], bool], seconds: float | None = None
    ) -> Settled[Result]:
        """The last result of a probe, which is repeated until the condition holds or --settle is over."""

        def poll(number: int) -> Result:
            self._poll = number
            return probe()

        most = self.settings.settle if seconds is None else seconds
        try:
            return self._settling.settle(poll, until, most, once=self.settings.dry)
        finally:
            self._poll = 0

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


def _answered(exchange: Exchange) -> Exchange:
    if exchange.status is None:
        raise Unanswered(exchange)
    return exchange
