"""What routing works with, besides the configurations that the store keeps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from twosignal_mock.apis.rest.store import RoutingConfig


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


@dataclass(frozen=True, slots=True)
class Length:
    """Weight of the prompt's length; /x-rest-routing/complexity/length."""

    weight: float
    full_at_tokens: int
    characters_per_token: float


@dataclass(frozen=True, slots=True)
class Indicator:
    """A share of a weight, reached in full at a count of words or parts; `full_at` None: one is enough."""

    share: float
    full_at: int | None
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Structure:
    """Weight of the prompt's form; /x-rest-routing/complexity/structure."""

    weight: float
    full_at: int
    signs: Mapping[str, str]
    """Name of a sign to the regular expression that finds it."""


@dataclass(frozen=True, slots=True)
class Complexity:
    """How complexity, 0 to 1, is put together; /x-rest-routing/complexity. Weights and shares are 0 to 1."""

    decimals: int
    length: Length
    vocabulary_weight: float
    question_weight: float
    reasoning: Indicator
    parts: Indicator
    comparison: Indicator
    structure: Structure


@dataclass(frozen=True, slots=True)
class Routing:
    """How a model is chosen for a prompt; /x-rest-routing."""

    priority: str
    """`ascending`: the smallest number is asked first."""
    complexity: Complexity
    default_config: RoutingConfig
