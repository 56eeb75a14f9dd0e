"""Words of messages: values, choices, and what a schema asks for."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from typing import Any

_LONGEST = 60
"""Characters of a value that a message shows."""


def as_json(value: Any) -> str:
    """The value on one line, shortened."""
    text = json.dumps(value, ensure_ascii=False)
    return text[:_LONGEST] + "..." if len(text) > _LONGEST else text


def choice(options: Sequence[Any]) -> str:
    """`one of a, b`; a single option stands for itself."""
    texts = [option if isinstance(option, str) else as_json(option) for option in options]
    return texts[0] if len(texts) == 1 else f"one of {', '.join(texts)}"


def indefinite(noun: str) -> str:
    """`an operation`, `a schema`; but `the root` and `the paths`, which are one or many."""
    if noun.endswith("s") or noun in ("info", "root"):
        return "the " + noun
    return ("an " if noun.startswith(("a", "e", "i", "o", "u")) else "a ") + noun


def remedy_for(word: str, known: Sequence[str]) -> str:
    """What to do with an unknown word: perhaps a known one was meant."""
    similar = difflib.get_close_matches(word, sorted(known), n=1)
    return f"write '{similar[0]}'" if similar else "remove it"


def demand(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """What a schema asks for; `definitions` are the $defs that it refers to."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "const" in schema:
        return as_json(schema["const"])
    if "enum" in schema:
        return choice(schema["enum"])
    parts = []
    if "type" in schema:
        parts.append(_TYPES.get(schema["type"]) or indefinite(schema["type"]))
    parts.extend(text % as_json(schema[word]) for word, text in _LIMITS if word in schema)
    if "uniqueItems" in schema:
        parts.append("without repetition")
    if "required" in schema:
        parts.append(f"with {', '.join(schema['required'])}")
    if "pattern" in schema:
        parts.append(f"matching {schema['pattern']}")
    if "oneOf" in schema:
        parts.append(" or ".join(demand(part, definitions) for part in schema["oneOf"]))
    return " ".join(parts)


_TYPES = {"object": "a mapping", "array": "a list", "boolean": "a truth value"}
_LIMITS = (
    ("format", "that is a valid %s"),
    ("minimum", "of at least %s"),
    ("exclusiveMinimum", "above %s"),
    ("maximum", "up to %s"),
    ("minLength", "of %s or more characters"),
    ("minItems", "of %s or more items"),
    ("minProperties", "of %s or more members"),
)
