"""Handlers of the engine for the journal: read, filtered, in both orders, and asked for what a test expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from twosignal_mock.engine.control._call import EngineCall, invalid, raise_unknown
from twosignal_mock.engine.sandbox import (
    ClockError,
    Entry,
    Journal,
    JournalQuery,
    NearMiss,
    key_places,
    near_misses,
    parse_instant,
    render_entry,
    shown,
)


async def read_journal(call: EngineCall) -> object:
    """The entries that the filters keep."""
    return _page(call.sandbox.journal, call)


async def list_dropped(call: EngineCall) -> object:
    """Sandboxes that are gone but for their journals."""
    return {
        "dropped": [
            {
                "number": row.number,
                "id": row.project.id,
                "name": row.project.name,
                "clock": row.clock,
                "journal": len(row.journal),
            }
            for row in call.parts.sandboxes.dropped.list()
        ]
    }


async def read_dropped_journal(call: EngineCall) -> object:
    """The same as `read_journal`, of a sandbox that is gone."""
    number = call.path["number"]
    found = call.parts.sandboxes.dropped.find(int(number)) if number.isascii() and number.isdigit() else None
    if found is None:
        raise_unknown(f"dropped sandbox {number!r}", "the number of one", "GET /__mock/v1/dropped lists them")
    return _page(found.journal, call)


async def verify_journal(call: EngineCall) -> object:
    """Whether as many requests came as the body expects."""
    least, most = _counts(call.body)
    query = _query_of(call.body)
    entries = call.sandbox.journal.entries()
    found = [entry.sequence for entry in entries if query.matches(entry)]
    missed = near_misses(entries, query) if len(found) < least else ()
    return {
        "verified": least <= len(found) and (most is None or len(found) <= most),
        "expected": _told(least, most),
        "found": len(found),
        "sequences": found,
        "near_misses": [_near(miss, call) for miss in missed],
    }


def _page(journal: Journal, call: EngineCall) -> object:
    since, before, limit = call.query["since"], call.query.get("before"), call.query["limit"]
    newest = call.query["order"] == "newest"
    query = _query_of(call.query)
    candidates: Iterable[Entry] = journal.latest(before) if newest else journal.entries(since)
    kept = (
        entry
        for entry in candidates
        if entry.sequence > since and (before is None or entry.sequence < before) and query.matches(entry)
    )
    entries = list(islice(kept, limit))
    if entries:
        following = entries[-1].sequence
    elif newest:
        following = 0 if before is None else before
    else:
        following = since
    redaction, is_key = call.parts.redaction, call.parts.registry.is_key
    return {
        "entries": [{**render_entry(entry, redaction), "key_in": key_places(entry, is_key)} for entry in entries],
        "next": following,
        "last": journal.last_sequence,
    }


def _query_of(asked: Mapping[str, Any]) -> JournalQuery:
    return JournalQuery(
        operation=asked.get("operation"),
        method=asked.get("method"),
        path=asked.get("path"),
        status=asked.get("status"),
        clause=asked.get("clause"),
        begin=_instant(asked, "from"),
        end=_instant(asked, "until"),
        query=asked.get("query") or {},
        headers=asked.get("headers") or {},
        body=asked.get("body"),
    )


def _instant(asked: Mapping[str, Any], name: str) -> int | None:
    if (text := asked.get(name)) is None:
        return None
    try:
        return parse_instant(text)
    except ClockError as error:
        raise invalid(f"{name}: {error}", "an instant", "send one such as 2026-01-31T12:00:00Z") from None


def _counts(asked: Mapping[str, Any]) -> tuple[int, int | None]:
    count, least, most = (asked.get(name) for name in ("count", "at_least", "at_most"))
    if count is not None and (least is not None or most is not None):
        raise invalid("count beside at_least or at_most", "one way to say how many", "leave one out")
    if count is not None:
        return count, count
    if least is not None and most is not None and least > most:
        raise invalid(f"at_least {least} and at_most {most}", "at_least no more than at_most", "correct one")
    return (0 if most is not None else 1) if least is None else least, most


def _told(least: int, most: int | None) -> str:
    if least == most:
        return f"exactly {least}"
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if least == 0 else f"{least} to {most}"


def _near(miss: NearMiss, call: EngineCall) -> object:
    redaction = call.parts.redaction

    def told(place: str, value: object) -> str:
        name = place.replace(" ", ".").rpartition(".")[2]  # `header x-version` and `body.deep.n`
        return redaction.text(shown(redaction.json({name: value})[name]))

    return {
        "sequence": miss.entry.sequence,
        "method": miss.entry.attempt.method,
        "path": redaction.value(miss.entry.attempt.path),
        "differences": [
            f"{place}: got {told(place, got)}, expected {told(place, expected)}"
            for place, got, expected in miss.differences
        ],
    }
