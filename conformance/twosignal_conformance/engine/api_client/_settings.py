"""What a run was asked for, checked once and then never changed; the keys that it may use, and the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from os.path import commonpath
from pathlib import Path

import httpx

_PORTS = 2**16


class Profile(StrEnum):
    """How much of the suite runs; each one runs what the one before runs, and more."""

    QUICK = "quick"
    STANDARD = "standard"
    THOROUGH = "thorough"

    def includes(self, other: Profile) -> bool:
        """True when a run of this profile runs checks of the other one."""
        order = list(Profile)
        return order.index(other) <= order.index(self)


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
class Settings:
    """Everything that shapes what is sent; how it is reported is no part of it."""

    url: str
    """The origin and a possible prefix, without the base path of the API and without a slash at its end."""
    keys: dict[Key, str] = field(repr=False)
    """MAIN, and what was given of OTHER and REVOKED."""
    run_id: str
    seed: int
    chosen_run_id: bool = False
    """Whether somebody chose the run id: then an earlier run may have had it."""
    options: Mapping[str, object] = field(default_factory=dict, repr=False)
    """What was given of the options that only this API has, read, by how they are typed ("--user")."""
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
    """True when this is --plan-requests: nothing is sent."""
    ledger: Path | None = None
    """None keeps no ledger, for a run that sends nothing."""


class AddressError(ValueError):
    """An address that is no HTTP URL."""


def base_address(url: str, paths: list[str]) -> str:
    """The origin of a URL, with what stands before the API; the base path that the documentation prints may be there.

    `paths` are those of the document; what they share is cut from the end of the URL.
    """
    text = url.strip()
    try:
        parsed = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise AddressError(f"{text!r} is not a URL ({error}); expected something like https://host:3000") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise AddressError(f"{text!r} is not an address of a server; expected http:// or https:// and a host")
    if parsed.port is not None and not 0 < parsed.port < _PORTS:
        raise AddressError(f"{text!r} has no port that exists; expected 1 to {_PORTS - 1}")
    if parsed.userinfo:
        raise AddressError("the address holds a user or a password, and the API key needs their header; leave them out")
    if parsed.query or parsed.fragment:
        raise AddressError(f"{text!r} holds a query or a fragment; expected the address alone")
    base = commonpath(paths)
    return str(parsed).rstrip("/").removesuffix(base).rstrip("/")
