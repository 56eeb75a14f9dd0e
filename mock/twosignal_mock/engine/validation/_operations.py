"""One operation of the contract, compiled: everything about it that a request needs looked up or validated.

What a contract states and this engine does not carry out is a problem that is reported at start.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from csv import writer
from dataclasses import dataclass
from io import StringIO
from typing import Any

import orjson
from jsonschema_rs import Draft202012Validator
from twosignal_contract import Contract, MediaType, Operation, PayloadLimit, Problem, RequestBody, Response

from twosignal_mock.engine.api import ApiError, Handler, Spelling
from twosignal_mock.engine.validation._aliases import Normaliser
from twosignal_mock.engine.validation._descriptions import quote
from twosignal_mock.engine.validation._numbers import find_changed
from twosignal_mock.engine.validation._parameters import IGNORED_HEADERS, Parameters, undecodable
from twosignal_mock.engine.validation._schemas import Schema, Schemas

JSON = "application/json"
_JSON_SUFFIX = "+json"


# --- media types -----------------------------------------------------------------------------------------------------
Encode = Callable[[Any], bytes]


def _encode_csv(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows of cells as RFC 4180 has them."""
    text = StringIO()
    writer(text).writerows(rows)
    return text.getvalue().encode()


_ENCODERS: Mapping[str, Encode] = {
    JSON: orjson.dumps,
    "text/csv": _encode_csv,
    "text/plain": lambda value: str(value).encode(),
}
_CHARSETS: Mapping[str, str] = {"text/csv": "text/csv; charset=utf-8", "text/plain": "text/plain; charset=utf-8"}


def is_json(media_type: str) -> bool:
    """Whether a body of this media type is JSON."""
    return media_type == JSON or media_type.endswith(_JSON_SUFFIX)


def encoder(media_type: str) -> Encode | None:
    """What makes bytes of a value; None for a media type that nobody can write."""
    return orjson.dumps if is_json(media_type) else _ENCODERS.get(media_type)


# --- compiled --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Body:
    """What the request body of an operation must be."""

    media_types: tuple[str, ...]
    required: bool
    schema: Schema
    validator: Draft202012Validator
    normaliser: Normaliser
    limit: PayloadLimit | None
    too_many: str
    """The cause of the error for an array with more items than `limit` allows."""
    schemas: Schemas
    rounds: bool
    """True when a number may become the nearest one of its type; else one that would is refused."""

    def check(self, value: Any, raw: bytes) -> bool:
        """Normalises and checks a decoded body in place; True when it used another spelling; raises ApiError."""
        respelled = self.normaliser.normalise(value, raw)
        if self.limit is not None and self.limit.events is not None:
            self._count_items(value, self.limit.events, self.limit.events_at)
        if not self.validator.is_valid(value):
            mistake = self.schemas.find_mistake(self.schema, value)
            raise ApiError("invalid-value", place=mistake.text(), problem=mistake.problem)
        if not self.rounds and (changed := find_changed(raw)) is not None:
            place, number = changed
            problem = f"is {quote(number)[1:-1]}, which 64 bits cannot hold; send it as a string, or with fewer digits"
            raise ApiError("invalid-value", place=place or "body", problem=problem)
        return respelled

    def _count_items(self, value: Any, most: int, name: str | None) -> None:
        items = value.get(name) if isinstance(value, dict) else None
        if isinstance(items, list) and len(items) > most:
            raise ApiError(self.too_many, count=len(items), limit=most)


@dataclass(frozen=True, slots=True)
class ResponseForm:
    """One media type of a response."""

    media_type: str
    content_type: bytes
    """The value of the header."""
    encode: Encode
    schema: Schema
    example: object
    """The first example of the document; None when there is none."""


@dataclass(frozen=True, slots=True)
class ResponseShape:
    """What the contract says of the responses with one status."""

    forms: tuple[ResponseForm, ...]
    """In the order of the document; none: the response has no body."""
    required_headers: tuple[bytes, ...]
    """Lower case."""

    def form(self, media_type: str | None, accept: bytes | None) -> ResponseForm | None:
        """The form of a media type, else the first that the header Accept names, else the first."""
        if len(self.forms) > 1:
            wanted = media_type.encode() if media_type is not None else accept or b""
            return next((form for form in self.forms if form.media_type.encode() in wanted), self.forms[0])
        return self.forms[0] if self.forms else None


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """One operation, ready to be asked."""

    id: str
    method: str
    """Upper case."""
    path: str
    rate_limited: bool
    success: int
    """The first 2xx status; a handler may choose another one of `responses`."""
    parameters: Parameters
    body: Body | None
    responses: Mapping[int, ResponseShape]
    """By status; what is not here is not documented."""


