"""What never leaves the run: keys, passwords and tokens, replaced wherever they turn up in what people are shown."""

from __future__ import annotations

import base64
import json
import re
import threading
from urllib.parse import quote, quote_plus

HIDDEN = "[redacted]"

_SHORTEST = 4
"""Characters; a shorter secret would turn up inside of ordinary words, so it is hidden by the name beside it alone."""

_NAMES = r"(?:[\w.-]*(?:token|password|secret)|api[_-]?key)"
_MEMBER = re.compile(rf'(?i)("{_NAMES}"\s*:\s*)"(?:[^"\\]|\\.)*"?')
_PAIR = re.compile(rf"(?i)((?:^|[?&;\s]){_NAMES}=)[^&;\s\"']*")
_COOKIE = re.compile(r"(?i)(\b(?:set-)?cookie\s*:\s*)[^\r\n'\"]+")
_ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_JWT = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*")


class Secrets:
    """Knows every secret of the run and what stands in its place."""

    def __init__(self) -> None:
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

    def hide(self, text: str) -> str:
        """The text without anything secret, and without signs that command a terminal or fit into no file."""
        for form in self._order:
            if form in text:
                text = text.replace(form, self._places[form])
        text = _MEMBER.sub(_hide_member, text)
        text = _PAIR.sub(_hide_pair, text)
        return _ODD.sub(_escape, _JWT.sub(HIDDEN, _COOKIE.sub(rf"\1{HIDDEN}", text)))


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


def _hide_member(match: re.Match[str]) -> str:
    return match[0] if "$TWOSIGNAL" in match[0] else f'{match[1]}"{HIDDEN}"'


def _hide_pair(match: re.Match[str]) -> str:
    return match[0] if "$TWOSIGNAL" in match[0] else f"{match[1]}{HIDDEN}"


def _forms(secret: str) -> set[str]:
    """The ways in which a secret may be written: plain, in a URL, inside a JSON string, in base64."""
    raw = secret.encode()
    forms = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    forms.add(json.dumps(secret, ensure_ascii=False)[1:-1])
    for encoded in (base64.b64encode(raw), base64.b64encode(raw + b":"), base64.urlsafe_b64encode(raw)):
        forms.add(encoded.decode().rstrip("="))
    return forms
