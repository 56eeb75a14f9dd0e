"""The handler of model routing, and the routes of its configurations, which the API itself can only read."""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest.routing._model import read_config, read_routing, write_config
from twosignal_mock.apis.rest.routing._rules import Decision, Router
from twosignal_mock.apis.rest.store import repositories_of
from twosignal_mock.engine.api import ApiError, Call, ControlCall, ControlError, ControlErrorKind, Dependencies, Handler

if TYPE_CHECKING:
    from twosignal_mock.apis.rest.store import RoutingConfig
    from twosignal_mock.engine.store import Transaction


def handlers(contract: Contract, dependencies: Dependencies) -> tuple[Handler, ...]:
    """Those of model routing."""
    routing = read_routing(contract.extension("x-rest-routing"))
    router = Router(routing, dependencies.dialects.get("rule-priority", routing.priority))
    built_in = routing.default_config

    def route_model(call: Call, transaction: Transaction) -> object:
        config = _find(transaction, call.body.get("configName"), built_in)
        return write_decision(router.decide(call.body["input"], config))

    return (Handler("routeModel", route_model),)


def _find(transaction: Transaction, name: str | None, built_in: RoutingConfig) -> RoutingConfig:
    """The project's configuration of this name; None asks for the built-in's name, which needs none of the project."""
    wanted = built_in.name if name is None else name
    config = repositories_of(transaction).routing.find(wanted)
    if config is None and wanted == built_in.name:
        config = built_in
    if config is None or not config.enabled:
        raise ApiError("unknown-resource", resource="routing configuration", id=wanted)
    return config


def write_decision(decision: Decision) -> dict[str, Any]:
    """RouteDecision."""
    return {"model": decision.model, "configName": decision.config, "complexity": decision.complexity}


async def list_configs(call: ControlCall) -> object:
    """All configurations."""
    configs = await call.read(lambda transaction: repositories_of(transaction).routing.all())
    return {"configs": [write_config(config) for config in sorted(configs, key=attrgetter("name"))]}


async def set_config(call: ControlCall) -> object:
    """A configuration, kept."""
    name = call.path["name"]
    wanted = {"name": name, **call.body}
    if wanted["name"] != name:
        got, expected = f"body.name: {wanted['name']!r}", f"the name in the path, {name!r}"
        raise ControlError(ControlErrorKind.INVALID_REQUEST, got, expected, "leave it out")
    # The contract's own configuration must look like this, too: its shape is described once, with the extensions.
    definitions = call.contract.extension_definitions
    call.check({"$defs": definitions, "$ref": "#/$defs/routing-config"}, wanted, "body")
    config = replace(read_config(wanted), created=call.now, updated=call.now)
    await call.write(lambda transaction: repositories_of(transaction).routing.put(config))
    return write_config(config)


async def delete_config(call: ControlCall) -> object:
    """Forgets a configuration."""
    name = call.path["name"]
    if not await call.write(lambda transaction: repositories_of(transaction).routing.delete(name)):
        got, then = f"there is no routing configuration {name!r}", "GET /__mock/v1/routing-configs lists them"
        raise ControlError(ControlErrorKind.NOT_FOUND, got, "the name of one", then)
    return None
