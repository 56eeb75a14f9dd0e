"""What never leaves the run: keys, passwords and tokens, replaced wherever they turn up in what people are shown."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Sequence
from itertools import takewhile
from urllib.parse import quote, quote_plus

from twosignal_conformance.engine.texts import SHOWN, one_line, visible

HIDDEN = "[redacted]"

_SHORTEST = 4
"""Characters; a shorter secret would turn up inside of ordinary words, so it is hidden by the name beside it alone."""

_CUT = 12
"""Characters; so much of the beginning of a secret is hidden, too, where a text was cut in the middle of it."""

_READ = 64_000
"""Characters of a text that are looked at for an excerpt: many times what any report shows."""

_COOKIE = re.compile(r"(?i)(\b(?:set-)?cookie\s*:\s*)[^\r\n'\"]+")
_VARIABLE = re.compile(r"\$TWOSIGNAL_[A-Z_]+")
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")


class Secrets:
    """Knows every secret of the run and what stands in its place.

    `names` are the ends of names of fields and parameters whose values are secret, in lower case, such as "token".
    """

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._names = tuple(names)
        ends = rf"(?:[\w.-]*(?:{'|'.join(map(re.escape, names))})|api[_-]?key)" if names else r"api[_-]?key"
        self._member = re.compile(rf'(?i)("{ends}"\s*:\s*)"(?:[^"\\]|\\.)*"?')
        self._pair = re.compile(rf"(?i)((?:^|[?&;\s]){ends}=)[^&;\s\"']*")
        self._lock = threading.Lock()
        self._places: dict[str, str] = {}
        self._order: tuple[str, ...] = ()

    def learn(self, secret: str, place: str = HIDDEN) -> None:
        """From now on show `place` instead of the secret, however it is written."""
        if len(secret) < _SHORTEST:
            return
        with self._lock:
            for form in _forms(secret):
                self._places.setdefault(form, place)
            # Longest first: a key that is the beginning of another one must not leave the rest of that one behind.
            self._order = tuple(sorted(self._places, key=len, reverse=True))

    def names_secret(self, name: str) -> bool:
        """True when a field or parameter of this name holds a secret."""
        return name.lower().endswith(self._names)

    def named_in(self, body: bytes) -> bool:
        """True when a body may have a field that holds a secret: cheaper than to read it."""
        return any(name.encode() in body for name in self._names)

    def hide(self, text: str) -> str:
        """The text without anything secret, and without signs that command a terminal or fit into no file."""
        return visible(self.conceal(text))

    def conceal(self, text: str) -> str:
        """The text without anything secret, and else as it is."""
        for form in self._order:
            if form in text:
                text = text.replace(form, self._places[form])
        for form in self._order:
            if form[:_CUT] in text and len(form) > _CUT:
                text = _without_beginning(text, form, self._places[form])
        text = self._member.sub(_hide_member, text)
        text = self._pair.sub(_hide_pair, text)
        return _JWT.sub(HIDDEN, _COOKIE.sub(_hide_cookie, text))

    def line(self, text: str, most: int = SHOWN) -> str:
        """The text on one line, hidden before it is cut: the half of a key is no longer known as one."""
        return one_line(self.conceal(text[:_READ]), most)


def _without_beginning(text: str, form: str, place: str) -> str:
    """The text without a beginning of the secret behind which it was cut, at its end or before an ellipsis."""
    done, rest = "", text
    while (at := rest.find(form[:_CUT])) >= 0:
        end = at + sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(form, rest[at:], strict=False)))
        cut = rest[end:].startswith(("...", "\u2026")) or end == len(rest)
        done += rest[:at] + (place if cut else rest[at:end])
        rest = rest[end:]
    return done + rest


def _hide_member(match: re.Match[str]) -> str:
    return match[0] if "$TWOSIGNAL" in match[0] else f'{match[1]}"{HIDDEN}"'


def _hide_pair(match: re.Match[str]) -> str:
    return match[0] if "$TWOSIGNAL" in match[0] else f"{match[1]}{HIDDEN}"


def _hide_cookie(match: re.Match[str]) -> str:
    """A cookie is hidden unless it is nothing but variables that stand for secrets."""
    rest = _VARIABLE.sub("", match[0][len(match[1]) :])
    return f"{match[1]}{HIDDEN}" if rest.strip(" ;") else match[0]


def _forms(secret: str) -> set[str]:
    """The ways in which a secret may be written: plain, in a URL, in JSON (within JSON, too), in base64, in hex."""
    raw = secret.encode()
    once = {json.dumps(secret, ensure_ascii=ascii_)[1:-1] for ascii_ in (True, False)}
    once |= {form.replace("/", r"\/") for form in once}
    # Escaped again: JSON in a string of JSON, and as Python shows a string that holds JSON.
    again = {json.dumps(form, ensure_ascii=False)[1:-1] for form in once} | {repr(form)[1:-1] for form in once}
    forms = {secret, quote(secret, safe=""), quote_plus(secret), raw.hex()} | once | again
    # Names of headers come back in lower case, and who makes a variable of one writes it in upper case.
    forms |= {form.lower() for form in forms} | {form.upper() for form in forms}
    for encoded in (base64.b64encode(raw), base64.b64encode(raw + b":"), base64.urlsafe_b64encode(raw)):
        forms.add(encoded.decode().rstrip("="))
    return forms
