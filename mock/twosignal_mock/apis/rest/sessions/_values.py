"""What sessions work with, besides the records of the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody gets who signs in or refreshes."""

    access_token: str
    expires_at: int
    """When the access token expires: Unix time in seconds."""
    refresh_token: str
    user_id: str
    email: str
    project_id: str


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
