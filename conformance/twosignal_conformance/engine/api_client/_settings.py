"""What a run was asked for, checked once and then never changed; and the keys it may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from twosignal_conformance.engine.api_client._budget import Profile


class Key(StrEnum):
    """With which API key a request is sent."""

    MAIN = "--api-key"
    OTHER = "--other-api-key"
    """Of another project."""
    REVOKED = "--revoked-api-key"
    NEVER_ISSUED = "never-issued"
    """One that looks like a key and that no server ever gave out."""
    NONE = "none"
    """No Authorization header at all."""


@dataclass(frozen=True, slots=True)
class User:
    """Who can sign in."""

    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that shapes what is sent; how it is reported is no part of it."""

    url: str
    """The origin and a possible prefix, without /api/v1 and without a slash at its end."""
    keys: dict[Key, str] = field(repr=False)
    """MAIN, and what was given of OTHER and REVOKED."""
    run_id: str
    seed: int
    user: User | None = None
    plan: str | None = None
    profile: Profile = Profile.STANDARD
    now: datetime | None = None
    """With zone UTC."""
    settle: float = 10.0
    """Seconds."""
    max_time: float | None = None
    """Seconds."""
    timeout: float = 30.0
    """Seconds for one request; the first one has a shorter one of its own."""
    read_only: bool = False
    allow_burst: bool = False
    dry: bool = False
    """Whether this is --plan-requests: nothing is sent."""
    ledger: Path | None = None
    """None keeps no ledger, for a run that sends nothing."""
