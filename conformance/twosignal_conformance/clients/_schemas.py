"""What values break of the schemas of a contract, told by what keeps them from the schema that comes nearest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind
from twosignal_contract import Contract


class Schemas:
    """Validators of one contract, compiled when they are first needed; for one thread."""

    def __init__(self, contract: Contract) -> None:
        self._document = {name: contract.document[name] for name in ("paths", "components")}
        self._compiled: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def problems(self, pointer: str, value: Any) -> Iterator[str]:
        """What a value breaks of the schema at a pointer, each as "place: problem"."""
        for error in self._validator(pointer).iter_errors(value):
            for inner in _meant(error):
                place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in inner.instance_path)
                yield f"{place.lstrip('.') or 'body'}: {inner.message}"

    def _validator(self, pointer: str) -> jsonschema_rs.Draft202012Validator:
        if pointer not in self._compiled:
            schema = {"$ref": f"#{quote(pointer)}", **self._document}
            self._compiled[pointer] = jsonschema_rs.Draft202012Validator(schema)
        return self._compiled[pointer]


def _meant(error: jsonschema_rs.ValidationError) -> Iterator[jsonschema_rs.ValidationError]:
    """The error, or of a value that fits none of several schemas what keeps it from the one that comes nearest."""
    match error.kind:
        case Kind.OneOfNotValid(branches) | Kind.AnyOf(branches):
            for inner in min(branches, key=lambda branch: _distance(branch, len(error.instance_path))):
                yield from _meant(inner)
        case _:
            yield error


def _distance(branch: Sequence[jsonschema_rs.ValidationError], depth: int) -> tuple[bool, int]:
    """How far a value is from a schema: first whether its type or its constant is another, then how much is wrong."""
    other = any(
        isinstance(error.kind, Kind.Constant)
        or (isinstance(error.kind, Kind.Type) and len(error.instance_path) == depth)
        for error in branch
    )
    return other, len(branch)
