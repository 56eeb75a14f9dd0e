"""What the store keeps of prompt templates: plain values, the same for every implementation."""

from __future__ import annotations

from typing import NamedTuple


class TemplateRecord(NamedTuple):
    """A template without its versions."""

    id: str
    name: str
    description: str | None
    latest: int
    """Number of its newest version."""
    created: int
    """Milliseconds since 1970."""
    updated: int
    """Milliseconds since 1970; when the newest version came."""


class TemplateVersionRecord(NamedTuple):
    """One version of a template."""

    id: str
    number: int
    """From 1 on, without a gap."""
    content: str
    variables: tuple[str, ...]
    message: str | None
    """What the one who pushed it says about it."""
    created: int
    """Milliseconds since 1970."""
