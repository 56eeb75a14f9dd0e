"""How things are found: places of the document by JSON pointer (RFC 6901), rows of the contract by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, TypeVar
from urllib.parse import unquote

Value = TypeVar("Value")

NOTHING = object()
"""What stands at a pointer that leads nowhere; `None` is a value of the document."""


def join(pointer: str, *steps: str | int) -> str:
    """The pointer of something below `pointer`."""
    return pointer + "".join(f"/{escape(step)}" for step in steps)


def escape(step: str | int) -> str:
    """A key or an index as a step of a pointer."""
    text = str(step)
    return text.replace("~", "~0").replace("/", "~1") if "~" in text or "/" in text else text


def of_reference(reference: object) -> str | None:
    """The pointer that a local `$ref` (`#/...`, percent-encoded) means; None when it leads out of the document."""
    if not isinstance(reference, str) or not (reference == "#" or reference.startswith("#/")):
        return None
    return unquote(reference[1:])


def look_up(document: Any, pointer: str) -> Any:
    """The value at the pointer, or NOTHING when it leads nowhere."""
    value = document
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdecimal() and int(key) < len(value):
            value = value[int(key)]
        else:
            return NOTHING
    return value


def resolve(document: Mapping[str, Any], node: Any) -> tuple[Any, str | None]:
    """What a node stands for, and the pointer of that; None for the pointer when the node is no reference.

    The references of the document must have been checked.
    """
    pointer = None
    while isinstance(node, Mapping) and "$ref" in node:
        pointer = of_reference(node["$ref"])
        node = look_up(document, pointer or "")
    return node, pointer


class UnknownNameError(KeyError):
    """The contract has nothing of this name; the message names the one that may be meant."""

    def __str__(self) -> str:
        return str(self.args[0])


def pick(table: Mapping[str, Value], name: str, kind: str) -> Value:
    """The value of a name; UnknownNameError when there is none."""
    try:
        return table[name]
    except KeyError:
        raise UnknownNameError(f"no {kind} '{name}'{hint(name, table)}") from None


def hint(name: str, names: Iterable[str]) -> str:
    """The end of a message that asks whether a similar name was meant; empty when none is similar."""
    near = get_close_matches(name, list(names), 1)
    return f"; did you mean {near[0]}?" if near else ""
