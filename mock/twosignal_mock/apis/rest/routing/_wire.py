"""JSON to configurations, configurations and decisions to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from twosignal_mock.apis.rest.routing._values import Complexity, Decision, Indicator, Length, Routing, Structure
from twosignal_mock.apis.rest.store import RoutingConfig, RoutingRule


def write_decision(decision: Decision) -> dict[str, Any]:
    """RouteDecision."""
    return {"model": decision.model, "configName": decision.config, "complexity": decision.complexity}


def read_config(body: Mapping[str, Any]) -> RoutingConfig:
    """A configuration in the spelling of /x-rest-routing/default-config, checked already. Without `enabled` it is."""
    rules = (
        RoutingRule(rule["name"], MappingProxyType(dict(rule["condition"])), rule["model"], rule["priority"])
        for rule in body["rules"]
    )
    return RoutingConfig(body["name"], body["defaultModel"], body.get("enabled", True), tuple(rules))


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
