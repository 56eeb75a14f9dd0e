"""CORS (Fetch standard, 3.3): what a browser must hear so that a page of any origin may call the API with a key."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

Header = tuple[bytes, bytes]

_HEADER_NAMES = re.compile(rb"[A-Za-z0-9!#$%&'*+.^_`|~-]+(\s*,\s*[A-Za-z0-9!#$%&'*+.^_`|~-]+)*")
_ALLOWED_HEADERS = b"Authorization, Content-Type, Content-Encoding, Prefer"
PREFLIGHT = "OPTIONS"
"""The method of a preflight, which another request may have as well."""
_MAX_AGE = b"600"
"""Seconds; what Chromium caps a preflight at is 7200."""

_PRIVATE_NETWORK = (b"access-control-allow-private-network", b"true")
"""A page of a public site may call a mock on this machine (Private Network Access, section 3.1.1)."""

ANY_ORIGIN: Header = (b"access-control-allow-origin", b"*")


class Cors:
    """Makes the headers of preflights and of responses."""

    def __init__(self, exposed: Iterable[str]) -> None:
        self._marks: list[Header] = [ANY_ORIGIN, (b"access-control-expose-headers", ", ".join(exposed).encode())]

    def marks(self) -> list[Header]:
        """The headers of every response to a request with an Origin."""
        return self._marks

    def preflight(self, headers: Mapping[bytes, bytes], methods: Iterable[str]) -> list[Header]:
        """The headers of the response to a preflight for a path with these methods."""
        wanted = headers.get(b"access-control-request-headers", b"")
        # Naming what was asked for allows a page everything, and unlike `*` it also covers Authorization.
        allowed = wanted if _HEADER_NAMES.fullmatch(wanted) else _ALLOWED_HEADERS
        private = [_PRIVATE_NETWORK] if headers.get(b"access-control-request-private-network") == b"true" else []
        return [
            ANY_ORIGIN,
            *private,
            (b"access-control-allow-methods", ", ".join(methods).encode()),
            (b"access-control-allow-headers", allowed),
            (b"access-control-max-age", _MAX_AGE),
            (b"vary", b"Access-Control-Request-Headers, Access-Control-Request-Private-Network"),
        ]


def is_preflight(headers: Mapping[bytes, bytes]) -> bool:
    """Whether a browser asks for leave, by the headers of a request with the method PREFLIGHT."""
    return b"origin" in headers and b"access-control-request-method" in headers
