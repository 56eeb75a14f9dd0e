"""Who asks: finds the project of the API key that a request carries, or why it has none."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import NamedTuple

from twosignal_mock.engine.api import Project
from twosignal_mock.engine.store import UNKEYED, ProjectRegistry, TakenError

LONGEST_KEY = 200
"""Characters of an unknown key that may open a sandbox; issued ones are far shorter."""

_MOST_KEPT = 1000
"""Headers whose identities are kept; a key has one or two."""

_SCHEME = b"bearer"
_PRINTABLE = re.compile(r"[!-~]+")


class Identity(NamedTuple):
    """What an Authorization header says."""

    project: Project
    """The reserved project when no known key came."""
    key: str | None = None
    """The key, when it is known and not revoked."""
    token: str | None = None
    """Whatever came under the scheme Bearer."""
    refusal: str | None = None
    """The cause for which an operation that needs a key refuses this; None: it does not."""


class Identities:
    """Looks keys up. They are found by digest, so that the time it takes tells nothing of the keys that exist."""

    def __init__(self, catalogue: ProjectRegistry, *, any_key_plan: str | None, prefixes: Iterable[str]) -> None:
        self._catalogue = catalogue
        self._any_key_plan = any_key_plan
        self._prefixes = tuple(prefixes)
        self._kept: dict[bytes | None, Identity] = {}
        """Of headers with a known key, and of none; as of `_version` of the catalogue."""
        self._version = catalogue.version

    @property
    def unkeyed(self) -> Project:
        """The reserved project of all requests without a known key."""
        project = self._catalogue.project(UNKEYED)
        if project is None:
            raise LookupError(UNKEYED)
        return project

    def find(self, authorization: bytes | None) -> Identity:
        """The identity behind a header value."""
        if self._version != self._catalogue.version:
            self._kept.clear()
            self._version = self._catalogue.version
        kept = self._kept.get(authorization)
        if kept is not None:
            return kept
        identity = self._find(authorization)
        if identity.key is not None or authorization is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[authorization] = identity
        return identity

    def _find(self, authorization: bytes | None) -> Identity:
        token = bearer_token(authorization)
        if token is None:
            return Identity(self.unkeyed, refusal="missing-key")
        known = self._catalogue.find_key(token)
        if known is None:
            return Identity(self.unkeyed, token=token, refusal="invalid-key")
        if known.revoked:
            return Identity(self.unkeyed, token=token, refusal="revoked-key")
        return Identity(known.project, token, token)

    async def admit(self, identity: Identity) -> Identity:
        """The identity of an unknown key that opens a project of its own, if that is allowed; else the same one."""
        token = identity.token
        if self._any_key_plan is None or token is None or identity.refusal != "invalid-key":
            return identity
        if len(token) > LONGEST_KEY or not token.startswith(self._prefixes) or not _PRINTABLE.fullmatch(token):
            return identity
        # Named by the key, so that the same key meets the same seeded faults and ids in every run.
        name = f"any-{hashlib.sha256(token.encode()).hexdigest()[:12]}"
        try:
            credentials = await self._catalogue.create_project(name=name, plan=self._any_key_plan, api_key=token)
        except TakenError:
            # Another request with the same key came first.
            return self.find(b"Bearer " + token.encode())
        return Identity(credentials.project, token, token)


def bearer_token(authorization: bytes | None) -> str | None:
    """The token of a header value; None when there is none of the scheme Bearer (RFC 6750; the scheme in any case)."""
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(b" ")
    token = token.strip()
    return token.decode("latin-1") if token and scheme.lower() == _SCHEME else None
