"""What the store keeps above the projects: projects themselves, their keys, users and snapshots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Project:
    """Whose data a call may see; every API key belongs to one."""

    number: int
    """Partition of the store. A reset gives the project a new one, so that dropping old rows never blocks a call."""
    id: str
    name: str
    plan: str
    """A key of Contract.plans."""


class ProjectRecord(NamedTuple):
    """A project; `number` is the partition of its rows and changes with every reset."""

    id: str
    number: int
    name: str
    plan: str


class KeyRecord(NamedTuple):
    """An API key: its SHA-256 digest as hexadecimal digits, and its last characters for people."""

    digest: str
    project_id: str
    tail: str
    revoked: bool


class UserRecord(NamedTuple):
    """Somebody who signs in; `email` is as it was given, digest and salt are hexadecimal digits."""

    id: str
    email: str
    password_digest: str
    salt: str
    project_id: str


class SnapshotRecord(NamedTuple):
    """A copy of a project's rows under a number of its own."""

    project_id: str
    name: str
    number: int
    created: int
    """Milliseconds since 1970."""
