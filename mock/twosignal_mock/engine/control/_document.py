"""The control API's own OpenAPI document, compiled: which paths there are, and what parameters and bodies they take."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

import jsonschema_rs
import yaml

DEFAULT_BODY_LIMIT = 1024 * 1024
"""Bytes; an operation with `x-body-limit` has its own."""

_METHODS = ("get", "put", "post", "delete")


def _read_integer(text: str) -> int:
    """A whole number in ASCII digits; ValueError for any other text that int() would take."""
    if not text.removeprefix("-").isdecimal() or not text.isascii():
        raise ValueError(text)
    return int(text)


_CONVERTERS: Mapping[str, Callable[[str], int | str]] = {"integer": _read_integer, "string": str}


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """A parameter after the question mark."""

    name: str
    convert: Callable[[str], int | str]
    validator: jsonschema_rs.Validator
    default: Any


@dataclass(frozen=True, slots=True)
class ControlOperation:
    """What the document says of one operation."""

    id: str
    path: str
    method: str
    """Upper case."""
    status: int
    """Of the sole success response."""
    body: jsonschema_rs.Validator | None
    body_required: bool
    body_limit: int
    """Bytes."""
    query: tuple[QueryParameter, ...]


class Document:
    """The document with the pieces of the APIs, and its operations in its order."""

    def __init__(self, pieces: Iterable[Traversable] = ()) -> None:
        """`pieces`: documents with further `paths` and `components`."""
        self.value = _load(files("twosignal_mock.engine.control").joinpath("openapi.yaml"))
        for piece in map(_load, pieces):
            self.value["paths"] |= piece.get("paths", {})
            for kind, members in piece.get("components", {}).items():
                self.value["components"].setdefault(kind, {}).update(members)
        self.operations = tuple(self._operations())

    @property
    def version(self) -> str:
        """Of the control API."""
        return str(self.value["info"]["version"])

    def validator(self, schema: Mapping[str, Any]) -> jsonschema_rs.Validator:
        """A schema of the document, compiled; its references are followed into the document."""
        whole = {"components": self.value["components"], **schema}
        return jsonschema_rs.Draft202012Validator(whole)

    def resolve(self, value: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a reference inside the document means; anything else as it is."""
        target: Any = value
        while "$ref" in target and target["$ref"].startswith("#/"):
            target_path = target["$ref"].removeprefix("#/").split("/")
            target = self.value
            for step in target_path:
                target = target[step]
        found: Mapping[str, Any] = target
        return found

    def _operations(self) -> Iterator[ControlOperation]:
        for path, item in self.value["paths"].items():
            for method in _METHODS:
                if method in item:
                    yield self._operation(path, method, item.get("parameters", ()), item[method])

    def _operation(self, path: str, method: str, shared: Any, operation: Mapping[str, Any]) -> ControlOperation:
        body = operation.get("requestBody")
        parameters = [self.resolve(each) for each in (*shared, *operation.get("parameters", ()))]
        return ControlOperation(
            id=operation["operationId"],
            path=path,
            method=method.upper(),
            status=next(int(status) for status in operation["responses"] if status != "default"),
            body=self.validator(body["content"]["application/json"]["schema"]) if body else None,
            body_required=bool(body and body["required"]),
            body_limit=operation.get("x-body-limit", DEFAULT_BODY_LIMIT),
            query=tuple(self._query_parameter(each) for each in parameters if each["in"] == "query"),
        )

    def _query_parameter(self, parameter: Mapping[str, Any]) -> QueryParameter:
        schema = self.resolve(parameter["schema"])
        convert = _CONVERTERS[schema.get("type", "string")]
        return QueryParameter(parameter["name"], convert, self.validator(schema), schema.get("default"))


def _load(file: Traversable) -> dict[str, Any]:
    text = file.read_text(encoding="utf-8")
    value: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are the safe ones
    return value
