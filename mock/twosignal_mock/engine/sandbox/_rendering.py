"""What a reader of the journal and the ledger sees: JSON values without credentials.

Recording copies and decodes nothing: all that work is done here, when somebody reads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import orjson

from twosignal_mock.engine.sandbox._clock import instant_text
from twosignal_mock.engine.sandbox._journal import Entry
from twosignal_mock.engine.sandbox._ledger import LedgerEntry

HIDDEN = "[redacted]"

_TAIL = 4
"""Last characters of a key that stay, so that one can tell keys apart."""

_SECRET_NAME = re.compile(r"(?i)(?:.*[_-]?(?:token|password|secret)|api[_-]?key)\Z")
_SECRET_PAIR = re.compile(r"(?i)((?:^|[?&;])(?:[\w.%-]*(?:token|password|secret)|api[_-]?key)=)[^&;\s]*")
_SECRET_MEMBER = re.compile(r'(?i)("(?:[^"\\]*(?:token|password|secret)|api[_-]?key)"\s*:\s*)"(?:[^"\\]|\\.)*"?')
_HIDDEN_HEADERS = frozenset({"cookie", "set-cookie"})
_KEY_HEADERS = frozenset({"authorization", "proxy-authorization", "x-api-key"})


def redact_header(name: str, value: str) -> str:
    """The value as it may be shown: of a bearer token the scheme and the last four characters, of a cookie nothing."""
    lower = name.lower()
    if lower in _HIDDEN_HEADERS:
        return HIDDEN
    if lower in _KEY_HEADERS:
        scheme, space, credentials = value.partition(" ")
        if not space:
            return key_end(value)
        # Only of an opaque token is the tail harmless: that of Basic holds the end of a password.
        return f"{scheme} {key_end(credentials) if scheme.lower() == 'bearer' else HIDDEN}"
    return value


def redact_query(query: str) -> str:
    """A query string with the values of secret parameters hidden."""
    return _SECRET_PAIR.sub(rf"\1{HIDDEN}", query)


def redact_json(value: Any) -> Any:
    """A copy of a JSON value in which texts under secret names are hidden. Counts such as `maxToken: 3` stay."""
    if isinstance(value, dict):
        return {
            key: HIDDEN if isinstance(member, str) and _SECRET_NAME.match(key) else redact_json(member)
            for key, member in value.items()
        }
    if isinstance(value, list):
        return [redact_json(item) for item in value]
    return value


def redact_text(text: str) -> str:
    """A text that is no JSON, or only the beginning of one."""
    return _SECRET_PAIR.sub(rf"\1{HIDDEN}", _SECRET_MEMBER.sub(rf'\1"{HIDDEN}"', text))


def key_end(key: str) -> str:
    """What may be shown of a key: its last characters, by which one can tell keys apart."""
    return HIDDEN + (key[-_TAIL:] if len(key) > 2 * _TAIL else "")


def render_entry(entry: Entry) -> dict[str, Any]:
    """An entry of the journal as the control API shows it."""
    attempt = entry.attempt
    query = attempt.query.decode("latin-1") if isinstance(attempt.query, bytes) else attempt.query
    return {
        "sequence": entry.sequence,
        "at": instant_text(attempt.at),
        "started": round(attempt.started, 6),
        "milliseconds": None if attempt.seconds is None else round(attempt.seconds * 1000, 3),
        "operation": attempt.operation_id,
        "method": attempt.method,
        "path": attempt.path,
        "query": redact_query(query),
        "request": _message(attempt.headers, entry.body, entry.body_size, dropped=entry.bodies_dropped),
        "status": attempt.status,
        "response": _message(
            attempt.response_headers, entry.response, entry.response_size, dropped=entry.bodies_dropped
        ),
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


def _message(headers: Sequence[tuple[bytes, bytes]], body: bytes, size: int, *, dropped: bool) -> dict[str, Any]:
    value, whole = _body(body, size)
    return {
        "headers": [[name, redact_header(name, value)] for name, value in map(_decoded, headers)],
        "body": value,
        "body_bytes": size,
        "body_is": "dropped" if dropped and size else whole,
    }


def _decoded(header: tuple[bytes, bytes]) -> tuple[str, str]:
    name, value = header
    return name.decode("latin-1"), value.decode("latin-1")


def _body(body: bytes, size: int) -> tuple[Any, str]:
    """What was kept of a body, and how it is shown: `json`, `text`, `cut` (a text that is its beginning) or `none`."""
    if not body:
        return None, "none"
    if len(body) < size:
        return redact_text(body.decode("utf-8", "replace")), "cut"
    try:
        return redact_json(orjson.loads(body)), "json"
    except orjson.JSONDecodeError:
        return redact_text(body.decode("utf-8", "replace")), "text"
