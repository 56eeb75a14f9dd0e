"""What the store keeps of a session: a plain value, the same for every implementation."""

from __future__ import annotations

from typing import NamedTuple


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
