"""Where an API key stood in a request beside its header: told by its value, before that is hidden from readers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

import orjson

from twosignal_mock.engine.sandbox._journal import Entry

IsKey = Callable[[str], object]
"""True for a text that is a key which the mock knows."""

SHORTEST = 8
"""Characters of a key that is looked for: a shorter text may stand anywhere by chance."""

_KEY_HEADERS = frozenset({b"authorization", b"x-api-key"})
_WORD = re.compile(rf"[^\s\"'<>{{}}()\[\],;&=?#/:\\]{{{SHORTEST},}}")
"""What may be a key within a text."""


def own_keys(entry: Entry) -> list[str]:
    """What the request had as its key in a header."""
    headers = entry.attempt.headers
    return [key for name, value in headers if name.lower() in _KEY_HEADERS and (key := _credential(value))]


def key_places(entry: Entry, is_key: IsKey) -> list[str]:
    """`path`, `query` and `body`, as far as a known key stood there, or the one that the request had in its header."""
    attempt = entry.attempt
    raw = attempt.query.decode("latin-1") if isinstance(attempt.query, bytes) else attempt.query
    own = own_keys(entry)
    texts = {
        "path": map(unquote, attempt.path.split("/")),
        "query": (part for pair in parse_qsl(raw, keep_blank_values=True) for part in pair),
        "body": _texts(entry.body),
    }
    return [place for place, found in texts.items() if any(_holds(text, own, is_key) for text in found)]


def _credential(value: bytes) -> str:
    key = value.decode("latin-1").split(" ")[-1]
    return key if len(key) >= SHORTEST else ""


def _holds(text: str, own: list[str], is_key: IsKey) -> bool:
    if len(text) < SHORTEST:
        return False
    return any(key in text for key in own) or bool(is_key(text)) or any(map(is_key, _WORD.findall(text)))


def _texts(body: bytes) -> Iterator[str]:
    """All texts of a JSON body; another body, or the beginning of one, as it is and decoded as a form."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body.decode("utf-8", "replace")
        yield from dict.fromkeys((text, unquote_plus(text)))
    else:
        yield from _strings(value)


def _strings(value: Any) -> Iterator[str]:
    """In any order; a body may be deeper than calls of functions go."""
    rest = [value]
    while rest:
        match rest.pop():
            case str() as text:
                yield text
            case dict() as members:
                yield from members
                rest += members.values()
            case list() as items:
                rest += items
