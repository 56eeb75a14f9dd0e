"""What templates work with, besides the records of the store."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Push:
    """A template, or a new version of one."""

    name: str
    content: str
    variables: tuple[str, ...] | None
    """None: to be found in the content."""
    description: str | None
    """None: the template keeps the one it has."""
    message: str | None
