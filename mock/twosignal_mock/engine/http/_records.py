"""What is kept of a request when it is over: journal, ledger, metrics and the line in the access log."""

from __future__ import annotations

import time
from typing import Protocol

from twosignal_mock.engine.http._access_log import AccessLog, AccessRecord
from twosignal_mock.engine.http._asgi import Response
from twosignal_mock.engine.http._request_context import RequestContext, as_tuple
from twosignal_mock.engine.sandbox import Attempt, FaultKind, FaultPhase

_SUCCESS = range(200, 300)
_FIRST_ERROR = 400


class Observer(Protocol):
    """Who counts requests."""

    def request(self, operation_id: str | None, status: int | None, seconds: float) -> None:
        """A response was given (None: the connection was cut) in so many real seconds."""
        ...

    def fault(self, kind: str, phase: str) -> None:
        """A fault struck."""
        ...

    def rate_error(self, plan: str) -> None:
        """A request got an error for its rate."""
        ...

    def store_write(self, count: int = 1) -> None:
        """Something was stored."""
        ...


class Records:
    """Keeps what a server's requests leave behind."""

    def __init__(self, observer: Observer | None, log: AccessLog | None) -> None:
        self._observer = observer
        self._log = log

    def keep(self, context: RequestContext, response: Response | None) -> None:
        """A request is over; `response` is what was sent, None when the connection was cut."""
        operation = context.operation
        ended = context.responded if context.responded is not None else time.monotonic()
        seconds = ended - context.arrival.started
        status = None if response is None else response.status
        operation_id = None if operation is None else operation.id
        if context.content.attempt_keys:
            self._account(context, response)
        journal, attempt = context.admitted.sandbox.journal, attempt_of(context, response, seconds)
        if context.sequence is None:
            journal.record(attempt)
        else:
            journal.complete(context.sequence, attempt)
        if (observer := self._observer) is not None:
            observer.request(operation_id, status, seconds)
            fault = context.disturbance.fault
            if fault is not None:
                observer.fault(fault.kind, fault.phase)
            if context.verdict is not None and not context.verdict.allowed:
                observer.rate_error(context.admitted.sandbox.project.plan)
        if self._log is not None:
            _, _, key, token = context.admitted
            self.log(context, status, seconds, key or token)

    def log(self, context: RequestContext, status: int | None, seconds: float, key: str | None = None) -> None:
        """Only the line in the access log."""
        if self._log is None:
            return
        _, method, path, _, scope, _, _ = context.arrival
        _, _, clauses, _, reason = context.outcome
        fault = context.disturbance.fault
        rule = "" if fault is None else fault.rule
        clause = clauses[0] if clauses else ""
        query = scope.get("query_string", b"")
        record = (method, path, status, seconds * 1000, clause, rule, time.time(), query, key, reason)
        self._log.add(as_tuple(AccessRecord, record))

    def store_write(self) -> None:
        """A change was stored."""
        if self._observer is not None:
            self._observer.store_write()

    def _account(self, context: RequestContext, response: Response | None) -> None:
        """Every id of the body ends in one of the ledger's accounts."""
        ledger, fault, outcome = context.admitted.sandbox.ledger, context.disturbance.fault, context.outcome
        keys = context.content.attempt_keys
        is_error = response is not None and (outcome.cause is not None or response.status >= _FIRST_ERROR)
        spoiled = fault is not None and fault.kind is not FaultKind.DELAY
        if spoiled and fault is not None and not (is_error and fault.phase is FaultPhase.BEFORE):
            ledger.response_lost(keys, fault.rule, kept=outcome.carried_out)
        elif is_error and response is not None:
            ledger.refused(keys, outcome.cause, response.status)
        elif response is not None and response.status in _SUCCESS:
            ledger.stored(keys)
        else:
            ledger.response_lost(keys, None if fault is None else fault.rule, kept=outcome.carried_out)


def attempt_of(context: RequestContext, response: Response | None, seconds: float | None) -> Attempt:
    """What the journal keeps of a request; `seconds` is None while it is under way."""
    started, method, path, _, scope, _, _ = context.arrival
    raw, _, attempt_keys, misspelled = context.content
    _, cause, _, broken, _ = context.outcome
    fault = context.disturbance.fault
    # By position: by name it takes four times as long.
    return Attempt(
        method,
        path,
        None if response is None else response.status,
        context.admitted.now,
        started,
        seconds,
        None if context.operation is None else context.operation.id,
        scope.get("query_string", b""),
        scope["headers"],
        raw or b"",
        () if response is None else response.headers,
        b"" if response is None else response.body,
        broken + misspelled,
        cause,
        None if fault is None else fault.rule,
        attempt_keys,
    )
