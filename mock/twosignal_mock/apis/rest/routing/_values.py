"""What routing works with, besides the configurations that the contract package defines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Prompt:
    """An input, measured once for all rules."""

    text: str
    tokens: int
    """Estimated, from its characters; 0 when it is empty."""
    complexity: float
    """0 to 1."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The model to use, and why."""

    model: str
    config: str
    """Name of the configuration that decided."""
    complexity: float
    """0 to 1."""
