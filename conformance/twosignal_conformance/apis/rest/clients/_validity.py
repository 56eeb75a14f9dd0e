"""What is wrong with a request for its operation: body and query, by the schemas of the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from twosignal_contract import Operation

from twosignal_conformance.apis.rest.clients._recording import NATIVE, canonical, event_types
from twosignal_conformance.clients import Attempt, Case

Json = Any

MOST = 5
"""Problems of one request that are looked for."""
_LONGEST = 300
"""Characters of one problem."""


def flaws(attempt: Attempt, case: Case) -> list[str]:
    """What is wrong with a request, each as "place: problem"; empty when it is valid.

    A body of which the journal keeps only the beginning is not looked into.
    """
    operation = case.contract.operation(str(attempt.operation))
    found = islice(_all(attempt, operation, case), MOST)
    return [text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..." for text in found]


def _all(attempt: Attempt, operation: Operation, case: Case) -> Iterator[str]:
    yield from _query(attempt, operation, case)
    if operation.media_type is None:
        return
    if not attempt.size:
        yield "body: there is none"
    elif attempt.text:
        yield "body: it is not JSON"
    elif attempt.whole:
        yield from _body(attempt.body, operation, case)


def _body(body: Json, operation: Operation, case: Case) -> Iterator[str]:
    batch = body.get("batch") if isinstance(body, dict) else None
    if operation.id == NATIVE and isinstance(batch, list) and batch:
        # Each event by the schema of its type, because "fits none of two schemas" would not help.
        for number, event in enumerate(batch):
            yield from (f"batch[{number}].{text}" for text in _event(event, case))
        return
    media = operation.request_body.media_type if operation.request_body else None
    if media is not None and media.schema_pointer is not None:
        yield from case.schemas.problems(media.schema_pointer, body)


def _event(event: Json, case: Case) -> Iterator[str]:
    types = event_types(case.contract)
    kind = str(event.get("type")) if isinstance(event, dict) else ""
    if kind not in types:
        yield f"type: {kind!r} is none of {', '.join(types)}"
        return
    inner = event.get("body")
    plain = event | {"body": canonical(inner, kind, case.contract)} if isinstance(inner, dict) else event
    yield from case.schemas.problems(types[kind].removeprefix("#"), plain)


def _query(attempt: Attempt, operation: Operation, case: Case) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.where != "query" or parameter.schema_pointer is None:
            continue
        for value in (value for name, value in attempt.parameters if name == parameter.name):
            for text in case.schemas.problems(parameter.schema_pointer, _typed(value, parameter.schema)):
                yield f"query {parameter.name}={value!r}: {text.partition(': ')[2]}"


def _typed(value: str, schema: Mapping[str, Json]) -> Json:
    """A parameter's text as the value that it stands for; a text that stands for none stays one, and is refused."""
    if schema.get("type") == "integer" and value.lstrip("-").isdigit():
        return int(value)
    return value.split(",") if schema.get("type") == "array" else value
