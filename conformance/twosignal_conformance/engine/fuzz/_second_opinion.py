"""openapi-core beside the compiled schemas, to see that two engines judge alike by the same document.

They disagree only when one of them, our use of it or the document is wrong. Imports openapi-core, so only when it is
installed. Its exception texts hold whole bodies, so only `details` is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.validation.request.exceptions import RequestBodyValidationError
from openapi_core.validation.response.exceptions import DataValidationError
from twosignal_contract import Contract, Operation
from werkzeug.datastructures import Headers, ImmutableMultiDict

from twosignal_conformance.engine.api_client import MISSING, Exchange, Schemas

_HOST = "http://server"
"""A server of the document as it is given to openapi-core, which knows a path only below one."""

_FORMAT = "is not a '"
"""In messages on formats (a 30th of February): the compiled schemas leave them to patterns and to clauses."""

_ANY = "any"
"""The value of the cookie of a session: openapi-core asks no more than whether the documented one is there."""

_SHOWN = 120
"""Characters of a message."""


class Engine:
    """openapi-core, ready to be asked."""

    def __init__(self, contract: Contract) -> None:
        # Valid by the tests of the document; to find that out again would take longer than all questions.
        config = Config(spec_validator_cls=None)
        self._openapi = OpenAPI.from_dict({**contract.document, "servers": [{"url": _HOST}]}, config=config)
        schemes = contract.security_schemes.values()
        self._cookies = {row.parameter: _ANY for row in schemes if row.where == "cookie" and row.parameter}

    def request_flaws(self, exchange: Exchange, body: bytes) -> list[str]:
        """What is wrong with the body of a request."""
        errors = self._openapi.iter_request_errors(_Request(exchange, body, self._cookies))
        return list(_told(errors, RequestBodyValidationError))

    def response_flaws(self, exchange: Exchange) -> list[str]:
        """What is wrong with the body of a response."""
        request = _Request(exchange, exchange.request_body, self._cookies)
        errors = self._openapi.iter_response_errors(request, _Response(exchange))
        return list(_told(errors, DataValidationError))


def disagreements(contract: Contract, exchanges: Iterable[Exchange], engine: Engine) -> Iterator[str]:
    """A line for each body that one engine finds valid and the other does not."""
    schemas = Schemas(contract)
    for exchange in exchanges:
        if exchange.operation_id is None or exchange.status is None or exchange.json is MISSING:
            continue
        operation = contract.operation(exchange.operation_id)
        where = f"{operation.id} {exchange.status}"
        if str(exchange.status) in operation.responses:
            ours = schemas.response_flaws(operation.id, exchange.status, exchange.json)
            yield from _compare(f"response of {where}", ours, engine.response_flaws(exchange))
        pointer = _request_schema(operation)
        if exchange.ok and pointer is not None and (value := _value(exchange.request_body)) is not MISSING:
            value = _canonical(value, dict(_aliases(contract, contract.at(pointer), set())))
            body = json.dumps(value).encode()
            ours = schemas.flaws_at(pointer, value)
            yield from _compare(f"request of {where}", ours, engine.request_flaws(exchange, body))


def _compare(where: str, ours: list[str], theirs: list[str]) -> Iterator[str]:
    if bool(ours) != bool(theirs):
        told = "; ".join((ours or theirs)[:2])
        yield f"{where}: {'jsonschema-rs' if ours else 'openapi-core'} alone finds {told[: 2 * _SHOWN]}"


def _told(errors: Iterable[Exception], kind: type[Exception]) -> Iterator[str]:
    for error in errors:
        if not isinstance(error, kind):
            continue
        details: Mapping[str, Any] = error.details  # type: ignore[attr-defined]
        rows = details["schema_errors"]
        if not rows:
            yield str(details["error_type"])
        for row in rows:
            if _FORMAT not in row["message"]:
                yield f"{'.'.join(map(str, row['path'])) or 'body'}: {row['message'][:_SHOWN]}"


def _request_schema(operation: Operation) -> str | None:
    """Where the schema of a request body stands."""
    body = operation.request_body
    return next(iter(body.content.values())).schema_pointer if body is not None else None


def _value(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return MISSING


def _aliases(contract: Contract, node: Any, met: set[str]) -> Iterator[tuple[str, str]]:
    """Every alias of a schema with the spelling that the schema knows; `met` are the references that were followed."""
    if isinstance(node, Mapping):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference not in met:
            met.add(reference)
            yield from _aliases(contract, contract.at(reference.removeprefix("#")), met)
        properties = node.get("properties")
        if isinstance(properties, Mapping):
            for name, row in properties.items():
                yield from ((alias, name) for alias in row.get("x-aliases", ()))
        for inner in node.values():
            yield from _aliases(contract, inner, met)
    elif isinstance(node, list | tuple):
        for inner in node:
            yield from _aliases(contract, inner, met)


def _canonical(value: Any, aliases: Mapping[str, str]) -> Any:
    """The value in canonical spelling; schemas know no other."""
    if isinstance(value, dict):
        return {aliases.get(name, name): _canonical(inner, aliases) for name, inner in value.items()}
    if isinstance(value, list):
        return [_canonical(inner, aliases) for inner in value]
    return value


class _Request:
    """A request in the form that openapi-core needs."""

    def __init__(self, exchange: Exchange, body: bytes, cookies: Mapping[str, str]) -> None:
        self.host_url = _HOST
        self.path, _, query = exchange.path.partition("?")
        self.method = exchange.method.lower()
        headers = Headers(list(exchange.request_headers))
        self.content_type = headers.get("Content-Type", "")
        self.body = body or None
        values = ImmutableMultiDict(parse_qsl(query, keep_blank_values=True))
        self.parameters = RequestParameters(query=values, header=headers, cookie=ImmutableMultiDict(cookies))


class _Response:
    """A response in the form that openapi-core needs."""

    def __init__(self, exchange: Exchange) -> None:
        self.data = exchange.body
        self.status_code = exchange.status or 0
        self.content_type = exchange.header("content-type") or ""
        self.headers: Mapping[str, Any] = dict(exchange.headers)
