"""Faults over the control API."""

from typing import Any

import pytest
from twosignal_contract import Contract

from tests.mock.engine.control.world import Call, World


async def test_an_ordered_fault_strikes_and_is_counted(call: Call, world: World, contract: Contract) -> None:
    operation = next(iter(contract.operations))
    answer = await call(
        "POST", "/v1/faults", {"kind": "reset", "phase": "after-commit", "operations": [operation], "nth": 2}
    )
    rule = answer.json()
    assert (answer.status_code, rule["seen"], rule["struck"]) == (201, 0, 0)
    met = [world.sandbox.faults.decide(operation, ordinal) for ordinal in (1, 2, 3)]
    assert [fault and fault.rule for fault in met] == [None, rule["id"], None]
    shown = (await call("GET", f"/v1/faults/{rule['id']}")).json()
    assert shown == rule | {"seen": 3, "struck": 1}
    assert (await call("GET", "/v1/faults")).json() == {"faults": [shown]}


async def test_code_and_message_come_from_the_catalogue(call: Call, contract: Contract) -> None:
    for cause, kind in contract.errors.items():
        rule = (await call("POST", "/v1/faults", {"kind": "status", "cause": cause})).json()
        assert (rule["status"], rule["cause"]) == (kind.status, cause)


async def test_faults_are_taken_back(call: Call, world: World) -> None:
    rules = [(await call("POST", "/v1/faults", {"kind": "reset"})).json()["id"] for _ in range(3)]
    assert (await call("DELETE", f"/v1/faults/{rules[0]}")).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await call(method, f"/v1/faults/{rules[0]}")).status_code == 404
    assert (await call("DELETE", "/v1/faults")).status_code == 204
    assert len(world.sandbox.faults) == 0


@pytest.mark.parametrize(
    ("order", "named"),
    [
        ({}, "kind"),
        ({"kind": "explode"}, "body.kind"),
        ({"kind": "status"}, "status"),
        ({"kind": "status", "status": 99}, "body.status"),
        ({"kind": "status", "status": 600}, "body.status"),
        ({"kind": "status", "status": 503, "content_type": "text/plain"}, "body"),
        ({"kind": "status", "status": 503, "body": "x", "content_type": "a\r\nb: c"}, "body.content_type"),
        ({"kind": "status", "cause": "nonsense"}, "nonsense"),
        ({"kind": "reset", "status": 500}, "body.status"),
        ({"kind": "delay"}, "delay"),
        ({"kind": "delay", "delay": 1.5}, "body.delay"),
        ({"kind": "delay", "delay": "601s"}, "delay: '601s'"),
        ({"kind": "delay", "delay": "250"}, "body.delay"),
        ({"kind": "delay", "delay": "200..50ms"}, "delay: '200..50ms'"),
        ({"kind": "delay", "delay": "-1s"}, "body.delay"),
        ({"kind": "delay", "delay": "1m"}, "body.delay"),
        ({"kind": "delay", "delay": "1.2.3s"}, "delay: '1.2.3s'"),
        ({"kind": "delay", "delay": "\u0661s"}, "body.delay"),
        ({"kind": "reset", "keep": 3}, "body.keep"),
        ({"kind": "reset", "body": "x"}, "body.body"),
        ({"kind": "reset", "nth": 0}, "body.nth"),
        ({"kind": "reset", "probability": 1.5}, "body.probability"),
        ({"kind": "reset", "operations": ["noSuchOperation"]}, "noSuchOperation"),
        ({"kind": "reset", "operations": []}, "body.operations"),
        ({"kind": "reset", "retry_after_form": "seconds"}, "retry_after"),
        ({"kind": "reset", "pahse": "before"}, "pahse"),
    ],
    ids=lambda value: None if isinstance(value, dict) else str(value),
)
async def test_a_wrong_order_is_refused_with_its_place(call: Call, order: dict[str, Any], named: str) -> None:
    answer = await call("POST", "/v1/faults", order)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "INVALID_REQUEST")
    assert named in answer.json()["error"]["message"]
    assert (await call("GET", "/v1/faults")).json() == {"faults": []}
