"""Handlers of the engine for the server, the clock, the faults, the journal and the ledger."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from twosignal_mock.engine.control._call import EngineCall, invalid, raise_unknown
from twosignal_mock.engine.control._metrics import CONTENT_TYPE
from twosignal_mock.engine.sandbox import (
    Clock,
    ClockError,
    ClockKind,
    FaultError,
    Outcome,
    instant_text,
    parse_instant,
    render_account,
)

_MICROSECONDS = 1_000_000
_LISTED = "GET /__mock/v1/faults lists them"


# --- the server ------------------------------------------------------------------------------------------------------
async def get_health(call: EngineCall) -> object:
    """That it serves."""
    return {"status": "ok", "version": call.document.version, "contract": call.parts.apis[0].contract.version}


async def get_control_document(call: EngineCall) -> object:
    """The document of the control API."""
    return call.document.value


async def get_contract(call: EngineCall) -> object:
    """Which contract the mock obeys."""
    contract = call.served.contract
    return {
        "title": contract.document["info"]["title"],
        "version": contract.version,
        "sha256": contract.sha256,
        "path": str(contract.path),
        "clauses": len(contract.clauses),
        "operations": len(contract.operations),
        "plans": dict(contract.plans),
    }


async def get_contract_document(call: EngineCall) -> object:
    """The contract itself."""
    return call.served.contract.document


async def get_metrics(call: EngineCall) -> object:
    """Counters for Prometheus."""
    return Response(call.parts.metrics.text(), headers={"Content-Type": CONTENT_TYPE})


# --- the clock -------------------------------------------------------------------------------------------------------
async def get_clock(call: EngineCall) -> object:
    """What the clock shows."""
    return show_clock(call.sandbox.clock)


async def set_clock(call: EngineCall) -> object:
    """Another way to go."""
    clock = call.sandbox.clock
    kind = ClockKind(call.body["kind"])
    try:
        at = parse_instant(call.body["at"]) if "at" in call.body else None
    except ClockError as error:
        raise invalid(f"at: {error}", "an instant", "send one such as 2026-01-31T12:00:00Z") from None
    if kind is ClockKind.FROZEN:
        clock.freeze(at)
    elif kind is ClockKind.RUNNING:
        clock.run(at)
    else:
        clock.follow()
    call.wake()
    return show_clock(clock)


async def advance_clock(call: EngineCall) -> object:
    """The clock, moved."""
    clock = call.sandbox.clock
    try:
        clock.advance(round(call.body["seconds"] * _MICROSECONDS))
    except ClockError as error:
        raise invalid(f"seconds: {error}", "fewer", "PUT /__mock/v1/clock sets any instant") from None
    call.wake()
    return show_clock(clock)


async def get_work(call: EngineCall) -> object:
    """Whether anything is left to do beside the requests."""
    return {"idle": await call.parts.workers.wait(call.project, call.query["wait"])}


def show_clock(clock: Clock) -> dict[str, Any]:
    """A clock as the control API shows it."""
    return {"kind": clock.kind, "now": instant_text(clock.now())}


# --- faults ----------------------------------------------------------------------------------------------------------
async def list_faults(call: EngineCall) -> object:
    """All rules."""
    return {"faults": call.sandbox.faults.list()}


async def add_fault(call: EngineCall) -> object:
    """A new rule."""
    faults = call.sandbox.faults
    try:
        rule = faults.add(call.body)
    except FaultError as error:
        raise invalid(str(error), "what the contract has", "GET /__mock/v1/contract/document shows it") from None
    return faults.get(rule.id)


async def get_fault(call: EngineCall) -> object:
    """One rule."""
    found = call.sandbox.faults.get(call.path["id"])
    if found is None:
        raise_unknown(f"fault {call.path['id']!r}", "the id of a rule", _LISTED)
    return found


async def remove_fault(call: EngineCall) -> object:
    """Takes a rule back."""
    if not call.sandbox.faults.remove(call.path["id"]):
        raise_unknown(f"fault {call.path['id']!r}", "the id of a rule", _LISTED)
    return None


async def clear_faults(call: EngineCall) -> object:
    """Takes all rules back."""
    call.sandbox.faults.clear()
    return None


# --- journal and ledger ----------------------------------------------------------------------------------------------
async def clear_journal(call: EngineCall) -> object:
    """Forgets all entries."""
    call.sandbox.journal.clear()
    return None


async def read_ledger(call: EngineCall) -> object:
    """Counts over all ids, and some accounts."""
    ledger, wanted = call.sandbox.ledger, call.query.get("outcome")
    accounts = ledger.entries(
        None if wanted is None else Outcome(wanted), offset=call.query["offset"], limit=call.query["limit"]
    )
    return {"summary": ledger.summary(), "entries": [render_account(id_, account) for id_, account in accounts]}
