"""How a model is chosen, as /x-rest-routing says it, and configurations as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from twosignal_mock.apis.rest.store import RoutingConfig, RoutingRule


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


def read_routing(row: Mapping[str, Any]) -> Routing:
    """The typed value of /x-rest-routing."""
    return Routing(row["priority"], _complexity(row["complexity"]), read_config(row["default-config"]))


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


def read_config(body: Mapping[str, Any]) -> RoutingConfig:
    """A configuration in the spelling of /x-rest-routing/default-config, checked already. Without `enabled` it is."""
    rules = (
        RoutingRule(rule["name"], MappingProxyType(dict(rule["condition"])), rule["model"], rule["priority"])
        for rule in body["rules"]
    )
    return RoutingConfig(body["name"], body["defaultModel"], body.get("enabled", True), tuple(rules))


def write_config(config: RoutingConfig) -> dict[str, Any]:
    """A configuration as /x-rest-routing/default-config spells it."""
    return {
        "name": config.name,
        "defaultModel": config.default_model,
        "enabled": config.enabled,
        "rules": [
            {"name": rule.name, "condition": dict(rule.condition), "model": rule.model, "priority": rule.priority}
            for rule in config.rules
        ],
    }
