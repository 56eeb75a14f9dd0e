"""The `x-*` keywords: which may stand where, and what they hold. JSON Schemas say so, ours and one of each API.

A definition of a schema that has the name of an object of the grammar lists the extensions of that object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from twosignal_contract._grammar import GRAMMAR
from twosignal_contract._lookup import join
from twosignal_contract._problems import Notes, one_of, quote, remedy_for, with_article

Schema = Mapping[str, Any]


class Extensions:
    """The extensions that a document may use."""

    def __init__(self, *paths: Path) -> None:
        self._vocabularies = [_Vocabulary(json.loads(path.read_bytes())) for path in paths]

    @property
    def own_definitions(self) -> Schema:
        """The definitions of the schema that the document names; empty when it names none."""
        definitions: Schema = {}
        for vocabulary in self._vocabularies[1:]:
            definitions = vocabulary.definitions
        return definitions

    def default(self, definition: str, name: str) -> Any:
        """What an absent property means."""
        return self._vocabularies[0].definitions[definition]["properties"][name]["default"]

    def check(self, found: Schema, name: str, pointer: str, notes: Notes) -> bool:
        """Whether the extensions of one object are in order; notes what is not."""
        known = {word: vocabulary for vocabulary in self._vocabularies for word in vocabulary.words(name)}
        strange = [word for word in found if word not in known]
        for word in strange:
            self._refuse(word, name, sorted(known), pointer, notes)
        sound = not strange
        for vocabulary in self._vocabularies:
            for problem in vocabulary.errors(name, found):
                _explain(problem, vocabulary, pointer, notes)
                sound = False
        return sound

    def _refuse(self, word: str, name: str, known: list[str], pointer: str, notes: Notes) -> None:
        places = {place for vocabulary in self._vocabularies for place in vocabulary.places(word)}
        homes = [with_article(GRAMMAR[place].name) for place in GRAMMAR if place in places]
        here, where = with_article(GRAMMAR[name].name), join(pointer, word)
        if homes:
            notes.add(where, f"'{word}' stands in {here}", f"it in {' or '.join(homes)} only", "move it there")
            return
        expected = one_of(known) if known else f"no extension in {here}"
        notes.add(where, f"'{word}' is no extension of this contract", expected, remedy_for(word, known))


class _Vocabulary:
    """One JSON Schema of extensions."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.definitions: Schema = schema["$defs"]
        self._words = {name: self.definitions[name]["properties"] for name in GRAMMAR if name in self.definitions}
        self._validators = {
            name: Draft202012Validator(
                {**schema, "$ref": f"#/$defs/{name}"}, validate_formats=True, formats={"regex": _compiles}
            )
            for name in self._words
        }

    def words(self, name: str) -> Schema:
        """The extensions of an object of the grammar."""
        words: Schema = self._words.get(name, {})
        return words

    def places(self, word: str) -> Iterator[str]:
        """The objects that an extension may stand in."""
        return (name for name, words in self._words.items() if word in words)

    def errors(self, name: str, found: Schema) -> Iterator[ValidationError]:
        """What is wrong with those extensions of an object that are known."""
        if name in self._validators:
            yield from self._validators[name].iter_errors(
                {word: found[word] for word in found if word in self.words(name)}
            )


def _explain(error: ValidationError, vocabulary: _Vocabulary, pointer: str, notes: Notes) -> None:
    """Notes the problems behind one error of the validator; `pointer` is that of the validated object."""
    place = join(pointer, *error.instance_path)
    schema = _failed(error, vocabulary)

    def expected(asked: Schema) -> str:
        return _expectation(asked, vocabulary.definitions)

    match error.kind:
        case Kind.Required(name):
            notes.add(place, f"'{name}' is missing", expected(schema["properties"][name]), "add it")
        case Kind.AdditionalProperties(names):
            known = sorted(schema["properties"])
            for name in names:
                notes.add(join(place, name), f"'{name}' is not known here", one_of(known), remedy_for(name, known))
        case Kind.PropertyNames(inner):
            name = str(inner.instance)
            notes.add(join(place, name), f"the name {quote(name)}", expected(schema), "choose another")
        case Kind.OneOfNotValid(branches) if (
            len(meant := [rows for rows in branches if not _of_another_kind(rows)]) == 1
        ):
            for row in meant[0]:
                _explain(row, vocabulary, pointer, notes)
        case _:
            notes.add(place, quote(error.instance), expected(schema), "correct it")


def _of_another_kind(errors: list[ValidationError]) -> bool:
    """Whether a constant of the alternative differs: `type: keyword` says which of several rules was meant."""
    return any(isinstance(error.kind, Kind.Constant) for error in errors)


def _failed(error: ValidationError, vocabulary: _Vocabulary) -> Schema:
    """The schema whose last keyword failed."""
    value: Any = vocabulary.schema
    for step in error.schema_path[:-1]:
        value = value[int(step) if isinstance(value, list) else step]
    schema: Schema = value
    return schema


def _expectation(schema: Schema, definitions: Schema) -> str:
    """What a schema asks for, in words."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "const" in schema:
        return quote(schema["const"])
    if "enum" in schema:
        return one_of(schema["enum"])
    kind: str = schema.get("type", "")
    words = [with_article(_NOUNS.get(kind, kind))] if kind else []
    words += [text.format(quote(schema[keyword])) for keyword, text in _BOUNDS.items() if keyword in schema]
    if "required" in schema:
        words.append("with " + ", ".join(schema["required"]))
    if "pattern" in schema:
        words.append(f"matching {schema['pattern']}")
    if "oneOf" in schema:
        words.append(" or ".join(_expectation(option, definitions) for option in schema["oneOf"]))
    return " ".join(words)


_NOUNS = {"object": "mapping", "array": "list", "boolean": "truth value"}
_BOUNDS = {
    "format": "that is a valid {}",
    "minimum": "of at least {}",
    "exclusiveMinimum": "above {}",
    "maximum": "up to {}",
    "minLength": "of {} or more characters",
    "minItems": "of {} or more items",
    "minProperties": "of {} or more members",
    "uniqueItems": "without repetition",
}


def _compiles(pattern: str) -> bool:
    """Whether Python, which will search by it, takes the pattern: `(?m)` is fine here, though not in ECMAScript."""
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True
