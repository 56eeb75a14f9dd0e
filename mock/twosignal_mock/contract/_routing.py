"""/x-routing as typed values: how a prompt is weighed, and the configuration that is there before any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Length:
    """Weight of the prompt's length; /x-routing/complexity/length."""

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
    """Weight of the prompt's form; /x-routing/complexity/structure."""

    weight: float
    full_at: int
    signs: Mapping[str, str]
    """Name of a sign to the regular expression that finds it."""


@dataclass(frozen=True, slots=True)
class Complexity:
    """How complexity, 0 to 1, is put together; /x-routing/complexity. Weights and shares are 0 to 1."""

    decimals: int
    length: Length
    vocabulary_weight: float
    question_weight: float
    reasoning: Indicator
    parts: Indicator
    comparison: Indicator
    structure: Structure


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
    """A set of rules with the model that is left when none holds."""

    name: str
    default_model: str
    enabled: bool
    rules: tuple[RoutingRule, ...]


@dataclass(frozen=True, slots=True)
class Routing:
    """How a model is chosen for a prompt; /x-routing."""

    priority: str
    """`ascending`: the smallest number is asked first."""
    complexity: Complexity
    default_config: RoutingConfig


def build_routing(row: Mapping[str, Any], enabled: bool) -> Routing:
    """The typed value of /x-routing; `enabled` is what an absent flag means."""
    return Routing(row["priority"], _complexity(row["complexity"]), _config(row["default-config"], enabled))


def _complexity(row: Mapping[str, Any]) -> Complexity:
    length, question, structure = row["length"], row["question"], row["structure"]
    reasoning, parts, comparison = (_indicator(question[name]) for name in ("reasoning", "parts", "comparison"))
    return Complexity(
        decimals=row["decimals"],
        length=Length(length["weight"], length["full-at-tokens"], length["characters-per-token"]),
        vocabulary_weight=row["vocabulary"]["weight"],
        question_weight=question["weight"],
        reasoning=reasoning,
        parts=parts,
        comparison=comparison,
        structure=Structure(structure["weight"], structure["full-at"], MappingProxyType(structure["signs"])),
    )


def _indicator(row: Mapping[str, Any]) -> Indicator:
    return Indicator(row["share"], row.get("full-at"), tuple(row.get("words", ())))


def _config(row: Mapping[str, Any], enabled: bool) -> RoutingConfig:
    rules = (
        RoutingRule(rule["name"], MappingProxyType(rule["condition"]), rule["model"], rule["priority"])
        for rule in row["rules"]
    )
    return RoutingConfig(row["name"], row["defaultModel"], row.get("enabled", enabled), tuple(rules))
