"""The two spellings of a field: the canonical name, and the aliases that the contract gives it (x-aliases)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twosignal_conformance.target import Law


def canonical(body: Mapping[str, Any], event: str, law: Law) -> dict[str, Any]:
    """The body of an event of a type, with every field under its canonical name."""
    names = _aliases(event, law)
    return {names.get(name, name): value for name, value in body.items()}


def foreign(body: Mapping[str, Any], event: str, law: Law) -> list[str]:
    """The fields of a body that stand there under an alias."""
    names = _aliases(event, law)
    return [name for name in body if name in names]


_KNOWN: dict[tuple[str, str], dict[str, str]] = {}
"""Digest of the contract and type of event to what `_aliases` found."""


def _aliases(event: str, law: Law) -> dict[str, str]:
    """Alias to canonical name, of the bodies of one type of event."""
    key = law.sha256, event
    if key not in _KNOWN:
        _KNOWN[key] = _find_aliases(event, law)
    return _KNOWN[key]


def _find_aliases(event: str, law: Law) -> dict[str, str]:
    mapping = law.schema("Event")["discriminator"]["mapping"]
    if event not in mapping:
        return {}
    schema = law.resolve(law.resolve({"$ref": mapping[event]})["properties"]["body"])
    return {alias: name for name, field in schema["properties"].items() for alias in field.get("x-aliases", ())}
