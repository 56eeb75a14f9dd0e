"""Two opinions, of people who never saw the mock, on whether an answer is one that the document describes.

jsonschema-rs judges bodies by compiled schemas; openapi-core judges statuses, headers, media types and bodies. Both
read the document for themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jsonschema_rs
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from twosignal_contract import Contract, Operation
from werkzeug.datastructures import Headers, ImmutableMultiDict


class _Asked:
    """A request of httpx as openapi-core wants to see it."""

    def __init__(self, request: httpx.Request) -> None:
        url = request.url
        self.host_url = f"{url.scheme}://{url.netloc.decode()}"
        self.path = url.path
        self.method = request.method.lower()
        self.content_type = request.headers.get("content-type", "")
        self.body = request.content or None
        query = ImmutableMultiDict(parse_qsl(url.query.decode(), keep_blank_values=True))
        self.parameters = RequestParameters(query=query, header=Headers(request.headers.multi_items()))


class _Answered:
    """An answer of httpx as openapi-core wants to see it."""

    def __init__(self, answer: httpx.Response) -> None:
        self.data = answer.content
        self.status_code = answer.status_code
        self.content_type = answer.headers.get("content-type", "")
        self.headers: Mapping[str, Any] = dict(answer.headers)


class Opinions:
    """Both opinions, ready to be asked of any answer of the server at `url`."""

    def __init__(self, contract: Contract, url: str) -> None:
        self._contract = contract
        self._operations = {(each.path, each.method): each for each in contract.operations.values()}
        # openapi-core knows a path only below a server of the document.
        document = {**contract.document, "servers": [{"url": url}]}
        self._second = OpenAPI.from_dict(document, config=Config(spec_validator_cls=None))
        self._validators: dict[tuple[str, int], jsonschema_rs.Draft202012Validator] = {}

    def check(self, answer: httpx.Response) -> None:
        """Fail when the document does not describe this answer."""
        request = answer.request
        operation = self._operations[request.url.path, request.method]
        body = answer.json()
        mistakes = [
            str(mistake.message) for mistake in self._validator(operation, answer.status_code).iter_errors(body)
        ]
        assert mistakes == [], f"{operation.id} {answer.status_code}: {body}"
        mistakes = [
            repr(getattr(mistake, "details", mistake))
            for mistake in self._second.iter_response_errors(_Asked(request), _Answered(answer))
        ]
        assert mistakes == [], f"{operation.id} {answer.status_code}: {body}"

    def _validator(self, operation: Operation, status: int) -> jsonschema_rs.Draft202012Validator:
        key = operation.id, status
        if key not in self._validators:
            assert str(status) in operation.responses, f"{operation.id}: the status {status} is not documented"
            schema = operation.responses[str(status)].content["application/json"].schema
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                {**schema, "components": self._contract.document["components"]}, validate_formats=True
            )
        return self._validators[key]
