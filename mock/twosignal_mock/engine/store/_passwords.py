"""Passwords are kept as scrypt digests only."""

from __future__ import annotations

import hashlib
import hmac

_COST = 2**11
"""scrypt's n: 5 ms. Users of a mock are made by the hundred in tests; a service would take 2**14 or more."""


def digest_password(password: str, salt: str) -> str:
    """The digest as hexadecimal digits; `salt` are such digits too."""
    return hashlib.scrypt(password.encode(errors="surrogatepass"), salt=bytes.fromhex(salt), n=_COST, r=8, p=1).hex()


def password_fits(password: str, salt: str, digest: str) -> bool:
    """Whether the password has this digest; compared in constant time."""
    return hmac.compare_digest(digest_password(password, salt), digest)


NOBODY = ("00" * 16, "00" * 64)
"""Salt and digest that no password fits: what is compared when there is no such user."""
