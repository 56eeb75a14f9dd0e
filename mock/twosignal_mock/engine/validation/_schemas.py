"""Compiled schemas of a contract: one cheap verdict for every value, and the place of what is wrong only when asked.

The validators are jsonschema-rs, made once for each schema. Only an invalid value is looked at again: then its invalid
parts are followed down to the one that says most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jsonschema_rs import Draft202012Validator, RegexOptions
from twosignal_contract import Contract

from twosignal_mock.engine.validation._descriptions import (
    describe_choice,
    describe_schema,
    describe_type,
    describe_value,
)

Place = tuple[str | int, ...]
Schema = Mapping[str, Any]

_STRUCTURE = frozenset({"$ref", "oneOf", "anyOf", "allOf", "properties", "items"})
"""Keywords that this module follows itself; whatever else a schema says is judged by its compiled validator."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why a value does not fit a schema."""

    place: Place
    problem: str
    """What was sent and what was expected: `is 101; expected an integer from 1 to 100`."""

    def text(self, root: str = "body") -> str:
        """The place as people write it: `batch[3].body.name`; `root` when it is the whole value."""
        return place_text(self.place) or root


class Schemas:
    """The schemas of one document."""

    def __init__(self, contract: Contract) -> None:
        self._document = contract.document
        self._compiled: dict[int, Draft202012Validator] = {}
        self._kept: list[Schema] = []

    def compile(self, schema: Schema) -> Draft202012Validator:
        """The validator of a schema of the document; made at the first call."""
        validator = self._compiled.get(id(schema))
        if validator is None:
            validator = Draft202012Validator(
                {**schema, "components": self._document.get("components", {})},
                validate_formats=True,
                # Patterns of the document meet text of anybody: an engine without backtracking cannot be hung.
                pattern_options=RegexOptions(),
            )
            self._compiled[id(schema)] = validator
            self._kept.append(schema)  # so that its id() stays its own
        return validator

    def follow(self, schema: Schema) -> Schema:
        """The schema that a reference stands for."""
        while "$ref" in schema:
            schema = self.lookup(schema["$ref"])
        return schema

    def lookup(self, reference: str) -> Schema:
        """The part of the document that a local reference (`#/components/...`) names."""
        node: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        return node  # type: ignore[no-any-return]  # a reference of a checked document names a mapping

    def find_mistake(self, schema: Schema, value: object, place: Place = ()) -> Mistake:
        """What is wrong with a value that does not fit `schema`: the deepest part that does not fit."""
        while True:
            schema = self.follow(schema)
            union = schema.get("oneOf") or schema.get("anyOf")
            if union is not None:
                chosen = self._choose(schema, union, value, place)
                if isinstance(chosen, Mistake):
                    return chosen
                schema = chosen
                continue
            part = next(self._invalid_parts(schema, value, place), None)
            if part is None:
                return self._describe(schema, value, place)
            schema, value, place = part

    def _choose(self, schema: Schema, union: list[Schema], value: object, place: Place) -> Schema | Mistake:
        """The branch of a union that a value claims to be, or why nobody can tell."""
        if "discriminator" in schema:
            return self._discriminate(schema, value, place)
        branches = [self.follow(branch) for branch in union]
        fitting = [branch for branch in branches if _may_be(branch, value)]
        if len(fitting) == 1 and value is not None:
            return fitting[0]
        solid = [branch for branch in branches if branch.get("type") != "null"]
        if len(solid) == 1 and value is not None:
            return solid[0]
        expected = " or ".join(dict.fromkeys(describe_schema(branch) for branch in branches))
        return Mistake(place, f"is {describe_value(value, _name(place))}; expected {expected}")

    def _discriminate(self, schema: Schema, value: object, place: Place) -> Schema | Mistake:
        key = schema["discriminator"]["propertyName"]
        known: Mapping[str, str] = schema["discriminator"]["mapping"]
        if not isinstance(value, dict):
            return Mistake(place, f"is {describe_value(value, _name(place))}; expected an object")
        if key not in value:
            return Mistake((*place, key), f"is missing; expected {describe_choice(known)}")
        claimed = value[key]
        if not isinstance(claimed, str) or claimed not in known:
            return Mistake((*place, key), f"is {describe_value(claimed, key)}; expected {describe_choice(known)}")
        return self.lookup(known[claimed])

    def _invalid_parts(self, schema: Schema, value: object, place: Place) -> Iterator[tuple[Schema, object, Place]]:
        for part, inner, where in self._parts(schema, value, place):
            if not self.compile(part).is_valid(inner):
                yield part, inner, where

    def _parts(self, schema: Schema, value: object, place: Place) -> Iterator[tuple[Schema, object, Place]]:
        for part in schema.get("allOf", ()):
            yield part, value, place
        if isinstance(value, dict):
            for name, part in schema.get("properties", {}).items():
                if name in value:
                    yield part, value[name], (*place, name)
        elif isinstance(value, list) and "items" in schema:
            for index, inner in enumerate(value):
                yield schema["items"], inner, (*place, index)

    def _describe(self, schema: Schema, value: object, place: Place) -> Mistake:
        """What the schema itself, without its parts, has against the value."""
        shallow = {name: rule for name, rule in schema.items() if name not in _STRUCTURE}
        for error in Draft202012Validator(shallow, validate_formats=True).iter_errors(value):
            keyword = error.schema_path[-1] if error.schema_path else ""
            if keyword == "required":
                missing = error.kind.property  # type: ignore[attr-defined]  # a kind has the fields of its keyword
                part = self.follow(schema.get("properties", {}).get(missing, {}))
                return Mistake((*place, missing), f"is missing; expected {describe_type(self._solid(part))}")
            break
        expected = describe_schema(schema)
        return Mistake(place, f"is {describe_value(value, _name(place))}; expected {expected}")

    def _solid(self, schema: Schema) -> Schema:
        """A nullable schema without its null, so that it can be described by its type."""
        branches = [self.follow(branch) for branch in schema.get("oneOf", ())]
        solid = [branch for branch in branches if branch.get("type") != "null"]
        return solid[0] if len(solid) == 1 else schema


def place_text(place: Place) -> str:
    """`batch[3].body.name`; empty for the whole value."""
    text = ""
    for step in place:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text


def _name(place: Place) -> str:
    return next((step for step in reversed(place) if isinstance(step, str)), "")


def _may_be(schema: Schema, value: object) -> bool:
    """Whether the type of a schema, if it names one, allows the value."""
    kinds = schema.get("type")
    return kinds is None or Draft202012Validator({"type": kinds}).is_valid(value)