def compile_operation(
    schemas: Schemas,
    operation: Operation,
    *,
    spelling: Spelling = Spelling.BOTH,
    too_many: str = "",
    optional: frozenset[str] = frozenset(),
) -> CompiledOperation:
    """An operation in which `find_problems` finds none. `optional`: required fields of its body that are none here."""
    body = operation.request_body
    return CompiledOperation(
        id=operation.id,
        method=operation.method,
        path=operation.path,
        rate_limited=operation.rate_limited,
        success=operation.success,
        parameters=Parameters(schemas, operation.parameters, spelling),
        body=None if body is None else _body(schemas, operation, body, spelling, too_many, optional),
        responses={
            int(status): _response(response) for status, response in operation.responses.items() if status.isdecimal()
        },
    )


def _body(
    schemas: Schemas,
    operation: Operation,
    body: RequestBody,
    spelling: Spelling,
    too_many: str,
    optional: frozenset[str],
) -> Body:
    schema = body.content[JSON].schema
    if optional:
        whole = schemas.follow(schema)
        schema = {**whole, "required": [name for name in whole.get("required", ()) if name not in optional]}
    return Body(
        media_types=tuple(body.content),
        required=body.required,
        schema=schema,
        validator=schemas.compile(schema),
        normaliser=Normaliser(schemas, schema, spelling),
        limit=operation.payload_limit,
        too_many=too_many,
        schemas=schemas,
        rounds=schemas.follow(schema).get("x-proto-json", False),
    )


def _response(response: Response) -> ResponseShape:
    required = (name for name, header in response.headers.items() if header.required)
    return ResponseShape(
        forms=tuple(form for each in response.content.values() if (form := _form(each)) is not None),
        required_headers=tuple(name.lower().encode() for name in required),
    )


def _form(media_type: MediaType) -> ResponseForm | None:
    encode = encoder(media_type.name)
    return encode and ResponseForm(
        media_type=media_type.name,
        content_type=_CHARSETS.get(media_type.name, media_type.name).encode(),
        encode=encode,
        schema=media_type.schema,
        example=next(iter(media_type.examples.values()), None),
    )


# --- what cannot be carried out --------------------------------------------------------------------------------------
def find_problems(contract: Contract, operation: Operation, handler: Handler | None) -> Iterator[Problem]:
    """What an operation states and nobody carries out."""
    if handler is None:
        found = f"operation {operation.id}, which no handler carries out"
        yield contract.problem(operation.pointer, found, "one that this server has a handler for", "take it out")
        return
    yield from _parameter_problems(contract, operation, handler)
    if operation.request_body is not None:
        for media_type in operation.request_body.content.values():
            if media_type.name != JSON:
                found = f"request media type {media_type.name}, which nobody can read"
                yield contract.problem(media_type.pointer, found, JSON, "take it out")
    for response in operation.responses.values():
        for media_type in response.content.values():
            success = response.status.startswith("2")
            if encoder(media_type.name) is None or not (success or is_json(media_type.name)):
                found = f"response media type {media_type.name}, which has no encoder here"
                known = ", ".join(_ENCODERS) if success else JSON
                yield contract.problem(media_type.pointer, found, f"one of {known}", "take it out, or add an encoder")


def _parameter_problems(contract: Contract, operation: Operation, handler: Handler) -> Iterator[Problem]:
    seen = set[str]()
    for parameter in operation.parameters:
        if parameter.where == "header" and parameter.name.lower() in IGNORED_HEADERS:
            continue
        name = f"{parameter.where} parameter {parameter.name}"
        if parameter.name not in handler.parameters:
            known = ", ".join(handler.parameters) or "none"
            remedy = f"take it out, or read it in {_module(handler)} and name it in the handler's parameters"
            found = f"{name}, which the handler of {operation.id} does not read"
            yield contract.problem(parameter.pointer, found, f"one of those that it reads ({known})", remedy)
        if (reason := undecodable(parameter)) is not None:
            found = f"{name} with {reason}"
            yield contract.problem(parameter.pointer, found, "the default style, or JSON as content", "change it")
        if parameter.name in seen:
            found = f"a second parameter {parameter.name}"
            yield contract.problem(parameter.pointer, found, "one of a name", "rename it")
        seen.add(parameter.name)


def _module(handler: Handler) -> str:
    """Where a handler stands: a function, or an object that is called."""
    handle = handler.handle
    return str(getattr(handle, "__module__", None) or type(handle).__module__)
