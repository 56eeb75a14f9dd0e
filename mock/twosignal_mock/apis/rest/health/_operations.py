"""The operation of health: answers what the contract says it always answers."""

from __future__ import annotations

from twosignal_contract import Contract

from twosignal_mock.engine.api import Operation, Setting


def operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:
    """GET /api/v1/health."""
    del setting
    properties = contract.document["components"]["schemas"]["Health"]["properties"]
    body = {"status": properties["status"]["const"]}
    return (Operation("getHealth", lambda call, transaction: body, stateless=True),)
