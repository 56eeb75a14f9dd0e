"""The header fields of a request as HTTP means them: one value for each name, lists joined, parameters parsed.

RFC 9110 section 5.3: lines of one field that is a list are one list; a field that is none may stand several times only
with one and the same value. Which of two credentials counts is nobody's guess.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from twosignal_mock.engine.api import ApiError
from twosignal_mock.engine.http._asgi import Header
from twosignal_mock.engine.validation import JSON

SINGLE = frozenset(
    b"authorization content-length content-location content-type date from host if-modified-since if-range"
    b" if-unmodified-since last-modified max-forwards origin proxy-authorization range referer traceparent"
    b" user-agent".split()
)
"""Fields that hold one value, for any API. RFC 9110, RFC 6454 and Trace Context name them."""

LONGEST = 80
"""Characters of a field that a message repeats."""

_COOKIE = b"cookie"
_PLAIN = JSON.encode()
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
"""Those in which every text is the same bytes as in UTF-8."""
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - of HTTP's grammar
_MEDIA_TYPE = re.compile(rf"\s*({_TOKEN}/{_TOKEN})\s*(?=;|\Z)")
_PARAMETER = re.compile(rf';\s*(?:({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*)"))?\s*(?=;|\Z)')


def combine(lines: Sequence[Header], single: frozenset[bytes]) -> tuple[dict[bytes, bytes], bytes | None]:
    """One value for each field, and the name of one of `single` that stands there with two, which has none then."""
    values: dict[bytes, list[bytes]] = {}
    for name, value in lines:
        values.setdefault(name, []).append(value)
    fields: dict[bytes, bytes] = {}
    contradiction = None
    for name, all_values in values.items():
        if name not in single:
            fields[name] = (b"; " if name == _COOKIE else b", ").join(all_values)
        elif len(set(all_values)) == 1:
            fields[name] = all_values[0]
        else:
            contradiction = name
    return fields, contradiction


def refuse_contradiction(name: bytes) -> ApiError:
    """The error of a request with two values of a field that has one."""
    return ApiError("malformed-request", problem=f"{name.decode('latin-1').title()} has several values; send one")


def check_media_type(content_type: bytes | None, allowed: Sequence[str]) -> None:
    """Raises ApiError unless the media type is one of `allowed`, in UTF-8 if it names a character set."""
    if content_type == _PLAIN and JSON in allowed:
        return
    expected = " or ".join(allowed)
    if content_type is None:
        raise ApiError("unsupported-media-type", received="(none)", expected=expected)
    text = content_type.decode("latin-1")
    found = _MEDIA_TYPE.match(text)
    if found is None or found.group(1).lower() not in allowed:
        raise ApiError("unsupported-media-type", received=text[:LONGEST], expected=expected)
    if any(name == "charset" and value.lower() not in _CHARSETS for name, value in _parameters(text[found.end() :])):
        raise ApiError("unsupported-media-type", received=text[:LONGEST], expected=f"{expected} in UTF-8")


def codings(value: bytes | None) -> tuple[str, ...]:
    """The codings of a Content-Encoding, in the order in which they were applied; without those that change nothing."""
    names = (part.strip().lower() for part in (value or b"").decode("latin-1").split(","))
    return tuple(name for name in names if name not in ("", "identity"))


def _parameters(text: str) -> Iterator[tuple[str, str]]:
    """Names, in lower case, and values, without quotes; nothing behind what cannot be read."""
    at = 0
    while found := _PARAMETER.match(text, at):
        name, token, quoted = found.groups()
        if name is not None:
            yield name.lower(), token if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
        at = found.end()
