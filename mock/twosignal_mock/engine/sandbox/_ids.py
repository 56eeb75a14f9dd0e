"""Identifiers that repeat: a UUID is a hash of seed, sandbox and a counter, so the same calls get the same ids."""

from __future__ import annotations

from hashlib import blake2b

_VARIANTS = "89ab"
"""The first digit of a UUID's fourth group (RFC 9562 section 4.1)."""


class IdSource:
    """Gives UUIDs in the shape of version 4."""

    __slots__ = ("_count", "_hash")

    def __init__(self, seed: int, sandbox: str, salt: str = "") -> None:
        self._hash = blake2b(repr((seed, sandbox, salt)).encode(), digest_size=16)
        self._count = 0

    def __call__(self) -> str:
        """The next id."""
        self._count += 1
        digest = self._hash.copy()
        digest.update(self._count.to_bytes(8))
        text = digest.hexdigest()
        variant = _VARIANTS[int(text[16], 16) & 3]
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"

    def branch(self, salt: str) -> None:
        """Go on with other ids: after rows came in from elsewhere that may hold the ids that would be next."""
        self._hash.update(salt.encode())
