"""The dialects that change an answer or a spelling on the wire: dialect and value to what it does, in one table each.

The canonical value of every dialect is no entry: it costs nothing. Dialects that change a meaning belong to the
resources and are named in ELSEWHERE; a test shows that every documented value has exactly one owner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from twosignal_contract import Contract, ErrorTemplate

from twosignal_mock.engine.http._timestamps import timestamp_rewriter
from twosignal_mock.engine.sandbox import RateVerdict
from twosignal_mock.engine.validation import CompiledOperation, Failure, Schemas, Spelling

Body = Callable[[Any], Any]
Header = tuple[bytes, bytes]

ELSEWHERE: Mapping[str, str] = {
    "identifiers": "resources",
    "rule-priority": "resources",
    "api-key-prefix": "store",
}
"""Dialects that the wire leaves alone, and the package that obeys them."""

SPELLINGS: Mapping[str, Spelling] = {
    "both": Spelling.BOTH,
    "camel-case": Spelling.CANONICAL,
    "snake-case": Spelling.ALIASES,
}
"""span-spelling"""

ENVELOPES: Mapping[str, Body] = {
    "error": lambda body: body,
    "data-null": lambda body: {"data": None, **body},
}
"""error-envelope: the body of a refusal"""

TIMESTAMPS: Mapping[str, Callable[[str], str]] = {
    "milliseconds": lambda text: text,
    "seconds": lambda text: f"{text[:19]}Z",
    "offset": lambda text: f"{text.removesuffix('Z')}+00:00",
}
"""timestamps-out: from 2026-03-14T10:00:00.000Z"""

RESETS: Mapping[str, Callable[[int, int], int]] = {
    "seconds": lambda reset, _now: reset,
    "epoch-seconds": lambda reset, now: -(-now // 1_000_000) + reset,
    "epoch-milliseconds": lambda reset, now: -(-now // 1_000) + 1_000 * reset,
}
"""rate-limit-reset: from seconds that are left and the present in microseconds since 1970"""

REFUSED_HEADERS: Mapping[str, bool] = {"all": True, "retry-after": False}
"""rate-limit-headers: whether a 429 tells the limit beside the wait"""

BODIES: Mapping[str, tuple[str, Mapping[str, Body]]] = {
    "route-model-envelope": ("routeModel", {"bare": lambda body: body, "data": lambda body: {"data": body}}),
}
"""The operation, and the body of its success answer"""

STATUSES: Mapping[str, str] = {"otlp-status": "ingestOtlpTraces", "template-status": "pushPromptTemplate"}
"""The operation whose success status is the dialect value's"""

CAUSE_CODES: Mapping[str, str] = {"rate-limit-code": "rate-limit"}
"""The cause whose code is the dialect value's name"""

CAUSE_STATUSES: Mapping[str, str] = {"batch-overflow-status": "too-many-events"}
"""The cause whose status is the dialect value's, with the code that the catalogue gives that status"""


class Dialects:
    """How this server speaks."""

    def __init__(self, contract: Contract, chosen: Mapping[str, str]) -> None:
        self._contract = contract
        self._chosen = chosen
        self._reset: Callable[[int, int], int] = self._choice("rate-limit-reset", RESETS)
        self._envelope: Body | None = self._deviation("error-envelope", ENVELOPES)
        names = contract.rate_limit.headers
        self._retry_after, self._limit, self._remaining, self._reset_name = (
            name.lower().encode() for name in (names.retry_after, names.limit, names.remaining, names.reset)
        )
        self._tells_all: bool = self._choice("rate-limit-headers", REFUSED_HEADERS)
        self._statuses = {
            STATUSES[name]: value.status for name, value in self._deviating(STATUSES) if value.status is not None
        }
        self._errors = {row.cause: row for row in self._deviating_errors()}

    @property
    def spelling(self) -> Spelling:
        """Which spellings of aliased fields are known."""
        spelling: Spelling = self._choice("span-spelling", SPELLINGS)
        return spelling

    def status(self, operation: CompiledOperation) -> int:
        """The status of a success."""
        status: int = self._statuses.get(operation.id, operation.success)
        return status

    def body(self, operation: CompiledOperation, schemas: Schemas) -> Body | None:
        """What is done to the body of a success; None for nothing."""
        steps: list[Body] = [
            table[self._chosen[name]]
            for name, (owner, table) in BODIES.items()
            if owner == operation.id and self._deviates(name)
        ]
        rewrite = self._deviation("timestamps-out", TIMESTAMPS)
        schema = operation.answers[operation.success].schema
        if rewrite is not None and schema is not None:
            rewriter = timestamp_rewriter(schemas, schema, rewrite)
            steps = [rewriter, *steps] if rewriter is not None else steps
        return _chain(steps) if steps else None

    def failure(self, failure: Failure) -> Failure:
        """A refusal as this server puts it."""
        row = self._errors.get(failure.cause)
        return failure if row is None else replace(failure, row=row)

    def envelope(self, failure: Failure) -> object:
        """The body of a refusal."""
        body = failure.body
        return body if self._envelope is None else self._envelope(body)

    def rate_headers(self, verdict: RateVerdict, now: int) -> list[Header]:
        """What every answer to a counted request tells of its limit; `now` in microseconds since 1970."""
        if not verdict.allowed and not self._tells_all:
            return []
        return [
            (self._limit, b"%d" % verdict.limit),
            (self._remaining, b"%d" % verdict.remaining),
            (self._reset_name, b"%d" % self._reset(verdict.reset, now)),
        ]

    def retry_after(self, value: str | int) -> Header:
        """The header that says how long to wait."""
        return self._retry_after, str(value).encode()

    def _deviating_errors(self) -> Iterator[ErrorTemplate]:
        """The rows of the catalogue that this server changes."""
        errors = self._contract.errors
        for name, value in self._deviating(CAUSE_CODES):
            yield errors[CAUSE_CODES[name]].having(code=value.name)
        for name, value in self._deviating(CAUSE_STATUSES):
            codes = (row.code for row in errors.values() if row.status == value.status)
            yield errors[CAUSE_STATUSES[name]].having(status=value.status, code=next(codes, None))

    def _deviates(self, name: str) -> bool:
        return name in self._chosen and self._chosen[name] != self._contract.dialects[name].canonical

    def _choice(self, name: str, table: Mapping[str, Any]) -> Any:
        """What a table has for the chosen value; its first entry when the contract leaves no choice."""
        return table[self._chosen[name]] if name in self._chosen else next(iter(table.values()))

    def _deviation(self, name: str, table: Mapping[str, Any]) -> Any:
        return table[self._chosen[name]] if self._deviates(name) else None

    def _deviating(self, names: Mapping[str, str]) -> list[tuple[str, Any]]:
        return [
            (name, self._contract.dialects[name].values[self._chosen[name]]) for name in names if self._deviates(name)
        ]


def canonical(contract: Contract) -> dict[str, str]:
    """The canonical value of every dialect."""
    return {name: dialect.canonical for name, dialect in contract.dialects.items()}


def _chain(steps: list[Body]) -> Body:
    def apply(body: Any) -> Any:
        for step in steps:
            body = step(body)
        return body

    return apply
