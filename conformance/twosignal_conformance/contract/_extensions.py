"""Judges the `x-*` words of one object by our schema of extensions."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import jsonschema_rs
from jsonschema_rs import ValidationErrorKind as Kind

from twosignal_conformance.contract._files import EXTENSIONS, own_file
from twosignal_conformance.contract._grammar import GRAMMAR
from twosignal_conformance.contract._problems import Notes
from twosignal_conformance.contract._reading import escape
from twosignal_conformance.contract._wording import as_json, choice, demand, indefinite, remedy_for


class Extensions:
    """The schema of extensions: a definition named as an object of the grammar says what that object may carry."""

    def __init__(self) -> None:
        schema = json.loads(own_file(EXTENSIONS).read_bytes())
        self.definitions: dict[str, Any] = schema["$defs"]
        self._allowed = {name: self.definitions[name]["properties"] for name in GRAMMAR if name in self.definitions}
        self._validators = {
            name: jsonschema_rs.validator_for(
                {**schema, "$ref": f"#/$defs/{name}"}, validate_formats=True, formats=_FORMATS
            )
            for name in self._allowed
        }

    def judge(self, found: Mapping[str, Any], name: str, pointer: str, notes: Notes) -> bool:
        """Whether the extensions of an object are in order; if not, it is noted why."""
        allowed = self._allowed.get(name, {})
        strange = [word for word in found if word not in allowed]
        for word in strange:
            self._refuse(word, name, pointer, notes)
        if not allowed:
            return not strange
        known = {word: value for word, value in found.items() if word in allowed}
        errors = list(self._validators[name].iter_errors(known))
        for error in errors:
            self._note(error, pointer, notes)
        return not (strange or errors)

    def _refuse(self, word: str, name: str, pointer: str, notes: Notes) -> None:
        homes = [indefinite(home) for home, words in self._allowed.items() if word in words]
        here, place = indefinite(GRAMMAR[name].name), f"{pointer}/{escape(word)}"
        if homes:
            notes.add(place, f"'{word}' stands in {here}", f"it in {' or '.join(homes)} only", "move it there")
            return
        known = sorted(self._allowed.get(name, ()))
        expected = choice(known) if known else f"no extension in {here}"
        notes.add(place, f"'{word}' is no extension of this contract", expected, remedy_for(word, known))

    def _note(self, error: jsonschema_rs.ValidationError, pointer: str, notes: Notes) -> None:
        place = pointer + "".join(f"/{escape(str(step))}" for step in error.instance_path)
        schema = self._schema_of(error)
        match error.kind:
            case Kind.Required(name):
                notes.add(place, f"'{name}' is missing", self._demand(schema["properties"][name]), "add it")
            case Kind.AdditionalProperties(names):
                known = sorted(schema["properties"])
                for name in names:
                    inner = f"{place}/{escape(name)}"
                    notes.add(inner, f"'{name}' is not known here", choice(known), remedy_for(name, known))
            case Kind.PropertyNames(inner_error):
                name = str(inner_error.instance)
                inner = f"{place}/{escape(name)}"
                notes.add(inner, f"the name {as_json(name)}", self._demand(schema), "choose another")
            case Kind.OneOfNotValid(branches) if len(meant := [b for b in branches if not _other_constant(b)]) == 1:
                for inner_error in meant[0]:
                    self._note(inner_error, pointer, notes)
            case _:
                notes.add(place, as_json(error.instance), self._demand(schema), "correct it")

    def _demand(self, schema: Mapping[str, Any]) -> str:
        return demand(schema, self.definitions)

    def _schema_of(self, error: jsonschema_rs.ValidationError) -> Any:
        """The schema that holds the failed keyword; the path begins at $defs, since each validator is a $ref there."""
        value: Any = {"$defs": self.definitions}
        for step in error.schema_path[:-1]:
            value = value[step]
        return value


def _other_constant(errors: list[jsonschema_rs.ValidationError]) -> bool:
    """Whether a branch of oneOf speaks of another kind, as its constant shows; then its errors mean nothing."""
    return any(isinstance(error.kind, Kind.Constant) for error in errors)


def _is_pattern(text: str) -> bool:
    try:
        return bool(re.compile(text))
    except re.error:
        return False


# The validator's own `regex` is ECMAScript's, which lacks the inline flags (`(?m)`) that the document needs.
_FORMATS = {"regex": _is_pattern}
