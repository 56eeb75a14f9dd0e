"""Whether a request is what its operation takes: body and query, by validators compiled from the contract."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind
from twosignal_contract import Contract, Operation

from twosignal_conformance.clients._attempt import Attempt
from twosignal_conformance.clients._spelling import canonical

Json = Any

MOST = 5
"""Problems of one request that are looked for."""
_LONGEST = 300
"""Characters of one problem."""


def flaws(attempt: Attempt, operation: Operation, law: Contract) -> list[str]:
    """What is wrong with a request for its operation, each as "place: problem"; empty when it is valid.

    A body of which the journal keeps only the beginning is not looked into.
    """
    found: list[str] = []
    for text in _all(attempt, operation, law):
        found.append(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}...")
        if len(found) == MOST:
            break
    return found


def _all(attempt: Attempt, operation: Operation, law: Contract) -> Iterator[str]:
    yield from _query(attempt, operation, law)
    if operation.media_type is None:
        return
    if not attempt.size:
        yield "body: there is none"
    elif attempt.text:
        yield "body: it is not JSON"
    elif attempt.whole:
        yield from _body(attempt.body, operation, law)


def _body(body: Json, operation: Operation, law: Contract) -> Iterator[str]:
    batch = body.get("batch") if isinstance(body, dict) else None
    if operation.id == "ingestTraces" and isinstance(batch, list) and batch:
        # Each event by the schema of its type: "fits none of two schemas" helps nobody.
        mapping = law.schema("Event")["discriminator"]["mapping"]
        for number, event in enumerate(batch):
            kind = str(event.get("type")) if isinstance(event, dict) else ""
            if kind not in mapping:
                yield f"batch[{number}].type: {kind!r} is none of {', '.join(mapping)}"
                continue
            inner = event.get("body")
            plain = event | {"body": canonical(inner, kind, law)} if isinstance(inner, dict) else event
            yield from (f"batch[{number}].{text}" for text in _problems(mapping[kind], plain, law))
        return
    if operation.request_body is not None and operation.request_body.media_type.schema_pointer is not None:
        yield from _problems(f"#{quote(operation.request_body.media_type.schema_pointer)}", body, law)


def _query(attempt: Attempt, operation: Operation, law: Contract) -> Iterator[str]:
    for parameter in operation.parameters:
        if parameter.where != "query" or parameter.schema_pointer is None:
            continue
        for value in (value for name, value in attempt.parameters if name == parameter.name):
            for text in _problems(f"#{quote(parameter.schema_pointer)}", _typed(value, parameter.schema), law):
                yield f"query {parameter.name}={value!r}: {text.partition(': ')[2]}"


def _typed(value: str, schema: Mapping[str, Json]) -> Json:
    """A parameter's text as the value that it stands for; a text that stands for none stays one, and is refused."""
    if schema.get("type") == "integer" and value.lstrip("-").isdigit():
        return int(value)
    return value.split(",") if schema.get("type") == "array" else value


def _problems(reference: str, value: Json, law: Contract) -> Iterator[str]:
    for error in _validator(reference, law).iter_errors(value):
        for inner in _meant(error):
            place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in inner.instance_path)
            yield f"{place.lstrip('.') or 'body'}: {inner.message}"


def _meant(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """The error, or of a value that fits none of several schemas what keeps it from the one that comes nearest."""
    match error.kind:
        case Kind.OneOfNotValid(branches) | Kind.AnyOf(branches):
            near = min(branches, key=lambda branch: _distance(branch, len(error.instance_path)))
            for inner in near:
                yield from _meant(inner)
        case _:
            yield error


def _distance(branch: Sequence[jsonschema_rs.ValidationError], depth: int) -> tuple[bool, int]:
    """How far a value is from a schema: whether it is of another type or kind altogether, else what is wrong in it."""
    other = any(_is_constant(error) or (_is_type(error) and len(error.instance_path) == depth) for error in branch)
    return other, len(branch)


def _is_type(error: jsonschema_rs.ValidationError) -> bool:
    return isinstance(error.kind, Kind.Type)


def _is_constant(error: jsonschema_rs.ValidationError) -> bool:
    """Whether a branch speaks of another kind of thing, as its constant shows."""
    return isinstance(error.kind, Kind.Constant)


_COMPILED: dict[tuple[str, str], jsonschema_rs.Draft202012Validator] = {}
"""Digest of the contract and pointer of a schema to its validator."""


def _validator(reference: str, law: Contract) -> jsonschema_rs.Draft202012Validator:
    key = law.sha256, reference
    if key not in _COMPILED:
        document = {"paths": law.document["paths"], "components": law.document["components"]}
        _COMPILED[key] = jsonschema_rs.Draft202012Validator({"$ref": reference, **document})
    return _COMPILED[key]
