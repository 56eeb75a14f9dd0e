"""What the journal never shows: credentials in headers, queries and bodies. Works on copies, when somebody reads."""

from __future__ import annotations

import re
from typing import Any

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
            return _tail(value)
        # Only of an opaque token is the tail harmless: that of Basic holds the end of a password.
        return f"{scheme} {_tail(credentials) if scheme.lower() == 'bearer' else HIDDEN}"
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


def _tail(key: str) -> str:
    return HIDDEN + (key[-_TAIL:] if len(key) > 2 * _TAIL else "")
