"""Cursors of a list: the base64url text without padding of {"id":"<last id>"}, as in the documentation's examples."""

from __future__ import annotations

import base64
import binascii
import re

import orjson

from twosignal_mock.engine.api import Refusal

_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


def encode_cursor(trace: str) -> str:
    """The cursor of a page that ends with this trace."""
    return base64.urlsafe_b64encode(orjson.dumps({"id": trace})).rstrip(b"=").decode()


def decode_cursor(text: str) -> str:
    """The id of the trace that the page before ended with. Refuses what `encode_cursor` never gave."""
    try:
        if _BASE64URL.fullmatch(text) is None:
            raise ValueError(text)
        content = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error):
        content = None
    trace = content.get("id") if isinstance(content, dict) and len(content) == 1 else None
    if not isinstance(trace, str) or encode_cursor(trace) != text:
        raise unknown_cursor()
    return trace


def unknown_cursor() -> Refusal:
    """The refusal of a cursor that no answer of the project ever gave."""
    return Refusal(
        "invalid-value", place="cursor", problem="no answer gave this cursor; send a nextCursor back unchanged"
    )
