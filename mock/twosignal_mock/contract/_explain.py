"""Turns what the JSON Schema validator found into problems that tell what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from jsonschema_rs import ValidationError, ValidationErrorKind

from twosignal_mock.contract._pointer import join
from twosignal_mock.contract._problem import Problem
from twosignal_mock.contract._quote import one_of, quote, with_article

Schema = Mapping[str, Any]


def explain(error: ValidationError, root: Schema, pointer: str) -> Iterator[Problem]:
    """The problems behind one error of the validator; `pointer` is that of the validated object."""
    place = join(pointer, *error.instance_path)
    schema = _failed(error, root)
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.Required):
        expected = expectation(schema["properties"][kind.property], root)
        yield Problem(place, f"'{kind.property}' is missing", expected, "add it")
    elif isinstance(kind, ValidationErrorKind.AdditionalProperties):
        known = sorted(schema["properties"])
        for name in kind.unexpected:
            near = get_close_matches(name, known, 1)
            remedy = f"write '{near[0]}'" if near else "remove it"
            yield Problem(join(place, name), f"'{name}' is not known here", one_of(known), remedy)
    elif isinstance(kind, ValidationErrorKind.PropertyNames):
        name = str(kind.error.instance)
        yield Problem(join(place, name), f"the name {quote(name)}", expectation(schema, root), "choose another")
    elif isinstance(kind, ValidationErrorKind.OneOfNotValid) and (meant := _meant(kind.context)):
        for inner in meant:
            yield from explain(inner, root, pointer)
    else:
        yield Problem(place, quote(error.instance), expectation(schema, root), "correct it")


def expectation(schema: Schema, root: Schema) -> str:
    """What a schema asks for, in words."""
    if "$ref" in schema:
        return expectation(_follow(root, schema["$ref"].split("/")[1:]), root)
    if "const" in schema:
        return quote(schema["const"])
    if "enum" in schema:
        return one_of(schema["enum"])
    words = [_subject(schema)] if "type" in schema else []
    words += [text.format(quote(schema[keyword])) for keyword, text in _BOUNDS.items() if keyword in schema]
    if schema.get("required"):
        words.append("with " + ", ".join(schema["required"]))
    if "pattern" in schema:
        words.append(f"matching {schema['pattern']}")
    if "oneOf" in schema:
        words.append(" or ".join(expectation(option, root) for option in schema["oneOf"]))
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


def _subject(schema: Schema) -> str:
    kind: str = schema["type"]
    return with_article(_NOUNS.get(kind, kind))


def _failed(error: ValidationError, root: Schema) -> Schema:
    """The schema whose last keyword failed."""
    schema: Schema = _follow(root, error.schema_path[:-1])
    return schema


def _follow(root: Schema, steps: Sequence[str | int]) -> Any:
    value: Any = root
    for step in steps:
        value = value[int(step) if isinstance(value, list) else step]
    return value


def _meant(alternatives: list[list[ValidationError]]) -> list[ValidationError]:
    """The errors of the one alternative whose constants hold: `type: keyword` says which rule was meant."""

    def constant_differs(errors: list[ValidationError]) -> bool:
        return any(isinstance(error.kind, ValidationErrorKind.Constant) for error in errors)

    fitting = [errors for errors in alternatives if not constant_differs(errors)]
    return fitting[0] if len(fitting) == 1 and len(alternatives) > 1 else []
