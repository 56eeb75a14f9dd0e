"""Prompt templates in the store: their records, and what a repository offers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol


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

    template: str
    """Id of the template."""
    id: str
    number: int
    """From 1 on, without a gap."""
    content: str
    variables: tuple[str, ...]
    message: str | None
    """What the author says about it."""
    created: int
    """Milliseconds since 1970."""


class Templates(Protocol):
    """The prompt templates of a project, each name once."""

    def all(self) -> Sequence[TemplateRecord]:
        """By name, in the order of code points."""
        ...

    def find(self, name: str) -> TemplateRecord | None:
        """The template of this name."""
        ...

    def version(self, template_id: str, number: int) -> TemplateVersionRecord | None:
        """The version of a template that has this number."""
        ...

    def put(self, template: TemplateRecord) -> None:
        """Keeps a template, in the place of the one with its name if there is one."""
        ...

    def add_version(self, version: TemplateVersionRecord) -> None:
        """Keeps a further version of a template."""
        ...

    def versions(self) -> Iterable[TemplateVersionRecord]:
        """All versions of all templates, by the template's id and number."""
        ...
