"""The evaluator that judges JSON by a schema. Only the documented keywords count, so a `$ref` can reach nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs
import orjson

from twosignal_mock.apis.rest.evaluators._values import Config, EvaluatorError, Subject, Verdict

_PLACE = ".config.schema"
_MOST_DEPTH = 64
"""Schemas inside schemas; a hundred levels of JSON, far more than any prompt asks for."""
_MOST_LETTERS = 300
"""Of a reason: names in a schema may be long."""
_STEPS_OF_A_LETTER = 5
"""What it costs to hand the value to the library, and to get it back with an error."""


def json_schema(subject: Subject, config: Config) -> Verdict:
    """Whether the output is JSON that the schema allows."""
    try:
        value = subject.remember("json", lambda: orjson.loads(subject.text))
    except orjson.JSONDecodeError as error:
        _compile(_keep_documented(config["schema"], 1)[0])  # a schema that is none is told whatever the output
        return Verdict(0.0, False, f"the output is not JSON: {error.msg}")
    violation = find_violation(subject, config["schema"], value, _PLACE)
    return Verdict(1.0, True) if violation is None else Verdict(0.0, False, f"output{violation}")


def find_violation(subject: Subject, schema: Any, value: Any, place: str) -> str | None:
    """Where a value that stands in the output breaks a user's schema, and how; None when it does not.

    Raises EvaluatorError with the schema's place when it is none.
    """
    kept, size = _keep_documented(schema, 1, place)
    validator = _compile(kept, place)
    subject.spend(size * (1 + sum(map(subject.text.count, ",[{"))) + _STEPS_OF_A_LETTER * len(subject.text))
    # Not iter_errors: it makes all errors at once, each with the value that it refuses, 1.4 GB for an array of 200,000.
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as error:
        where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.instance_path)
        return _shorten(f"{where}: {error.message}")
    return None


_KEPT = ("type", "required", "minLength", "maxLength", "minimum", "maximum", "enum")


def _keep_documented(schema: Any, depth: int, place: str = _PLACE) -> tuple[Any, int]:
    """The schema with nothing but the documented keywords, and how many things in it there are to look at."""
    if depth > _MOST_DEPTH:
        raise EvaluatorError(place, f"is nested more than {_MOST_DEPTH} schemas deep")
    if not isinstance(schema, dict):
        return schema, 1
    kept = {name: schema[name] for name in _KEPT if name in schema}
    size = 1 + sum(len(value) if isinstance(value, list) else 1 for value in kept.values())
    for name, keep in _SUBSCHEMAS.items():
        if name in schema:
            kept[name], inner = keep(schema[name], depth + 1, place)
            size += inner
    return kept, size


def _keep_members(members: Any, depth: int, place: str) -> tuple[Any, int]:
    if not isinstance(members, dict):
        return members, 1
    kept = {name: _keep_documented(schema, depth, place) for name, schema in members.items()}
    return {name: schema for name, (schema, _) in kept.items()}, sum(size for _, size in kept.values())


_SUBSCHEMAS: Mapping[str, Callable[[Any, int, str], tuple[Any, int]]] = {
    "properties": _keep_members,
    "items": _keep_documented,
}
"""By keyword: how the schemas in it are cut down."""


def _compile(schema: Any, place: str = _PLACE) -> jsonschema_rs.Draft202012Validator:
    try:
        return jsonschema_rs.Draft202012Validator(schema, mask="the value")
    except jsonschema_rs.ValidationError as error:
        raise EvaluatorError(place, _shorten(f"is not a JSON Schema: {error.message}")) from error


def _shorten(message: str) -> str:
    return message if len(message) <= _MOST_LETTERS else f"{message[:_MOST_LETTERS]}..."
