"""Decodes a JSON body. Odd encodings, odd numbers, NUL and deep nesting never get to a later stage."""

from __future__ import annotations

from typing import Any

import orjson

from twosignal_mock.engine.api import ApiError

DEEPEST = 220
"""Arrays and objects inside each other. orjson writes at most 254 levels, and it must be able to write what was sent
with a few levels around it. No documented body needs ten."""

_WRITABLE = 254
"""Levels that orjson writes; its own bound."""

_LONG = 16 * 1024
"""Bytes from which on to count brackets costs more than to write the value and see."""


def decode_json(raw: bytes) -> Any:
    """The value of a JSON text; raises ApiError. Of a key that stands twice the last counts."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise ApiError("malformed-json", problem=_explain(raw, error)) from None
    # Both tests are spared to most bodies: neither can fail unless these bytes are there.
    if (len(raw) > _LONG or raw.count(b"[") + raw.count(b"{") > DEEPEST) and _is_too_deep(value):
        raise ApiError("malformed-json", problem=f"arrays and objects are nested deeper than {DEEPEST} levels")
    if may_escape(raw) and b"\\u0000" in raw and (place := find_nul(value)) is not None:
        raise ApiError("malformed-json", problem=f"{place or 'body'} holds the character U+0000; leave it out")
    return value


def may_escape(raw: bytes) -> bool:
    """Whether a JSON text may write a character as an escape: to look for one byte is much cheaper than for two."""
    return b"\\" in raw


def find_nul(value: object, place: str = "") -> str | None:
    """Where the first string (or key) with U+0000 stands, as `a.b[0]`; None when there is none."""
    if isinstance(value, str):
        return place if "\0" in value else None
    if isinstance(value, dict):
        for name, inner in value.items():
            if "\0" in name:
                return place
            if (found := find_nul(inner, f"{place}.{name}" if place else name)) is not None:
                return found
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if (found := find_nul(inner, f"{place}[{index}]")) is not None:
                return found
    return None


def _is_too_deep(value: object) -> bool:
    # orjson counts levels in C; the lists around the value leave it exactly DEEPEST of those that it can write.
    for _ in range(_WRITABLE - DEEPEST):
        value = [value]
    try:
        orjson.dumps(value)
    except orjson.JSONEncodeError:
        return True
    return False


def _explain(raw: bytes, error: orjson.JSONDecodeError) -> str:
    if not raw:
        return "it is empty"
    return str(error)
