"""Keys and users as the registry gives them out."""

from __future__ import annotations

from dataclasses import dataclass

from twosignal_mock.engine.store._accounts import Project


class TakenError(Exception):
    """An API key or an e-mail address that is to be unique belongs to somebody already."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"The {field} {value} is taken already: choose another, or none to have one made")
        self.field = field
        """"api_key" or "email"."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that was issued."""

    project: Project
    revoked: bool
    tail: str


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in."""

    id: str
    email: str
    """As it was given."""
    password_digest: str
    salt: str
    project_id: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a new project is used with; told once, the store keeps digests only."""

    project: Project
    api_key: str
    email: str
    password: str
