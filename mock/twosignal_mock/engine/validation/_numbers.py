"""Finds numbers that 64 bits would change: integers that are too large, decimals with too many digits or too small.

Nearly no body has any. So a body is looked at in two passes over its bytes, without reading a value, and is read anew
only when something that looks like such a number is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

_LONG = 16
"""Digits and points in a row that a number needs to be changed: 64 bits hold any with fewer, but for the tiny ones."""
_RUN = b"1" * _LONG
_TINY = b"1e-111"
"""What a number like 1.5e-320 looks like, which is less than doubles can tell apart."""
_FORMS = bytes(
    ord("1") if chr(byte) in "0123456789." else ord("e") if chr(byte) in "eE" else byte if chr(byte) == "-" else 32
    for byte in range(256)
)
_BEFORE = b":,[ \t\r\n"
"""What can stand before a number in JSON."""
_NUMBER = re.compile(rb"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_LONGEST = 20
"""Characters of an integer of 64 bits."""
_INTEGERS = range(-(2**63), 2**64)


def find_changed(raw: bytes) -> tuple[str, str] | None:
    """The place of a number in a JSON text that would not be answered as it was sent, and its text; None without."""
    forms = raw.translate(_FORMS)
    if (_RUN in forms and _may_change(_RUN, raw, forms)) or (_TINY in forms and _may_change(_TINY, raw, forms)):
        return _find(json.loads(raw, parse_int=_Number, parse_float=_Number))
    return None


class _Number(str):
    """The text of a number."""

    __slots__ = ()


def _changes(text: str) -> bool:
    if text.lstrip("-").isdecimal():
        return len(text) > _LONGEST or int(text) not in _INTEGERS
    try:
        return Decimal(text) != Decimal(repr(float(text)))
    except InvalidOperation:  # an exponent beyond any bound
        return True


def _may_change(form: bytes, raw: bytes, forms: bytes) -> bool:
    """True when a form is found in a number that changes, or in a text that looks like one."""
    at = forms.find(form)
    while at >= 0:
        begin = end = at
        while begin > 0 and forms[begin - 1] == _RUN[0]:
            begin -= 1
        while end < len(forms) and forms[end] == _RUN[0]:
            end += 1
        begin -= begin > 0 and raw[begin - 1] == ord("-")
        number = _NUMBER.match(raw, begin) if begin == 0 or raw[begin - 1] in _BEFORE else None
        if number is not None and _changes(number.group().decode()):
            return True
        at = forms.find(form, end)
    return False


def _find(value: Any, place: str = "") -> tuple[str, str] | None:
    if isinstance(value, _Number):
        return (place, str(value)) if _changes(value) else None
    inner: Iterable[tuple[str, Any]] = ()
    if isinstance(value, dict):
        inner = ((f"{place}.{name}" if place else name, item) for name, item in value.items())
    elif isinstance(value, list):
        inner = ((f"{place}[{index}]", item) for index, item in enumerate(value))
    return next((found for name, item in inner if (found := _find(item, name)) is not None), None)
