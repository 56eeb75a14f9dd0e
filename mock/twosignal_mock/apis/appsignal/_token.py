"""The token check: any token that comes this far is valid."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from twosignal_contract import Contract

from twosignal_mock.engine.api import Call, Dependencies, Handler

_DIGITS = 24
"""Of an id, as AppSignal writes them."""


def handlers(_contract: Contract, _dependencies: Dependencies) -> Iterator[Handler]:
    """GET /auth."""
    yield Handler("verifyToken", lambda call, _: _confirm(call), stateless=True)


def _confirm(call: Call) -> object:
    """A sandbox stands for all that one user sees, so its project stands for the user."""
    user = sha256(f"user {call.project.id}".encode()).hexdigest()[:_DIGITS]
    return {"message": f"Authenticated as user {user}"}
