"""Tokens: how they are made, and what they say. No clock: every function takes the time as an argument.

An access token is a JSON Web Token (RFC 7519) signed with HS256. A refresh token is `v1.<project>.<secret>`, the
project's id in base64url; the mock keeps only its digest, so a state file opens no session to anybody.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt

from twosignal_mock.engine.store import User

_ALGORITHM = "HS256"
_VERSION = "v1"
_SECRET_BYTES = 32
"""256 bits cannot be guessed; RFC 6749 section 10.10 asks for 160."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """Lifetimes in seconds, and what an access token claims; /x-rest-tokens."""

    access_lifetime: int
    access_claims: tuple[str, ...]
    refresh_lifetime: int

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Tokens:
        """The typed value of /x-rest-tokens."""
        access, refresh = row["access"], row["refresh"]
        return cls(access["lifetime"], tuple(access["claims"]), refresh["lifetime"])


@dataclass(frozen=True, slots=True)
class TokenId:
    """The `jti` of an access token; it tells whose session the token opens, without a look-up."""

    project: str
    session: str
    token: str
    """Tells the tokens of one session apart, also those of one second."""

    def __str__(self) -> str:
        return f"{self.project}.{self.session}.{self.token}"

    @classmethod
    def parse(cls, text: str) -> TokenId | None:
        """The reverse of str; the ids of sessions and tokens are UUIDs, only a project's may hold a dot."""
        parts = text.rsplit(".", 2)
        return cls(*parts) if len(parts) == 3 else None


class AccessTokens:
    """Issues and reads access tokens."""

    def __init__(self, tokens: Tokens, secret: bytes) -> None:
        self._tokens = tokens
        self._secret = secret
        # Time is the caller's: the library would ask the wall clock, and the mock's may stand still.
        self._options: Any = {
            "require": list(tokens.access_claims),
            "verify_exp": False,
            "verify_iat": False,
            "verify_nbf": False,
        }

    def issue(self, user: User, token_id: TokenId, now: int) -> tuple[str, int]:
        """The token, and when it expires in seconds since 1970; `now` is in milliseconds."""
        issued = now // 1000
        expires = issued + self._tokens.access_lifetime
        known = {"sub": user.id, "email": user.email, "iat": issued, "exp": expires, "jti": str(token_id)}
        claims = {name: known[name] for name in self._tokens.access_claims}
        return jwt.encode(claims, self._secret, algorithm=_ALGORITHM), expires

    def read(self, token: str, now: int) -> TokenId | None:
        """Whose session it opens; None when it was not issued here, or expired at `now` (milliseconds) or before."""
        try:
            claims: Mapping[str, Any] = jwt.decode(token, self._secret, algorithms=[_ALGORITHM], options=self._options)
        except jwt.InvalidTokenError:
            return None
        return TokenId.parse(claims["jti"]) if now < claims["exp"] * 1000 else None


def session_of_access(token: str, secret: bytes, now: int) -> TokenId | None:
    """Whose session an access token opens, whatever else it claims; None when it opens none at `now` (milliseconds)."""
    return AccessTokens(Tokens(0, ("exp", "jti"), 0), secret).read(token, now)


def project_of_access(token: str) -> str | None:
    """The project that an access token names, whether it is genuine or not; None when it names none."""
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError:
        return None
    name = claims.get("jti")
    token_id = TokenId.parse(name) if isinstance(name, str) else None
    return None if token_id is None else token_id.project


def new_refresh_token(project_id: str) -> str:
    """A token that nobody can guess. Not from the seed: a seed repeats data, a secret must never repeat."""
    project = base64.urlsafe_b64encode(project_id.encode()).decode().rstrip("=")
    return f"{_VERSION}.{project}.{secrets.token_urlsafe(_SECRET_BYTES)}"


def project_of_refresh(token: str) -> str | None:
    """The project that a refresh token names, whether it is genuine or not; None when it names none."""
    version, _, rest = token.partition(".")
    encoded, _, secret = rest.partition(".")
    if version != _VERSION or not secret:
        return None
    try:
        return base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        return None


def digest(token: str) -> str:
    """What is kept of a refresh token: SHA-256, hexadecimal digits. It is random, so a salt would add nothing."""
    return hashlib.sha256(token.encode()).hexdigest()
