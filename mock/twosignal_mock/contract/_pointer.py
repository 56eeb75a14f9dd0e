"""JSON pointers (RFC 6901): how a place in the document is written down and found again."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

NOTHING = object()
"""What stands at a pointer that leads nowhere; `None` is a value of the document."""


def join(pointer: str, *steps: str | int) -> str:
    """The pointer of something below `pointer`."""
    return pointer + "".join(f"/{_escape(step)}" for step in steps)


def of_reference(reference: str) -> str | None:
    """The pointer that a local `$ref` (`#/...`, percent-encoded) means; None when it leads out of the document."""
    if reference != "#" and not reference.startswith("#/"):
        return None
    return unquote(reference[1:])


def look_up(document: Any, pointer: str) -> Any:
    """The value at the pointer, or NOTHING when it leads nowhere."""
    value = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return NOTHING
    return value


def _escape(step: str | int) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")
