"""What the engine itself keeps: projects, their API keys, users and snapshots. All else belongs to an API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol


class TakenError(Exception):
    """Another project already has this API key or e-mail address."""

    def __init__(self, field: str, value: str) -> None:
        super().__init__(f"The {field} {value} is taken already: choose another, or none to have one made")
        self.field = field
        """"api_key" or "email"."""


@dataclass(frozen=True, slots=True)
class Project:
    """Whose data a call may see; every API key belongs to one."""

    number: int
    """Partition of the store. A reset gives the project a new one, so that dropping old rows never blocks a call."""
    id: str
    name: str
    plan: str
    """A key of Contract.plans."""
    home: str = ""
    """Id of the project whose sandbox it shares; empty: it has its own."""
    created: int = 0
    """Milliseconds since 1970, by the clock of its sandbox; 0 for a project of an older build."""


class KeyRecord(NamedTuple):
    """An API key as the store keeps it."""

    digest: str
    """SHA-256 of the key, as hexadecimal digits. The key itself is not kept."""
    project_id: str
    tail: str
    """Its last characters, for people."""
    revoked: bool
    id: str = ""
    """Names it where the key itself must not be told."""
    name: str = ""
    """What people call it; empty when nobody gave it a name."""
    head: str = ""
    """Its first characters, for people; empty for a key of an older build."""
    created: int = 0
    """Milliseconds since 1970; 0 for a key of an older build."""
    creator: str | None = None
    """Id of the user who made it; None: it came with its project, or by the control API."""
    ended: int | None = None
    """When it was revoked, milliseconds since 1970."""
    replaces: str | None = None
    """Id of the key in whose place it was made."""
    last_used: int | None = None
    """Milliseconds since 1970; what the last run of the server left."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who can sign in."""

    id: str
    email: str
    """As it was given."""
    password_digest: str
    """Hexadecimal digits, as `salt`."""
    salt: str
    project_id: str


class SnapshotRecord(NamedTuple):
    """A copy of a project's rows under a number of its own."""

    project_id: str
    name: str
    number: int
    created: int
    """Milliseconds since 1970."""


def fold_email(email: str) -> str:
    """The address by which a user is found: upper and lower case are alike."""
    return email.strip().lower()


class Accounts(Protocol):
    """The repository of accounts. It is not bound to a project."""

    def projects(self) -> Sequence[Project]:
        """All projects, in the order of their numbers."""
        ...

    def projects_of(self, sandbox: str) -> Sequence[Project]:
        """The projects of a sandbox: its own, whose id it has, and then those that share it, oldest first."""
        ...

    def api_keys(self) -> Sequence[KeyRecord]:
        """All API keys."""
        ...

    def keys_of(self, project_id: str) -> Sequence[KeyRecord]:
        """The keys of a project, oldest first."""
        ...

    def users(self) -> Sequence[User]:
        """All users, oldest first."""
        ...

    def snapshots(self) -> Sequence[SnapshotRecord]:
        """All snapshots, oldest first."""
        ...

    def next_number(self) -> int:
        """A project number that was never given out."""
        ...

    def save_project(self, project: Project) -> None:
        """Keeps a project in place of the one with its id."""
        ...

    def add_key(self, key: KeyRecord) -> None:
        """Keeps a new key. Raises TakenError when there is one with its digest."""
        ...

    def revoke_key(self, digest: str, now: int | None = None) -> None:
        """Marks the key with this digest as revoked at `now`, milliseconds since 1970."""
        ...

    def use_key(self, digest: str, now: int) -> None:
        """Keeps when the key with this digest was last used, milliseconds since 1970."""
        ...

    def drop_keys(self, project_id: str) -> None:
        """Forgets all keys of a project."""
        ...

    def add_user(self, user: User) -> None:
        """Keeps a new user. Raises TakenError when there is one with this address, whatever its case."""
        ...

    def save_snapshot(self, snapshot: SnapshotRecord) -> None:
        """Keeps a snapshot in place of the one with its name."""
        ...

    def drop_project(self, project_id: str) -> None:
        """Forgets a project with its keys, users and snapshots. Rows.drop_some removes the rows."""
        ...

    def drop_snapshot(self, project_id: str, name: str) -> None:
        """Forgets a snapshot. Rows.drop_some removes the rows."""
        ...
