"""Sessions in the store: their record, and what a repository offers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class SessionRecord(NamedTuple):
    """Somebody who is signed in."""

    id: str
    user: str
    """Id of the user."""
    refresh_digest: str
    """SHA-256, hexadecimal digits, of the one refresh token that still opens the session; the token is not kept."""
    refresh_expires: int
    """Milliseconds since 1970; from then on the refresh token is refused."""
    created: int
    """Milliseconds since 1970."""


class Sessions(Protocol):
    """The open sessions of the users of a project."""

    def find(self, session_id: str) -> SessionRecord | None:
        """The session of this id, if it is open."""
        ...

    def find_by_refresh(self, digest: str) -> SessionRecord | None:
        """The open session whose present refresh token has this SHA-256 digest, in hexadecimal digits."""
        ...

    def put(self, session: SessionRecord) -> None:
        """Keeps a session, in the place of the one with its id if there is one."""
        ...

    def end(self, session_id: str) -> None:
        """Ends a session; one that is not open stays so."""
        ...

    def end_expired(self, now: int) -> None:
        """Ends those whose refresh token expired at `now` (milliseconds since 1970) or before."""
        ...

    def all(self) -> Iterable[SessionRecord]:
        """All open sessions, by id."""
        ...
