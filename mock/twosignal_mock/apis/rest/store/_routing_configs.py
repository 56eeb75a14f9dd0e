"""Model routing configurations in the store: their type, and what a repository offers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class RoutingRule:
    """One rule of a configuration."""

    name: str
    condition: Mapping[str, Any]
    """`type` and the members that the type asks for."""
    model: str
    priority: int


@dataclass(frozen=True, slots=True)
class RoutingConfig:
    """A set of rules, and the model for requests that none of them holds for."""

    name: str
    default_model: str
    enabled: bool
    rules: tuple[RoutingRule, ...]
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    """Stays when the name changes."""
    created: int = 0
    """Milliseconds since 1970; 0: nobody kept it."""
    updated: int = 0
    """Milliseconds since 1970; 0: nobody kept it."""


class RoutingConfigs(Protocol):
    """The model routing configurations of a project, each name once."""

    def all(self) -> Sequence[RoutingConfig]:
        """Oldest first."""
        ...

    def find(self, name: str) -> RoutingConfig | None:
        """The configuration of this name, enabled or not."""
        ...

    def put(self, config: RoutingConfig) -> None:
        """Keeps a configuration, in the place of the one with its name, or else its id, if there is one."""
        ...

    def delete(self, name: str) -> bool:
        """Forgets the configuration of this name. False when there was none."""
        ...
