"""The one place that makes responses: body, status and headers, dialects included; checked by the contract if asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, NamedTuple

import orjson
from twosignal_contract import About

from twosignal_mock.engine.api import ApiError, ClauseTable, Deviations, ServedApi, Success
from twosignal_mock.engine.http._asgi import Header, Response
from twosignal_mock.engine.http._hints import Hints
from twosignal_mock.engine.http._rate_headers import RateHeaders
from twosignal_mock.engine.http._request_bodies import GivenUpError
from twosignal_mock.engine.http._request_context import Outcome, RequestContext
from twosignal_mock.engine.http._rewriting import Rewrite, body_rewriter
from twosignal_mock.engine.sandbox import ClockKind, ErrorCatalogue, Fault, RateVerdict
from twosignal_mock.engine.validation import (
    JSON,
    CompiledOperation,
    MethodNotAllowedError,
    ResponseForm,
    Schemas,
    is_json,
)

RATE_CAUSE = "rate-limit"

_HTML_TYPE: Header = (b"content-type", b"text/html; charset=utf-8")
"""Of an error that a proxy makes up."""
_JSON_TYPE: Header = (b"content-type", JSON.encode())
_CHALLENGE: Header = (b"www-authenticate", b"Bearer")
_TOLD = {"unsupported-media-type": (b"accept", b""), "unsupported-encoding": (b"accept-encoding", b"gzip")}
"""What a 415 says of what would be taken (RFC 9110 section 15.5.16); the media types are those of the operation."""
_SECOND = 1_000_000
_UNAUTHORIZED = 401
_GATEWAY_PAGE = "<html><body><h1>{} {}</h1></body></html>"
_PHRASES = {status.value: status.phrase for status in HTTPStatus}
_GARBAGE = b'<html><body><h1>It works!</h1></body></html>\x00{"'
"""A body that is neither JSON nor valid HTML, as a broken proxy might give."""

_BODILESS = frozenset({*range(100, 200), 204, 304})
"""Statuses without a body, and so without Content-Length (RFC 9110 sections 6.4.1 and 8.6)."""
_FIRST_FINAL = 200
_FIRST_ERROR = 400
_UNREAD = b"Prefer was not looked at: the request got an error before its turn"

HINT = 'The clock is frozen; move it with this key, as by POST /__mock/v1/clock/advance {"seconds": 1}'

EXPOSED = ("X-Mock-Clause", "X-Mock-Fault", "X-Mock-Hint", "Preference-Applied", "Date")
"""Headers of ours that a page of another origin may read, beside those of the contract."""


class ResponseError(Exception):
    """A response of our own breaks the contract."""


class _Usual(NamedTuple):
    """The success of an operation whose handler says nothing but its body."""

    status: int
    documented: int
    """The status that the contract has for it; a dialect may send another."""
    form: ResponseForm | None
    headers: tuple[Header, ...]
    rewrite: Rewrite | None
    sole: bool
    """True when there is no other form to choose from."""


class Responses:
    """Makes the responses of one API."""

    def __init__(
        self,
        served: ServedApi,
        deviations: Deviations,
        schemas: Schemas,
        operations: Mapping[str, CompiledOperation],
        *,
        validate: bool,
    ) -> None:
        contract = served.contract
        self._contract = contract
        self._deviations = deviations
        self._schemas = schemas
        self._validate = validate
        self._errors = ErrorCatalogue({**contract.errors, **deviations.errors})
        self._documented = ErrorCatalogue(contract.errors)
        self._rate = RateHeaders(served, deviations)
        self._clauses = served.api.clauses
        self._usual = {id_: self._usual_success(each) for id_, each in operations.items()}
        self._challenges = any(
            (scheme.scheme or "").lower() == "bearer" for scheme in contract.security_schemes.values()
        )
        self._hints = Hints(contract, operations, served.api.directions(contract))
        self._date = (-1, b"")

    @property
    def exposed(self) -> tuple[str, ...]:
        """Headers that a page of another origin may read."""
        return self._rate.names

    def success(self, context: RequestContext, operation: CompiledOperation, result: object) -> Response:
        """The response of an operation that was carried out; raises ResponseError."""
        usual = self._usual[operation.id]
        more: Sequence[Header] = ()
        # By its type alone: a Success is the exception, and every request pays for this look.
        if type(result) is Success:
            more = [(name.lower().encode(), header_text(value)) for name, value in result.headers]
            usual, result = self._chosen(context, operation, result), result.body
        elif not usual.sole:
            usual = self._chosen(context, operation, Success(result))
        status, documented, form, headers, rewrite, _ = usual
        rate = () if context.verdict is None else self._rate.headers(context.verdict, context.admitted.now)
        if self._validate:
            self._check(operation, documented, result, [*headers, *more, *rate], form)
        if rewrite is not None:
            # It needs the values themselves, also of parts that are encoded already.
            result = rewrite(orjson.loads(orjson.dumps(result)))
        body = b"" if form is None else form.encode(result)
        return self._finish(context, Response(status, [*headers, *more, *rate], body))

    def error(self, context: RequestContext, operation: CompiledOperation | None, error: ApiError) -> Response:
        """The response of a request that gets an error."""
        cause, values = error.cause, _with_operation(error.values, operation)
        clauses = self._clauses_behind(error, operation)
        broken = tuple(clause for clause in clauses if self._binds_client(clause))
        context.outcome = Outcome(False, cause, clauses, broken, self._errors.message(cause, values))
        headers = [] if context.verdict is None else self._rate.headers(context.verdict, context.admitted.now)
        if isinstance(error, MethodNotAllowedError):
            headers.append((b"allow", error.allowed.encode()))
        if (told := _TOLD.get(cause)) is not None and operation is not None and operation.body is not None:
            name, value = told
            headers.append((name, value or ", ".join(operation.body.media_types).encode()))
        if cause == RATE_CAUSE:
            headers.append(self._rate.retry_after(str(error.values["seconds"])))
        direction = self._hints.of_path(context.arrival.path) if cause == "unknown-endpoint" else ""
        headers += [(b"x-mock-hint", hint) for hint in _hints_of_error(context, cause, direction)]
        if clauses:
            headers.append((b"x-mock-clause", ", ".join(clauses).encode()))
        if self._errors.status(cause) == _UNAUTHORIZED and self._challenges:
            headers.append(_CHALLENGE)
        if self._validate and operation is not None and not isinstance(error, GivenUpError):
            body = self._documented.body(cause, values)
            self._check(operation, self._documented.status(cause), body, headers, None)
        body = self._errors.body(cause, values)
        if direction:
            body = _append(body, context.outcome.reason, direction)
        return self._error(context, operation, cause, body, headers)

    def internal(self, context: RequestContext, message: str | None = None) -> Response:
        """The response when the mock itself failed; `message` is added to the contract's."""
        cause = "internal"
        context.outcome = context.outcome._replace(cause=cause)
        body = self._errors.body(cause, _with_operation({}, context.operation))
        if message is not None:
            body = _append(body, self._contract.errors[cause].message, message)
        return self._error(context, None, cause, body, [])

    def faulty(self, context: RequestContext, operation: CompiledOperation, fault: Fault) -> Response:
        """The error that a fault orders. It is not checked by the contract: it may be meant to break it."""
        known = fault.cause is not None and fault.cause in self._errors
        cause = fault.cause if known else self._errors.cause_for(fault.status or 0)
        context.outcome = context.outcome._replace(cause=cause)
        now = context.admitted.now
        headers: list[Header] = []
        if cause == RATE_CAUSE and context.admitted.key is not None:
            limit = self._contract.plans.get(context.admitted.sandbox.project.plan, 0)
            seconds = fault.retry_after or 1
            headers = self._rate.headers(RateVerdict(False, limit, 0, seconds, seconds), now)
        if (wait := fault.retry_after_value(now)) is not None:
            headers.append(self._rate.retry_after(wait))
        if fault.body is not None or cause is None:
            return self._page(context, fault, headers)
        if self._errors.status(cause) == _UNAUTHORIZED and self._challenges:
            headers.append(_CHALLENGE)
        return self._error(
            context, operation, cause, self._errors.fault_body(cause, fault.retry_after, operation.id), headers
        )

    def _page(self, context: RequestContext, fault: Fault, headers: list[Header]) -> Response:
        """What a gateway gives: any status, and a page that is none of the API's."""
        status = fault.status or 0
        body = "" if status < _FIRST_ERROR else _GATEWAY_PAGE.format(status, _PHRASES.get(status, ""))
        content = (body if fault.body is None else fault.body).encode()
        if status < _FIRST_FINAL:
            headers.append((b"connection", b"close"))  # an interim response, and no other comes
        if status in _BODILESS:
            content = b""
        elif content:
            headers.insert(0, _HTML_TYPE if fault.content_type is None else (b"content-type", fault.content_type))
        return self._finish(context, Response(status, headers, content))

    def needs_wait(self, status: int | None) -> bool:
        """Whether a response with this status tells how long to wait."""
        return RATE_CAUSE in self._documented and status == self._documented.status(RATE_CAUSE)

    def garbage(self, context: RequestContext, operation: CompiledOperation, fault: Fault) -> Response:
        """The right status with a body that no client can use."""
        usual = self._usual[operation.id]
        body = _GARBAGE if fault.body is None else fault.body.encode()
        rate = () if context.verdict is None else self._rate.headers(context.verdict, context.admitted.now)
        return self._finish(context, Response(usual.status, [*usual.headers, *rate], body))

    def example(self, context: RequestContext, operation: CompiledOperation) -> Response:
        """The contract's own example of a success: for a response that is cut before anything was carried out."""
        usual = self._usual[operation.id]
        body = b"" if usual.form is None else usual.form.encode(usual.form.example)
        return self._finish(context, Response(usual.status, list(usual.headers), body))

    def _usual_success(self, operation: CompiledOperation) -> _Usual:
        shape = operation.responses[operation.success]
        return self._success_of(operation, operation.success, shape.form(None, None))

    def _success_of(self, operation: CompiledOperation, documented: int, form: ResponseForm | None) -> _Usual:
        deviates = documented == operation.success
        status = self._deviations.statuses.get(operation.id, documented) if deviates else documented
        if form is None:
            return _Usual(status, documented, None, (), None, sole=True)
        rewrite = body_rewriter(self._deviations, operation.id, form, self._schemas)
        sole = len(operation.responses[documented].forms) == 1
        return _Usual(status, documented, form, ((b"content-type", form.content_type),), rewrite, sole)

    def _chosen(self, context: RequestContext, operation: CompiledOperation, success: Success) -> _Usual:
        documented = operation.success if success.status is None else success.status
        if documented not in operation.responses:
            raise ResponseError(f"{operation.id}: the status {documented} is not documented")
        form = operation.responses[documented].form(success.media_type, context.arrival.headers.get(b"accept"))
        return self._success_of(operation, documented, form)

    def _clauses_behind(self, error: ApiError, operation: CompiledOperation | None) -> tuple[str, ...]:
        """The ids of the clauses behind an error, those that bind clients first."""
        table: ClauseTable = self._clauses
        found = table.causes.get(error.cause, ())
        if operation is None:
            return found
        found = table.operations.get((error.cause, operation.id)) or found
        place = str(error.values.get("place", ""))
        return table.places.get((operation.id, place), ()) + found if error.cause == "invalid-value" else found

    def _binds_client(self, clause: str) -> bool:
        known = self._contract.clauses.get(clause)
        return known is not None and known.about is About.CLIENT

    def _error(
        self,
        context: RequestContext,
        operation: CompiledOperation | None,
        cause: str,
        body: object,
        headers: list[Header],
    ) -> Response:
        status = self._errors.status(cause)
        shape = operation.responses.get(status) if operation is not None else None
        form = shape.forms[0] if shape is not None and shape.forms else None
        content_type = _JSON_TYPE if form is None else (b"content-type", form.content_type)
        return self._finish(context, Response(status, [content_type, *headers], orjson.dumps(body)))

    def _finish(self, context: RequestContext, response: Response) -> Response:
        headers = response.headers
        if response.status not in _BODILESS:
            headers.append((b"content-length", b"%d" % len(response.body)))
        headers.append((b"date", self._date_of(context.admitted.now)))
        fault, preference, hint = context.disturbance
        if fault is not None:
            headers.append((b"x-mock-fault", header_text(fault.rule)))
        if preference is not None:
            headers.append((b"preference-applied", preference))
        if hint is not None:
            headers.append((b"x-mock-hint", hint))
        query = context.arrival.scope.get("query_string")
        if query and context.operation is not None and (ignored := self._hints.of_query(context.operation, query)):
            headers.append((b"x-mock-hint", header_text(ignored)))
        return response

    def _date_of(self, now: int) -> bytes:
        """The header Date by the sandbox's clock: one clock moves everything."""
        second = now // _SECOND
        if self._date[0] != second:
            self._date = (second, formatdate(second, usegmt=True).encode())
        return self._date[1]

    def _check(
        self, operation: CompiledOperation, status: int, body: Any, headers: list[Header], form: ResponseForm | None
    ) -> None:
        shape = operation.responses.get(status)
        if shape is None:
            raise ResponseError(f"{operation.id}: the status {status} is not documented")
        form = form or next((each for each in shape.forms if is_json(each.media_type)), None)
        if form is not None:
            encoded = form.encode(body)
            plain = orjson.loads(encoded) if is_json(form.media_type) else encoded.decode()
            # Compiled when first asked for: few servers check what they send.
            if not self._schemas.compile(form.schema).is_valid(plain):
                mistake = self._schemas.find_mistake(form.schema, plain)
                raise ResponseError(f"{operation.id} {status}: {mistake.text()}: {mistake.problem}")
        names = {name for name, _ in headers}
        for name in shape.required_headers:
            if name not in names:
                raise ResponseError(f"{operation.id} {status}: the header {name.decode()} is missing")


def _with_operation(values: Mapping[str, object], operation: CompiledOperation | None) -> Mapping[str, object]:
    """The values of an error, with the operation that it came up in."""
    return {"operation": "" if operation is None else operation.id, **values}


def header_text(text: str) -> bytes:
    """A text as a header value: one line of ASCII, everything else escaped."""
    return text.encode("unicode_escape")


def _hints_of_error(context: RequestContext, cause: str, direction: str) -> Iterator[bytes]:
    if cause == RATE_CAUSE and context.admitted.sandbox.clock.kind is ClockKind.FROZEN:
        yield HINT.encode()
    if b"prefer" in context.arrival.headers and context.disturbance == (None, None, None):
        yield _UNREAD
    if direction:
        yield header_text(direction)


def _append(body: Any, text: str | None, addition: str) -> Any:
    """The body with an addition to each text in it that is `text`."""
    if isinstance(body, dict):
        return {name: _append(value, text, addition) for name, value in body.items()}
    return f"{body}: {addition}" if text is not None and body == text else body
