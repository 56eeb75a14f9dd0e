"""Handlers for the mock as a whole."""

from __future__ import annotations

from starlette.responses import Response

from twosignal_mock.engine.control._call import ControlCall
from twosignal_mock.engine.control._metrics import CONTENT_TYPE


async def get_health(call: ControlCall) -> object:
    """That it serves."""
    return {"status": "ok", "version": call.document.version, "contract": call.setting.contract.version}


async def get_control_document(call: ControlCall) -> object:
    """The document of the control API."""
    return call.document.value


async def get_contract(call: ControlCall) -> object:
    """Which contract the mock obeys."""
    contract = call.setting.contract
    return {
        "title": contract.document["info"]["title"],
        "version": contract.version,
        "sha256": contract.sha256,
        "path": str(contract.path),
        "clauses": len(contract.clauses),
        "operations": len(contract.operations),
        "plans": dict(contract.plans),
    }


async def get_contract_document(call: ControlCall) -> object:
    """The contract itself."""
    return call.setting.contract.document


async def get_metrics(call: ControlCall) -> object:
    """Counters for Prometheus."""
    return Response(call.setting.metrics.text(), headers={"Content-Type": CONTENT_TYPE})
