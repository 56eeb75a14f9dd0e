"""JSON to configurations, configurations and decisions to JSON."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from twosignal_mock.apis.rest.routing._values import Decision
from twosignal_mock.contract import RoutingConfig, RoutingRule


def write_decision(decision: Decision) -> dict[str, Any]:
    """RouteDecision."""
    return {"model": decision.model, "configName": decision.config, "complexity": decision.complexity}


def read_config(body: Mapping[str, Any]) -> RoutingConfig:
    """A configuration as /x-routing/default-config spells it; its shape is checked already. Without `enabled` it is."""
    rules = (
        RoutingRule(rule["name"], MappingProxyType(dict(rule["condition"])), rule["model"], rule["priority"])
        for rule in body["rules"]
    )
    return RoutingConfig(body["name"], body["defaultModel"], body.get("enabled", True), tuple(rules))


def write_config(config: RoutingConfig) -> dict[str, Any]:
    """A configuration as /x-routing/default-config spells it."""
    return {
        "name": config.name,
        "defaultModel": config.default_model,
        "enabled": config.enabled,
        "rules": [
            {"name": rule.name, "condition": dict(rule.condition), "model": rule.model, "priority": rule.priority}
            for rule in config.rules
        ],
    }
