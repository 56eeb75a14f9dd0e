"""One operation of the contract, compiled: everything about it that a request needs looked up or judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from jsonschema_rs import Draft202012Validator
from twosignal_contract import Contract, Operation, PayloadLimit, Response

from twosignal_mock.engine.api import Refusal
from twosignal_mock.engine.validation._aliases import Normaliser, Spelling
from twosignal_mock.engine.validation._json import decode_json
from twosignal_mock.engine.validation._parameters import Parameters
from twosignal_mock.engine.validation._schemas import Schema, Schemas

JSON = "application/json"


class Security(StrEnum):
    """Who may call an operation."""

    NONE = "none"
    API_KEY = "api-key"
    ACCESS_TOKEN = "access-token"  # noqa: S105 - the name of a kind, not a token


@dataclass(frozen=True, slots=True)
class Body:
    """What the request body of an operation must be."""

    media_types: tuple[str, ...]
    required: bool
    schema: Schema
    validator: Draft202012Validator
    normaliser: Normaliser
    limit: PayloadLimit | None
    schemas: Schemas

    def decode(self, raw: bytes) -> tuple[Any, bool]:
        """The checked body, and whether it used another spelling than the contract's; raises Refusal."""
        value = decode_json(raw)
        return value, self.check(value, raw)

    def check(self, value: Any, raw: bytes) -> bool:
        """Normalises and checks a decoded body in place; whether it used another spelling; raises Refusal."""
        respelled = self.normaliser.normalise(value, raw)
        if self.limit is not None and self.limit.events is not None:
            self._count_events(value, self.limit.events, self.limit.events_at)
        if not self.validator.is_valid(value):
            mistake = self.schemas.find_mistake(self.schema, value)
            raise Refusal("invalid-value", place=mistake.text(), problem=mistake.problem)
        return respelled

    def _count_events(self, value: Any, most: int, name: str | None) -> None:
        events = value.get(name) if isinstance(value, dict) else None
        if isinstance(events, list) and len(events) > most:
            raise Refusal("too-many-events", count=len(events), limit=most)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the contract says of the answers with one status."""

    validator: Draft202012Validator | None
    schema: Schema | None
    required_headers: tuple[bytes, ...]
    """Lower case."""
    example: object
    """The first example of the document; None when there is none."""


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """One operation, ready to be asked."""

    id: str
    method: str
    """Upper case."""
    path: str
    security: Security
    rate_limited: bool
    success: int
    """The sole 2xx status."""
    parameters: Parameters
    body: Body | None
    answers: Mapping[int, Answer]
    """By status; what is not here is not documented."""


def compile_operations(contract: Contract, *, spelling: Spelling = Spelling.BOTH) -> Iterator[CompiledOperation]:
    """Every operation of a contract."""
    schemas = Schemas(contract.document)
    for row in contract.operations.values():
        yield CompiledOperation(
            id=row.id,
            method=row.method,
            path=row.path,
            security=_security(row),
            rate_limited=row.rate_limited,
            success=row.success,
            parameters=Parameters(schemas, [parameter.value for parameter in row.parameters]),
            body=_body(schemas, row, spelling),
            answers={int(status): _answer(schemas, response) for status, response in row.responses.items()},
        )


def _security(row: Operation) -> Security:
    schemes = [scheme for alternative in row.security for scheme in alternative]
    if not schemes:
        return Security.NONE
    # A bearer token with a documented format is one that this API signs itself; without, it is a key issued elsewhere.
    signed = any(scheme.bearer_format is not None for scheme in schemes)
    return Security.ACCESS_TOKEN if signed else Security.API_KEY


def _body(schemas: Schemas, row: Operation, spelling: Spelling) -> Body | None:
    body = row.request_body
    if body is None:
        return None
    schema = body.content[JSON].schema
    return Body(
        media_types=tuple(body.content),
        required=body.required,
        schema=schema,
        validator=schemas.compile(schema),
        normaliser=Normaliser(schemas, schema, spelling),
        limit=row.payload_limit,
        schemas=schemas,
    )


def _answer(schemas: Schemas, response: Response) -> Answer:
    content = response.content.get(JSON)
    schema = content.schema if content else None
    return Answer(
        validator=schemas.compile(schema) if schema is not None else None,
        schema=schema,
        required_headers=tuple(name.lower().encode() for name, header in response.headers.items() if header.required),
        example=next(iter(content.examples.values()), None) if content else None,
    )
