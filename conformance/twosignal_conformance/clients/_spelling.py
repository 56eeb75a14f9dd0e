"""The spellings of a field: the canonical name, the aliases that the contract gives it (x-aliases), and snake_case."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from twosignal_contract import Contract


def canonical(body: Mapping[str, Any], event: str, law: Contract) -> dict[str, Any]:
    """The body of an event of a type, with every field under its canonical name."""
    names = _aliases(event, law)
    return {names.get(name, name): value for name, value in body.items()}


def foreign(event: Mapping[str, Any], law: Contract) -> list[str]:
    """The fields of an event, at any depth that the contract knows, that stand there under another name.

    Other names are the aliases, and the snake_case of every field that a schema has. What is in free values, such as
    metadata, is the user's own.
    """
    mapping = law.schema("Event")["discriminator"]["mapping"]
    kind = str(event.get("type"))
    return list(dict.fromkeys(_misspelt(event, {"$ref": mapping[kind]}, law))) if kind in mapping else []


def _misspelt(value: Any, schema: Mapping[str, Any], law: Contract) -> Iterator[str]:
    schema = law.resolve(schema)
    for branch in schema.get("oneOf", ()):
        yield from _misspelt(value, branch, law)
    fields = schema.get("properties")
    if not fields or not isinstance(value, dict):
        return
    others = {other: name for name, field in fields.items() for other in (_snake(name), *field.get("x-aliases", ()))}
    for name, inner in value.items():
        if name not in fields and name in others:
            yield name
        known = fields.get(others.get(name, name))
        if known is not None:
            yield from _misspelt(inner, known, law)


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


_KNOWN: dict[tuple[str, str], dict[str, str]] = {}
"""Digest of the contract and type of event to what `_aliases` found."""


def _aliases(event: str, law: Contract) -> dict[str, str]:
    """Alias to canonical name, of the bodies of one type of event."""
    key = law.sha256, event
    if key not in _KNOWN:
        _KNOWN[key] = _find_aliases(event, law)
    return _KNOWN[key]


def _find_aliases(event: str, law: Contract) -> dict[str, str]:
    mapping = law.schema("Event")["discriminator"]["mapping"]
    if event not in mapping:
        return {}
    schema = law.resolve(law.resolve({"$ref": mapping[event]})["properties"]["body"])
    return {alias: name for name, field in schema["properties"].items() for alias in field.get("x-aliases", ())}
