"""How messages name what came and what was expected."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

_MOST_CHARACTERS = 60
"""A message is one line; what came is shown as far as helps to recognise it."""


def quote(value: Any) -> str:
    """The value as JSON, cut short."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "..."


def one_of(names: Iterable[Any]) -> str:
    """A choice: `one of must, should, may`."""
    words = [name if isinstance(name, str) else quote(name) for name in names]
    return words[0] if len(words) == 1 else "one of " + ", ".join(words)


def with_article(noun: str) -> str:
    """The noun with `a` or `an`; with `the` when a document has one of it (`the root`) or it is a plural."""
    if noun in {"root", "info"} or noun.endswith("s"):
        return f"the {noun}"
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
