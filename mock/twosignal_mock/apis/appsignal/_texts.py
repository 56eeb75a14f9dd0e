"""Texts that no data can hold: a body with U+0000 is refused, whatever its operation; clause requests.json.nul."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from twosignal_mock.engine.api import ApiError, Call, Handler

_NUL = "\0"


def without_nul(handler: Handler) -> Handler:
    """The same handler, which never meets the character."""
    handle = handler.handle

    def check(call: Call, transaction: Any) -> object:
        if call.body is not None:
            _check(call.body, "")
        return handle(call, transaction)

    return replace(handler, handle=check)


def _check(value: Any, place: str) -> None:
    if isinstance(value, str):
        if _NUL in value:
            raise ApiError("invalid-value", place=place or "body", problem="holds U+0000; expected a text without it")
    elif isinstance(value, dict):
        for name, member in value.items():
            _check(member, f"{place}.{name}" if place else name)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, f"{place}[{index}]")
