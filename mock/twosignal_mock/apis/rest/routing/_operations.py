"""What model routing offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twosignal_contract import Contract

from twosignal_mock.apis.rest.routing._rules import Router
from twosignal_mock.apis.rest.routing._wire import read_routing, write_decision
from twosignal_mock.apis.rest.store import RoutingConfig, repositories_of
from twosignal_mock.engine.api import Call, Operation, Refusal, Setting

if TYPE_CHECKING:
    from twosignal_mock.engine.store import Transaction


def operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:
    """RouteModel."""
    routing = read_routing(contract.extension("x-rest-routing"))
    router = Router(routing, setting.dialects.get("rule-priority", routing.priority))
    built_in = routing.default_config

    def route_model(call: Call, transaction: Transaction) -> object:
        config = _find(transaction, call.body.get("configName"), built_in)
        return write_decision(router.decide(call.body["input"], config))

    return (Operation("routeModel", route_model),)


def _find(transaction: Transaction, name: str | None, built_in: RoutingConfig) -> RoutingConfig:
    """The project's configuration of this name; None asks for the built-in's name, which needs none of the project."""
    wanted = built_in.name if name is None else name
    config = repositories_of(transaction).routing.find(wanted)
    if config is None and wanted == built_in.name:
        config = built_in
    if config is None or not config.enabled:
        raise Refusal("unknown-resource", resource="routing configuration", id=wanted)
    return config
