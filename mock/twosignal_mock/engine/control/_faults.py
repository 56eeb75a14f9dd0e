"""Handlers for the faults of a sandbox."""

from __future__ import annotations

from twosignal_mock.engine.control._call import ControlCall, invalid, refuse_unknown
from twosignal_mock.engine.sandbox import FaultError

_LISTED = "GET /__mock/v1/faults lists them"


async def list_faults(call: ControlCall) -> object:
    """All rules."""
    return {"faults": call.sandbox.faults.list()}


async def add_fault(call: ControlCall) -> object:
    """A new rule."""
    faults = call.sandbox.faults
    try:
        rule = faults.add(call.body)
    except FaultError as error:
        raise invalid(str(error), "what the contract has", "GET /__mock/v1/contract/document shows it") from None
    return faults.get(rule.id)


async def get_fault(call: ControlCall) -> object:
    """One rule."""
    found = call.sandbox.faults.get(call.path["id"])
    if found is None:
        refuse_unknown(f"fault {call.path['id']!r}", "the id of a rule", _LISTED)
    return found


async def remove_fault(call: ControlCall) -> object:
    """Takes a rule back."""
    if not call.sandbox.faults.remove(call.path["id"]):
        refuse_unknown(f"fault {call.path['id']!r}", "the id of a rule", _LISTED)
    return None


async def clear_faults(call: ControlCall) -> object:
    """Takes all rules back."""
    call.sandbox.faults.clear()
    return None
