"""Handlers for the model routing configurations of a sandbox, which the API itself can only ask."""

from __future__ import annotations

import jsonschema_rs
from twosignal_contract import Contract

from twosignal_mock.apis.rest.routing import read_config, write_config
from twosignal_mock.apis.rest.store import repositories_of
from twosignal_mock.engine.control._call import ControlCall, check, invalid, refuse_unknown


async def list_routing_configs(call: ControlCall) -> object:
    """All configurations."""
    configs = await call.setting.store.read(
        call.project.number, lambda transaction: repositories_of(transaction).routing.all()
    )
    return {"configs": [write_config(config) for config in configs]}


async def set_routing_config(call: ControlCall) -> object:
    """A configuration, kept."""
    name = call.path["name"]
    wanted = {"name": name, **call.body}
    if wanted["name"] != name:
        raise invalid(f"body.name: {wanted['name']!r}", f"the name in the path, {name!r}", "leave it out")
    check(_shape(call.setting.contract), wanted, "body")
    config = read_config(wanted)
    await call.setting.store.write(
        call.project.number, lambda transaction: repositories_of(transaction).routing.put(config)
    )
    return write_config(config)


async def delete_routing_config(call: ControlCall) -> object:
    """Forgets a configuration."""
    name = call.path["name"]
    if not await call.setting.store.write(
        call.project.number, lambda transaction: repositories_of(transaction).routing.delete(name)
    ):
        then = "GET /__mock/v1/routing-configs lists them"
        refuse_unknown(f"routing configuration {name!r}", "the name of one", then)
    return None


def _shape(contract: Contract) -> jsonschema_rs.Validator:
    """What the contract's own configuration must look like, too: it is said once, where extensions are described."""
    definitions = contract.extension_definitions
    return jsonschema_rs.Draft202012Validator({"$defs": definitions, "$ref": "#/$defs/routing-config"})
