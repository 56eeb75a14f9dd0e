"""The options that only the REST API has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from twosignal_conformance.engine.options import ApiOption


@dataclass(frozen=True, slots=True)
class User:
    """Who can sign in."""

    email: str
    password: str = field(repr=False)


def _read_user(text: str) -> User:
    email, colon, password = text.partition(":")
    if not colon or not email or not password:
        raise ValueError("expected EMAIL:PASSWORD")
    return User(email, password)


def _secrets_of(user: object) -> Mapping[str, str]:
    return {user.password: "$TWOSIGNAL_PASSWORD"} if isinstance(user, User) else {}


USER = ApiOption("user", "Somebody who can sign in.", "EMAIL:PASSWORD", _read_user, _secrets_of)

OPTIONS = (USER,)
