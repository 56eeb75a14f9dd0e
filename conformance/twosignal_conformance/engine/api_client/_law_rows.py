"""Rows of the contract as look-ups give them: an operation, a parameter, an error."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document."""

    id: str
    method: str
    """In capitals."""
    path: str
    keyed: bool
    """Whether it needs the API key; false for those without security and those with another scheme."""
    success: int
    """Its canonical success status: the first 2xx of its responses."""
    media_type: str | None
    """Of its request body."""
    area: str
    """Its first tag."""
    pointer: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter with the bounds of its schema."""

    name: str
    where: str
    required: bool
    schema: Mapping[str, Any]
    """With references at its top resolved."""

    @property
    def minimum(self) -> int:
        """Least value, inclusive."""
        return int(self.schema["minimum"])

    @property
    def maximum(self) -> int:
        """Greatest value, inclusive."""
        return int(self.schema["maximum"])

    @property
    def default(self) -> Any:
        """The value that an absent parameter has."""
        return self.schema["default"]

    @property
    def values(self) -> tuple[Any, ...]:
        """Its enum."""
        return tuple(self.schema["enum"])


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A row of /x-errors."""

    status: int
    code: str
    message: str
