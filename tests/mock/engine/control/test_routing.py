"""Model routing configurations over the control API."""

from typing import Any

import pytest
from twosignal_contract import Contract
from twosignal_mock.apis.rest.routing import read_config, write_config
from twosignal_mock.apis.rest.store import repositories_of

from tests.mock.engine.control.world import Call, World

RULE = {"name": "all", "condition": {"type": "always"}, "model": "large-model", "priority": 1}
CONFIG = {"defaultModel": "small-model", "rules": [RULE]}


async def test_a_configuration_is_kept_replaced_and_forgotten(call: Call, world: World) -> None:
    kept = (await call("PUT", "/v1/routing-configs/support", CONFIG)).json()
    assert kept == CONFIG | {"name": "support", "enabled": True}
    assert (await call("GET", "/v1/routing-configs")).json() == {"configs": [kept]}
    await call("PUT", "/v1/routing-configs/support", CONFIG | {"name": "support", "enabled": False, "rules": []})
    number = world.sandbox.project.number
    config = await world.parts.store.read(number, lambda reader: repositories_of(reader).routing.find("support"))
    assert config is not None
    assert (config.enabled, config.rules) == (False, ())
    assert (await call("DELETE", "/v1/routing-configs/support")).status_code == 204
    assert (await call("DELETE", "/v1/routing-configs/support")).status_code == 404


async def test_the_contracts_own_configuration_can_be_kept_as_it_is(call: Call, contract: Contract) -> None:
    built_in = contract.extension("x-rest-routing")["default-config"]
    kept = (await call("PUT", f"/v1/routing-configs/{built_in['name']}", built_in)).json()
    assert kept == write_config(read_config(built_in))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"defaultModel": "", "rules": []},
        CONFIG | {"name": "another"},
        CONFIG | {"colour": "red"},
        CONFIG | {"rules": [RULE | {"condition": {"type": "moon"}}]},
        CONFIG | {"rules": [RULE | {"condition": {"type": "complexity"}}]},
        CONFIG | {"rules": [RULE | {"priority": "first"}]},
    ],
    ids=["empty", "no model", "another name", "unknown field", "unknown condition", "no threshold", "wrong type"],
)
async def test_a_wrong_configuration_is_refused(call: Call, body: dict[str, Any]) -> None:
    answer = await call("PUT", "/v1/routing-configs/support", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")
    assert (await call("GET", "/v1/routing-configs")).json() == {"configs": []}
