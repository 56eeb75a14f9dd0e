"""What is kept of a request when it is over: journal, ledger, metrics and the line in the access log."""

from __future__ import annotations

import time
from typing import Protocol

from twosignal_mock.engine.http._clauses import RESPELLED, broken
from twosignal_mock.engine.http._exchange import Exchange, Reply
from twosignal_mock.engine.http._log import AccessLog, AccessRecord
from twosignal_mock.engine.sandbox import Attempt, FaultKind, FaultPhase

_SUCCESS = range(200, 300)


class Observer(Protocol):
    """Who counts requests."""

    def request(self, operation_id: str | None, status: int | None, seconds: float) -> None:
        """An answer was given (None: the connection was cut) in so many real seconds."""
        ...

    def fault(self, kind: str, phase: str) -> None:
        """A fault struck."""
        ...

    def rate_refusal(self, plan: str) -> None:
        """A request was refused for its rate."""
        ...

    def store_write(self, count: int = 1) -> None:
        """Something was stored."""
        ...


class Records:
    """Keeps what a server's requests leave behind."""

    def __init__(self, observer: Observer | None, log: AccessLog | None) -> None:
        self._observer = observer
        self._log = log

    def keep(self, exchange: Exchange, reply: Reply | None) -> None:
        """A request is over; `reply` is what was answered, None when the connection was cut."""
        ended = exchange.answered if exchange.answered is not None else time.monotonic()
        seconds = ended - exchange.started
        status = reply.status if reply is not None else None
        operation_id = exchange.operation.id if exchange.operation is not None else None
        if exchange.keys:
            self._account(exchange, reply)
        self._journal(exchange, reply, operation_id, seconds)
        if (observer := self._observer) is not None:
            observer.request(operation_id, status, seconds)
            if exchange.fault is not None:
                observer.fault(exchange.fault.kind, exchange.fault.phase)
            if exchange.verdict is not None and not exchange.verdict.allowed:
                observer.rate_refusal(exchange.sandbox.project.plan)
        if self._log is not None:
            self.log(exchange, status, seconds)

    def log(self, exchange: Exchange, status: int | None, seconds: float) -> None:
        """Only the line in the access log."""
        if self._log is None:
            return
        clause = exchange.clauses[0] if exchange.clauses else ""
        rule = exchange.fault.rule if exchange.fault is not None else ""
        self._log.add(AccessRecord(exchange.method, exchange.path, status, seconds * 1000, clause, rule))

    def store_write(self) -> None:
        """A change was stored."""
        if self._observer is not None:
            self._observer.store_write()

    def _journal(self, exchange: Exchange, reply: Reply | None, operation_id: str | None, seconds: float) -> None:
        clauses = broken(exchange.clauses) if exchange.clauses else ()
        if exchange.respelled:
            clauses = (*clauses, RESPELLED)
        # By position: by name it takes four times as long.
        exchange.sandbox.journal.record(
            Attempt(
                exchange.method,
                exchange.path,
                reply.status if reply is not None else None,
                exchange.now,
                exchange.started,
                seconds,
                operation_id,
                exchange.scope.get("query_string", b""),
                exchange.scope["headers"],
                exchange.raw or b"",
                reply.headers if reply is not None else (),
                reply.body if reply is not None else b"",
                clauses,
                exchange.cause,
                exchange.fault.rule if exchange.fault is not None else None,
                exchange.keys,
            )
        )

    def _account(self, exchange: Exchange, reply: Reply | None) -> None:
        """Every id of the body ends in one of the ledger's accounts."""
        ledger, fault, keys = exchange.sandbox.ledger, exchange.fault, exchange.keys
        refused = exchange.cause is not None and reply is not None
        spoiled = fault is not None and fault.kind is not FaultKind.DELAY
        if spoiled and fault is not None and not (refused and fault.phase is FaultPhase.BEFORE):
            ledger.answer_lost(keys, fault.rule, kept=exchange.kept)
        elif refused and reply is not None and exchange.cause is not None:
            ledger.refused(keys, exchange.cause, reply.status)
        elif reply is not None and reply.status in _SUCCESS:
            ledger.stored(keys)
        else:
            ledger.answer_lost(keys, "", kept=exchange.kept)
