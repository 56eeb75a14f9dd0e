"""The one place that makes answers: body, status and headers, dialects included; checked by the contract if asked."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

import orjson
from twosignal_contract import Contract

from twosignal_mock.engine.api import Refusal
from twosignal_mock.engine.http._clauses import clauses_behind
from twosignal_mock.engine.http._dialects import Body, Dialects, Header
from twosignal_mock.engine.http._exchange import Exchange, Reply
from twosignal_mock.engine.sandbox import ClockKind, Fault, RateVerdict
from twosignal_mock.engine.validation import CompiledOperation, Errors, Failure, MethodNotAllowed, Schemas

_JSON_TYPE: Header = (b"content-type", b"application/json")
_HTML_TYPE: Header = (b"content-type", b"text/html; charset=utf-8")
"""Of an error that a proxy makes up."""
_CHALLENGE: Header = (b"www-authenticate", b"Bearer")
_SECOND = 1_000_000
_UNAUTHORIZED = 401
_GARBAGE = b'<html><body><h1>It works!</h1></body></html>\x00{"'
"""A body that is neither JSON nor valid HTML: what a broken proxy might give."""

HINT = 'The clock is frozen; move it with this key, as by POST /__mock/v1/clock/advance {"seconds": 1}'

EXPOSED = ("X-Mock-Clause", "X-Mock-Fault", "X-Mock-Hint", "Preference-Applied", "Date")
"""Headers of ours that a page of another origin may read, beside those of the contract."""


class AnswerError(Exception):
    """An answer of our own breaks the contract."""


class Answers:
    """Makes the replies of one server."""

    def __init__(
        self,
        contract: Contract,
        errors: Errors,
        dialects: Dialects,
        operations: Mapping[str, CompiledOperation],
        *,
        validate: bool,
    ) -> None:
        self._contract = contract
        self._errors = errors
        self._dialects = dialects
        self._validate = validate
        self._schemas = Schemas(contract.document)
        self._statuses = {id_: dialects.status(operation) for id_, operation in operations.items()}
        bodies = ((id_, dialects.body(operation, self._schemas)) for id_, operation in operations.items())
        self._bodies: dict[str, Body] = {id_: body for id_, body in bodies if body is not None}
        self._date = (0, b"")
        # The cause of a 429 is whichever the contract gives its status to; its message wants a wait in words.
        self._waiting = errors.refusal_for(contract.retry.wait_statuses[0]) if contract.retry.wait_statuses else None

    def success(self, exchange: Exchange, operation: CompiledOperation, body: object) -> Reply:
        """The answer of an operation that was carried out; raises AnswerError."""
        headers = self._rate_headers(exchange)
        if self._validate:
            self._check(operation, operation.success, body, headers)
        if (rewrite := self._bodies.get(operation.id)) is not None:
            # It needs the values themselves, also of parts that are encoded already.
            body = rewrite(orjson.loads(orjson.dumps(body)))
        return self._reply(exchange, self._statuses[operation.id], body, headers)

    def refusal(self, exchange: Exchange, refusal: Refusal) -> Reply:
        """The answer to a request that is refused."""
        operation = exchange.operation
        exchange.clauses = clauses_behind(refusal, operation.id if operation else None)
        headers = self._rate_headers(exchange)
        if isinstance(refusal, MethodNotAllowed):
            headers.append((b"allow", refusal.allowed.encode()))
        if refusal.cause == self._waiting:
            headers.append(self._dialects.retry_after(str(refusal.values["seconds"])))
            if exchange.sandbox.clock.kind is ClockKind.FROZEN:
                headers.append((b"x-mock-hint", HINT.encode()))
        if exchange.clauses:
            headers.append((b"x-mock-clause", ", ".join(exchange.clauses).encode()))
        return self._failure(exchange, self._errors.failure(refusal), headers)

    def internal(self, exchange: Exchange, message: str | None = None) -> Reply:
        """The answer when the mock itself failed; `message` is added to the catalogue's."""
        failure = self._errors.failure(Refusal("internal"))
        if message is not None:
            failure = Failure(failure.row.having(message=f"{failure.row.message}: {message}"), failure.values)
        return self._failure(exchange, failure, [], check=False)

    def faulty(self, exchange: Exchange, fault: Fault, status: int) -> Reply:
        """The error answer that a fault orders. It is not held against the contract: it may be meant to break it."""
        cause = fault.cause or "internal"
        headers: list[Header] = []
        if cause == self._waiting and exchange.key is not None and self._contract.plans:
            limit = self._contract.plans[exchange.sandbox.project.plan]
            verdict = RateVerdict(False, limit, 0, fault.retry_after or 1, fault.retry_after or 1)
            headers = self._dialects.rate_headers(verdict, exchange.now)
        if (wait := fault.retry_after_value(exchange.now)) is not None:
            headers.append(self._dialects.retry_after(wait))
        if fault.body is not None:
            exchange.cause = cause
            return self._finish(exchange, Reply(status, [_HTML_TYPE, *headers], fault.body.encode()))
        failure = Failure(self._contract.errors[cause].having(status=status), fault.values or {})
        return self._failure(exchange, failure, headers, check=False)

    def needs_wait(self, status: int | None) -> bool:
        """Whether an answer with this status tells how long to wait."""
        return status in self._contract.retry.wait_statuses

    def garbage(self, exchange: Exchange, operation: CompiledOperation, fault: Fault) -> Reply:
        """The right status with a body that no client can use."""
        body = _GARBAGE if fault.body is None else fault.body.encode()
        headers = [_JSON_TYPE, *self._rate_headers(exchange)]
        return self._finish(exchange, Reply(self._statuses[operation.id], headers, body))

    def example(self, exchange: Exchange, operation: CompiledOperation) -> Reply:
        """The contract's own example of a success: for an answer that is cut before anything was carried out."""
        return self._reply(exchange, self._statuses[operation.id], operation.answers[operation.success].example, [])

    def _failure(self, exchange: Exchange, failure: Failure, headers: list[Header], *, check: bool = True) -> Reply:
        if failure.status == _UNAUTHORIZED:
            headers.append(_CHALLENGE)
        operation = exchange.operation
        exchange.cause = failure.cause
        if check and self._validate and operation is not None and failure.cause != "request-timeout":
            self._check(operation, failure.status, failure.body, headers)
        failure = self._dialects.failure(failure)
        return self._reply(exchange, failure.status, self._dialects.envelope(failure), headers)

    def _reply(self, exchange: Exchange, status: int, body: object, headers: list[Header]) -> Reply:
        return self._finish(exchange, Reply(status, [_JSON_TYPE, *headers], orjson.dumps(body)))

    def _finish(self, exchange: Exchange, reply: Reply) -> Reply:
        reply.headers += ((b"content-length", b"%d" % len(reply.body)), (b"date", self._date_of(exchange.now)))
        if exchange.fault is not None:
            reply.headers.append((b"x-mock-fault", header_text(exchange.fault.rule)))
        if exchange.preference is not None:
            reply.headers.append((b"preference-applied", exchange.preference))
        return reply

    def _rate_headers(self, exchange: Exchange) -> list[Header]:
        if exchange.verdict is None:
            return []
        return self._dialects.rate_headers(exchange.verdict, exchange.now)

    def _date_of(self, now: int) -> bytes:
        """The header Date by the sandbox's clock: one clock moves everything."""
        second = now // _SECOND
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True).encode())
        return self._date[1]

    def _check(self, operation: CompiledOperation, status: int, body: Any, headers: list[Header]) -> None:
        answer = operation.answers.get(status)
        if answer is None:
            raise AnswerError(f"{operation.id}: the status {status} is not documented")
        if answer.validator is not None and answer.schema is not None:
            plain = orjson.loads(orjson.dumps(body))
            if not answer.validator.is_valid(plain):
                mistake = self._schemas.find_mistake(answer.schema, plain)
                raise AnswerError(f"{operation.id} {status}: {mistake.text()}: {mistake.problem}")
        names = {name for name, _ in headers}
        for name in answer.required_headers:
            if name not in names:
                raise AnswerError(f"{operation.id} {status}: the header {name.decode()} is missing")


def header_text(text: str) -> bytes:
    """A text as a header value: one line of ASCII, what does not fit escaped."""
    return text.encode("unicode_escape")
