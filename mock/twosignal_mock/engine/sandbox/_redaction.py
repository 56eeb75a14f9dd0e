"""Hides credentials in what readers of the journal see: by the name beside a value, and by the value itself.

A name counts however it is encoded. A value counts when it is an API key that the server knows, or looks like a
credential: a key of the contract's form, a JSON web token, what follows `Bearer` or `Basic`. The last characters of a
key stay, so that one can tell keys apart and sees that one was there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from copy import copy
from typing import Any, Self
from urllib.parse import unquote_plus

HIDDEN = "[redacted]"

_TAIL = 4
_SHORTEST = 6
"""Characters of a text that is looked at for itself: a shorter one would hide words."""
_MOST_DECODING = 3
"""Layers of percent-encoding that are taken off a name or value."""

_SECRET_NAME = re.compile(
    r"(?i)(?:.*(?:token|password|passwd|secret|api[_-]?key|authorization)|(?:.*[_-])?(?:passwords|secrets|api[_-]?keys))\Z"
)
_COOKIES = frozenset({"cookie", "set-cookie"})
_PAIR = re.compile(r"((?:^|(?<=[?&;\s]))([^=&;?\s\"']{1,200})=)([^&;\s\"']*)")
_MEMBER = re.compile(r'("((?:[^"\\]|\\.){1,200})"\s*:\s*)"((?:[^"\\]|\\.)*)"?')
_WORD = re.compile(r"[^\s\"'<>(){}\[\],;&?=#/:@|\\]{6,}")
_SCHEME = re.compile(r"(?i)\b((?:bearer|basic)\s+)([^\s,;\"'&]{8,})")
_WEB_TOKEN = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")


class Redaction:
    """Hides what is secret to one server."""

    def __init__(self, is_key: Callable[[str], bool] = lambda _text: False, prefixes: Iterable[str] = ()) -> None:
        """`is_key` knows the server's keys; `prefixes`: what keys of the contracts begin with."""
        self._is_key = is_key
        beginnings = "|".join(map(re.escape, prefixes))
        # Long, of letters and digits, without a separator: a name such as ts_my_agent is no key.
        form = rf"(?:{beginnings})(?=[A-Za-z]*[0-9])[A-Za-z0-9]{{16,}}" if beginnings else r"(?!)"
        self._looks = re.compile(form)
        self._own: tuple[str, ...] = ()

    def with_own(self, keys: Iterable[str]) -> Self:
        """The same, that also hides these keys wherever they stand: those that the request itself had in its header."""
        if not (own := tuple(key for key in keys if len(key) >= _SHORTEST)):
            return self
        made = copy(self)
        made._own = own
        return made

    def header(self, name: str, value: str) -> str:
        """The value of a header field: of a credential its scheme and the end of its key, of a cookie nothing."""
        if name.lower() in _COOKIES:
            return HIDDEN
        if _SECRET_NAME.match(name):
            scheme, space, credentials = value.partition(" ")
            if not space:
                return key_end(value)
            # Only of an opaque token is the tail harmless: that of Basic holds the end of a password.
            return f"{scheme} {key_end(credentials) if scheme.lower() == 'bearer' else HIDDEN}"
        return self.text(value)

    def query(self, query: str) -> str:
        """A query string; what stands in it alone, without a name, is a value."""
        return "&".join(self._parameter(part) for part in query.split("&"))

    def json(self, value: Any) -> Any:
        """A copy of a JSON value. Counts such as `maxToken: 3` stay."""
        if isinstance(value, dict):
            return {
                key: _without_texts(member) if _SECRET_NAME.match(key) else self.json(member)
                for key, member in value.items()
            }
        if isinstance(value, list):
            return [self.json(item) for item in value]
        return self.value(value) if isinstance(value, str) else value

    def text(self, text: str) -> str:
        """A text that is no JSON, or only the beginning of one."""
        return self.value(_PAIR.sub(self._pair, _MEMBER.sub(_member, text)))

    def value(self, text: str) -> str:
        """A text without the keys and tokens in it."""
        if len(text) < _SHORTEST:
            return text
        if self._is_key(text) or self._is_key(_decoded(text)):
            return key_end(text)
        for own in self._own:
            text = text.replace(own, key_end(own))
        shown = _SCHEME.sub(lambda found: found[1] + HIDDEN, _WEB_TOKEN.sub(HIDDEN, text))
        return _WORD.sub(self._word, shown)

    def _parameter(self, part: str) -> str:
        name, equals, value = part.partition("=")
        if not equals:
            return self.text(part)
        return f"{self.value(name)}={self._named(name, value)}"

    def _pair(self, found: re.Match[str]) -> str:
        return found[1] + self._named(found[2], found[3])

    def _named(self, name: str, value: str) -> str:
        if value.startswith(HIDDEN):
            return value
        return HIDDEN if value and _SECRET_NAME.match(_decoded(name)) else self.text(value)

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        plain = _decoded(word) if "%" in word else word
        if self._looks.fullmatch(plain) or _WEB_TOKEN.fullmatch(plain) or self._is_key(plain):
            return key_end(plain)
        return word


def _member(found: re.Match[str]) -> str:
    name = found[2]
    with suppress(ValueError):
        name = json.loads(f'"{name}"')
    return f'{found[1]}"{HIDDEN}"' if _SECRET_NAME.match(name) else found[0]


def _without_texts(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_texts(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_without_texts(item) for item in value]
    return HIDDEN if isinstance(value, str) else value


def _decoded(text: str) -> str:
    for _ in range(_MOST_DECODING):
        if "%" not in text and "+" not in text:
            break
        text = unquote_plus(text)
    return text


def key_end(key: str) -> str:
    """What is shown of a key: its last characters, when it is long enough to keep a secret all the same."""
    return HIDDEN + (key[-_TAIL:] if len(key) > 2 * _TAIL else "")
