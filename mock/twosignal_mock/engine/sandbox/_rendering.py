"""What a reader of the journal and the ledger sees: JSON values without credentials.

Recording copies and decodes nothing: all that work is done here, when somebody reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from twosignal_mock.engine.sandbox._clock import instant_text
from twosignal_mock.engine.sandbox._journal import Entry
from twosignal_mock.engine.sandbox._key_places import own_keys
from twosignal_mock.engine.sandbox._ledger import LedgerEntry
from twosignal_mock.engine.sandbox._redaction import Redaction

_HINT = "x-mock-hint"

_DEEPEST = 200
"""Objects and arrays in one another: orjson reads 1,024 and writes 254, of which an entry and its page need some."""


def render_entry(entry: Entry, redaction: Redaction) -> dict[str, Any]:
    """An entry of the journal as the control API shows it."""
    attempt = entry.attempt
    redaction = redaction.with_own(own_keys(entry))
    query = attempt.query.decode("latin-1") if isinstance(attempt.query, bytes) else attempt.query
    return {
        "sequence": entry.sequence,
        "at": instant_text(attempt.at),
        "started": round(attempt.started, 6),
        "milliseconds": None if attempt.seconds is None else round(attempt.seconds * 1000, 3),
        "operation": attempt.operation_id,
        "method": attempt.method,
        "path": redaction.value(attempt.path),
        "query": redaction.query(query),
        "request": _message(redaction, attempt.headers, entry.body, entry.body_size, dropped=entry.bodies_dropped),
        "status": attempt.status,
        "response": _message(
            redaction, attempt.response_headers, entry.response, entry.response_size, dropped=entry.bodies_dropped
        ),
        "hints": [redaction.text(value) for name, value in map(_decoded, attempt.response_headers) if name == _HINT],
        "cause": attempt.cause,
        "clauses": list(attempt.clauses),
        "fault": attempt.fault,
        "group": entry.group,
        "attempt": entry.number,
        "attempt_keys": list(attempt.attempt_keys),
    }


def render_account(id_: str, entry: LedgerEntry) -> dict[str, Any]:
    """The account of one id as the control API shows it."""
    return {"id": id_, **entry._asdict()}


def _message(
    redaction: Redaction, headers: Sequence[tuple[bytes, bytes]], body: bytes, size: int, *, dropped: bool
) -> dict[str, Any]:
    value, whole = _body(redaction, body, size)
    return {
        "headers": [[name, redaction.header(name, value)] for name, value in map(_decoded, headers)],
        "body": value,
        "body_bytes": size,
        "body_is": "dropped" if dropped and size else whole,
    }


def _decoded(header: tuple[bytes, bytes]) -> tuple[str, str]:
    name, value = header
    return name.decode("latin-1"), value.decode("latin-1")


def _body(redaction: Redaction, body: bytes, size: int) -> tuple[Any, str]:
    """What was kept of a body, and how it is shown: `json`, `text`, `cut` (a text that is its beginning) or `none`."""
    if not body:
        return None, "none"
    if len(body) < size:
        return redaction.text(body.decode("utf-8", "replace")), "cut"
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return redaction.text(body.decode("utf-8", "replace")), "text"
    if _is_deep(value):
        return redaction.text(body.decode("utf-8", "replace")), "text"
    return redaction.json(value), "json"


def _is_deep(value: Any) -> bool:
    """True when a value is deeper than it can be shown as part of an entry."""
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each if isinstance(each, list) else ())
        ]
        if not level:
            return False
    return True
