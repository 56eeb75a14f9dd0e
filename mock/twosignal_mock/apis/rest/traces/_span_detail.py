"""What a span carries that only a reader of single spans wants: one JSON array, its values in the order of the names.

An array and no object: names would be a third of it, and take as long to gather as the rest of a span to read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

_NAMES = ("input", "output", "model", "modelParameters", "usage", "errorMessage", "metadata")


def write_detail(fields: Mapping[str, Any]) -> str:
    """Of the body of a span-create, or what means the same; other fields are left out."""
    return orjson.dumps(list(map(fields.get, _NAMES))).decode()


def read_detail(text: str) -> dict[str, Any]:
    """The fields that were sent, and were not null."""
    return {name: value for name, value in zip(_NAMES, orjson.loads(text), strict=True) if value is not None}
