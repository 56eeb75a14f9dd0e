"""Handlers for what clients did: journal and ledger."""

from __future__ import annotations

from twosignal_mock.engine.control._call import ControlCall
from twosignal_mock.engine.sandbox import Outcome, render_account, render_entry


async def read_journal(call: ControlCall) -> object:
    """Entries above a sequence."""
    journal, since = call.sandbox.journal, call.query["since"]
    entries = journal.entries(since, call.query["limit"])
    return {
        "entries": [render_entry(entry) for entry in entries],
        "next": entries[-1].sequence if entries else since,
        "last": journal.last_sequence,
    }


async def clear_journal(call: ControlCall) -> object:
    """Forgets all entries."""
    call.sandbox.journal.clear()
    return None


async def read_ledger(call: ControlCall) -> object:
    """Counts over all ids, and some accounts."""
    ledger, wanted = call.sandbox.ledger, call.query.get("outcome")
    accounts = ledger.entries(
        None if wanted is None else Outcome(wanted), offset=call.query["offset"], limit=call.query["limit"]
    )
    return {"summary": ledger.summary(), "entries": [render_account(id_, account) for id_, account in accounts]}
